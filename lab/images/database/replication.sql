-- The standby of another instance: it streams, keeps its place by a slot, and is rewound (pg_rewind's documentation).
\set password `cat /etc/redlab/secrets/replication-password`
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'password';
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO replicator;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO replicator;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO replicator;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO replicator;
GRANT pg_checkpoint TO replicator;
-- A subscription's first copy, and the definitions of the tables, which it does not bring.
GRANT pg_read_all_data TO replicator;
