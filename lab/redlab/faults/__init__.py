"""Faults: the changes that are made to a lab on purpose, and their reversal."""
