"""The kinds of a collector's items, found in the text of a pulled chunk. Pure."""

import re

EVENT, METRIC, TOPOLOGY = "event", "metric", "topology"

# Searches that end fast without a match: a single backslash at once, the end of a key sooner than its begin.
_KIND = re.compile(r'"kind"\s*:\s*"(\w+)"')


def may_be_untwinned(body: str) -> bool:
    """Tell whether a chunk may have batches of a collector that declares that it has no twin."""
    return 'twin"' in body or _escapes(body)


def kinds_in(body: str) -> frozenset[str]:
    """Return the kinds beside events that a chunk may contain, perhaps too many, after one search of its text."""
    if _escapes(body):
        return frozenset((METRIC, TOPOLOGY))
    return frozenset(_KIND.findall(body)) & {METRIC, TOPOLOGY} if 'kind"' in body else frozenset()


def _escapes(body: str) -> bool:
    """Tell whether letters may be written as escape sequences."""
    return "\\" in body and "\\u" in body
