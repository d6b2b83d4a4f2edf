"""Command line, probes, faults and drills."""
