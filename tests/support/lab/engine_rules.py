"""What engines since 28 drop before routing, reproduced on an older one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from docker.models.networks import Network

MODE = "com.docker.network.bridge.gateway_mode_ipv4"
UNPROTECTED = ("routed", "nat-unprotected")
_CHAIN = "REDLAB-ENGINE-RULES"


class EngineRules:
    """The rules of table raw, PREROUTING, that protect the containers of networks in NAT mode; removed at the end.

    Whatever is for such a container and does not come from its own bridge is dropped, forwarded packets included
    (moby/moby, daemon/libnetwork/drivers/bridge, release 28.0). ``all_networks``: as if none had another mode.
    """

    def __init__(self, networks: Iterable[Network], *, all_networks: bool = False) -> None:
        self._drops: list[tuple[str, str]] = []
        for network in networks:
            network.reload()
            if all_networks or network.attrs["Options"].get(MODE, "nat") not in UNPROTECTED:
                bridge = f"br-{network.id[:12]}"
                containers = network.attrs["Containers"].values()
                self._drops += [(each["IPv4Address"].partition("/")[0], bridge) for each in containers]

    def __enter__(self) -> Self:
        self.close()
        _iptables("-N", _CHAIN)
        for address, bridge in self._drops:
            _iptables("-A", _CHAIN, "-d", address, "!", "-i", bridge, "-j", "DROP")
        _iptables("-I", "PREROUTING", "1", "-j", _CHAIN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Remove the rules, also those of a run that was killed."""
        for command in (("-D", "PREROUTING", "-j", _CHAIN), ("-F", _CHAIN), ("-X", _CHAIN)):
            subprocess.run(["iptables", "-w", "-t", "raw", *command], capture_output=True, check=False)


def _iptables(*command: str) -> None:
    done = subprocess.run(["iptables", "-w", "-t", "raw", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"iptables {' '.join(command)}: {done.stderr.strip()} (this test needs root)"
