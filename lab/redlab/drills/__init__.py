"""Drills: a fault, load before, during and after it, and what it cost."""
