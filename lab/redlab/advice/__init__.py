"""Advice: the redundancy patterns that satisfy given needs, their costs and simulated availability. Pure."""
