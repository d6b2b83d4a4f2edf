"""The stand-in data processing server: one of them, the holder of the lease, moves events into the database."""
