"""Every name and label that the lab gives to something. Pure.

Logical names (Pulumi) are ``{component}-{node}``; engine names are ``redlab-{lab}-{what}``, so that several labs
live side by side on one engine. Labels let everything be found, and swept when the state is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LABEL_PREFIX = "io.redundancy-lab."
ACCESS_NETWORK = "access"

# The engine's own rule for names is [a-zA-Z0-9][a-zA-Z0-9_.-]+; host names cannot hold more than 63 characters.
LAB_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,39}")


def check_lab_name(name: str) -> str:
    """Return the name of a lab as it is, or raise ValueError when the engine would refuse it in a container's name."""
    if not LAB_NAME.fullmatch(name):
        message = (
            f"the lab's name {name!r} is not allowed: 1 to 40 letters, digits, '_', '.' or '-', the first a letter or "
            "digit, because it becomes part of container names, and Docker refuses others"
        )
        raise ValueError(message)
    return name


@dataclass(frozen=True)
class Names:
    """Names and labels of one lab. ``owner`` tells it from one of the same name made elsewhere ('' if unknown)."""

    lab: str
    pattern: str
    owner: str

    def container(self, node: str) -> str:
        """Container of a node: ``redlab-ha-gw1``."""
        return f"redlab-{self.lab}-{node}"

    def network(self, network: str) -> str:
        """Network of a site, ``redlab-ha-site-dc1``, or the access network, ``redlab-ha-access``.

        The access network's name sorts before those of all sites. A container takes its default route from the network
        whose name sorts first, and the engine binds its published ports there.
        """
        return f"redlab-{self.lab}-{network}" if network == ACCESS_NETWORK else f"redlab-{self.lab}-site-{network}"

    def volume(self, node: str) -> str:
        """The data volume of a node: ``redlab-ha-gw1-data``."""
        return f"redlab-{self.lab}-{node}-data"

    def labels(self, **more: str) -> dict[str, str]:
        """Labels of one thing: lab, pattern, owner where known, and e.g. site, role and node."""
        labels = {"lab": self.lab, "pattern": self.pattern, **more}
        if self.owner:
            labels["owner"] = self.owner
        return {LABEL_PREFIX + key: str(value) for key, value in sorted(labels.items())}
