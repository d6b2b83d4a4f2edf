-- The role of the gateways and data processing servers, and the four logical databases.
\set password `cat /etc/redlab/secrets/database-password`
CREATE ROLE redlab LOGIN PASSWORD :'password';
CREATE DATABASE management OWNER redlab;
CREATE DATABASE profile OWNER redlab;
CREATE DATABASE event OWNER redlab;
CREATE DATABASE rtsm OWNER redlab;
