"""The kinds of what collectors send, as the text of a pulled chunk has them. Pure."""

import re

EVENT, METRIC, TOPOLOGY = "event", "metric", "topology"

# What is searched for is chosen by how fast it is not found: a lone backslash in no time, a key's end before its begin.
_KIND = re.compile(r'"kind"\s*:\s*"(\w+)"')


def may_be_untwinned(body: str) -> bool:
    """Return whether a chunk may have batches of a collector that says that it has no twin."""
    return 'twin"' in body or _escapes(body)


def kinds_in(body: str) -> frozenset[str]:
    """Return which kinds beside events may be in a chunk: none too few, at the cost of one search of its text."""
    if _escapes(body):
        return frozenset((METRIC, TOPOLOGY))
    return frozenset(_KIND.findall(body)) & {METRIC, TOPOLOGY} if 'kind"' in body else frozenset()


def _escapes(body: str) -> bool:
    """Return whether any letter may be written as an escape sequence."""
    return "\\" in body and "\\u" in body
