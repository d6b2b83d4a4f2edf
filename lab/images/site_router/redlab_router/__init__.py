"""The router between the sites of a lab."""
