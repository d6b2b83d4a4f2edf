"""The collector: a steady trickle of events, and an open-loop load generator that records every request.

It uses the standard library and uvloop only.
"""
