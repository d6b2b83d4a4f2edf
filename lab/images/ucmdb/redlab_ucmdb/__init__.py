"""The stand-in UCMDB: the system of record for topology, and the integrations that synchronise it with the RTSMs."""
