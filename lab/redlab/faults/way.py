"""A way between two sites. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """A link; with ``from_site`` only the direction away from that site."""

    link: str
    from_site: str = ""
