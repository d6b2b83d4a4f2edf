"""The common code of the Python stand-ins: environment, logs, database sessions, and the lease as nodes read it."""
