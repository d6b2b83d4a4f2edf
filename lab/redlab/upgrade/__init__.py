"""Upgrades: new images where nobody is served just now, then a switchover, then the rest (docs/adr/0016)."""
