"""A wide-area load balancer before two sites, which are stubs: each user interface at an address of its own."""

from __future__ import annotations

import json
from typing import Any

from redundancy.nodes import configuration
from redundancy.nodes.configuration import Endpoint, Interface, SiteEntry, Timers, WideArea
from redundancy.nodes.global_load_balancer import WIDE_AREA
from tests.support.lab.balanced_site import COLLECTOR, FAKE_GATEWAY
from tests.support.lab.sites_behind_one import GLOBAL_LOAD_BALANCER, SitesBehindOne

SITES = ("dc1", "dc2")
INTERFACE_PORT = 8080


class WideAreaSites(SitesBehindOne):
    """The containers; `close` removes everything again. ``dc1`` is also what stands behind the other interface."""

    def start(self) -> None:
        for name in SITES:
            command = ["python3", "/fake_gateway.py"]
            self._run(name, COLLECTOR, {"/fake_gateway.py": FAKE_GATEWAY.read_text()}, command)
        for name in ("collector1", "collector2", "collector3"):
            self._run(name, COLLECTOR, {}, ["sleep", "infinity"])
        own = self.address("glb1")
        self._run(
            "glb1",
            GLOBAL_LOAD_BALANCER,
            {"/etc/haproxy/haproxy.cfg": self._text()},
            None,
            self._mounted,
            {
                "REDLAB_DISCONNECT_USERS": "true",
                # There is no third place here: the way leads to where nobody asks.
                "REDLAB_ROUTER": self.address("collector1"),
                "REDLAB_SITE_NETWORKS": "198.51.100.0/24",
                "REDLAB_OWN_ADDRESSES": f"{own}={self.users}/24 {own}={self.interface}/24",
            },
            WIDE_AREA,
        )

    @property
    def users(self) -> str:
        """The address of the users' interface."""
        return str(self._subnet[6 + 200])

    @property
    def interface(self) -> str:
        """The address of the other one."""
        return str(self._subnet[7 + 200])

    def _text(self) -> str:
        shared = Interface("desk", INTERFACE_PORT, (self.interface,), Endpoint("dc1", self.address("dc1")), "/")
        nearest = ((f"{self.address('collector2')}/30", "dc1"), (f"{self.address('collector2')}/32", "dc2"))
        return configuration.global_haproxy_configuration(
            "glb1",
            tuple(SiteEntry(name, self.address(name), self.address(name)) for name in SITES),
            Timers(),
            WideArea((shared,), (self.users,), nearest, "dc1"),
        )

    def site_of(self, client: str) -> str:
        """Which site a client is served by; '' while he is not, or is cut off with a site that is found dead."""
        code, said = self.attempt(client=client, at=self.users)
        return str(json.loads(said)["site"]) if code == 0 else ""

    def answers(self, address: str, port: int) -> bool:
        """Whether somebody listens there."""
        return self.run("collector1", f"timeout 1 bash -c 'exec 3<>/dev/tcp/{address}/{port}'")[0] == 0

    def routes(self) -> str:
        return self.run("glb1", "ip route")[1]

    def reconnect(self) -> None:
        """Take the leg away and give it back, as the engine does when a fault is healed."""
        self._network.disconnect(self.nodes["glb1"])
        assert not self.routes().strip()
        self._network.connect(self.nodes["glb1"], ipv4_address=self.address("glb1"))

    def all_up(self) -> bool:
        sites = self.show().get("sites", {})
        return set(sites) == set(SITES) and all(site["up"] for site in sites.values())

    def processes(self) -> list[dict[str, Any]]:
        """Name and effective capabilities of every process of the load balancer."""
        program = (
            "for p in /proc/[0-9]*; do read -r n < $p/comm; c=$(sed -n 's/^CapEff:[[:space:]]*//p' $p/status);"
            ' echo "{\\"name\\": \\"$n\\", \\"effective\\": \\"$c\\"}"; done 2> /dev/null'
        )
        return [json.loads(line) for line in self.run("glb1", program)[1].splitlines()]
