"""Drills: a fault, the load before, during and after it, and the cost of the fault."""
