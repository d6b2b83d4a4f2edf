"""Predicting recovery times from a topology's timers, and the part that each element plays. Pure."""
