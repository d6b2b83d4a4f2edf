-- The role of the gateways and data processing servers, and the logical databases.
\set password `cat /etc/redlab/secrets/database-password`
CREATE ROLE redlab LOGIN PASSWORD :'password';
-- System Health shows the standbys and their lag.
GRANT pg_read_all_stats TO redlab;
\if :{?databases}
\else
  \set databases 'management profile event rtsm'
\endif
SELECT format('CREATE DATABASE %I OWNER redlab', name) FROM unnest(string_to_array(:'databases', ' ')) AS name \gexec
