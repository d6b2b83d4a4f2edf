"""The bound of a recovery, derived from the timers of a topology, and the part that each element plays. Pure."""
