"""What a secret of a lab may be made of: it goes through files, HTTP headers and connection strings. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re

from redundancy.reading import DocumentError

MAXIMUM_CHARACTERS = 256
LEAST_TOKEN_CHARACTERS = 16
"""Of what anybody may guess at: whoever has the right one is let in however many guess (`redlab_gateway.sessions`)."""
_ALLOWED = re.compile(r"[!-~]*")


def checked(value: str, name: str, least_characters: int = 1) -> str:
    """Return a secret as it is. Raises DocumentError, which does not show it, when it cannot be used everywhere.

    ``name`` says where it comes from, such as ``config redundancy:adminToken``.
    """
    fits = isinstance(value, str) and least_characters <= len(value) <= MAXIMUM_CHARACTERS
    if not fits or not _ALLOWED.fullmatch(value):
        raise DocumentError(
            f"{name}: {_found(value)}; allowed: {least_characters} to {MAXIMUM_CHARACTERS} characters of "
            "printable ASCII without spaces; why: it is sent in HTTP headers and kept in files of one line"
        )
    return value


def derived(secret: str, purpose: str) -> str:
    """Return the secret of one purpose, 64 hexadecimal digits: it tells neither that of another one nor ``secret``."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _found(value: object) -> str:
    if not isinstance(value, str):
        return f"found a {type(value).__name__}"
    wrong = next((place for place, letter in enumerate(value, 1) if not "!" <= letter <= "~"), None)
    if wrong is None:
        return f"found {len(value):,} characters"
    return f"found U+{ord(value[wrong - 1]):04X} as character {wrong} of {len(value):,}"
