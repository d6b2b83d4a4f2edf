"""Stand-in UCMDB: the system of record for topology, and the integrations that keep it and the RTSMs equal."""
