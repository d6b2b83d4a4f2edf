"""The collector: a steady trickle of events, and an open-loop load generator that keeps the history of every request.

Standard library alone, apart from uvloop.
"""
