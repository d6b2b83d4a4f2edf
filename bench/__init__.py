"""Measurements and campaigns: commands to run, not tests."""
