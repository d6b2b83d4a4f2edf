"""What the stand-ins written in Python share: environment, logs, database sessions, the lease as seen by everybody."""
