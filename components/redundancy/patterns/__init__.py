"""The redundancy patterns, one a file."""
