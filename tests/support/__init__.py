"""Helpers of the tests, by what is tested; no test stands here."""

from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
