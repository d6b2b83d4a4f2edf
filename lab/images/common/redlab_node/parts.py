"""Splits messages over several requests of bounded size. Pure."""

from collections.abc import Sequence

LARGEST_POST_BYTES = 1024 * 1024
"""A server accepts more than this and one message together."""


def parts(messages: Sequence[str], limit: int) -> list[list[str]]:
    """Return the messages in order, in lists of at most ``limit`` characters; a longer message has its own list.

    Without messages there is one empty list: an empty request is sent, too.
    """
    found: list[list[str]] = [[]]
    size = 0
    for message in messages:
        if found[-1] and size + len(message) > limit:
            found.append([])
            size = 0
        found[-1].append(message)
        size += len(message)
    return found
