-- The standby of another instance streams, keeps its place with a slot, and is rewound (pg_rewind's documentation).
\set password `cat /etc/redlab/secrets/replication-password`
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'password';
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO replicator;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO replicator;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO replicator;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO replicator;
GRANT pg_checkpoint TO replicator;
-- For a subscription's first copy, and for the definitions of the tables, which subscriptions do not copy.
GRANT pg_read_all_data TO replicator;
