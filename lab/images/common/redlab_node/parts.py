"""What is too long for one request is sent in several. Pure."""

from collections.abc import Sequence

LARGEST_POST_BYTES = 1024 * 1024
"""What a server takes at once is more than this and any one message."""


def parts(messages: Sequence[str], limit: int) -> list[list[str]]:
    """Return messages in their order, in lists none of which is longer than ``limit`` unless it has one alone.

    Without any message there is one empty list: what says nothing is said all the same.
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
