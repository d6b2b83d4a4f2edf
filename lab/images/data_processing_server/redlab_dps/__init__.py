"""The stand-in data processing server. The holder of the lease moves events into the database."""
