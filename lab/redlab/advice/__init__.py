"""Which redundancy pattern satisfies given needs, what it costs, and how available it would be. Pure."""
