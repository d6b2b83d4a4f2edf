"""A global load balancer before three sites: two are stubs (dc1, dc2), the third has a real load balancer (dc3)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redlab.waiting import until
from redundancy.nodes import configuration
from redundancy.nodes.configuration import SiteEntry
from redundancy.nodes.global_load_balancer import STATE_DIRECTORY
from tests.support.lab.balanced_site import COLLECTOR, FAKE_GATEWAY, IMAGES, LOAD_BALANCER, BalancedSite

if TYPE_CHECKING:
    from docker.models.volumes import Volume

GLOBAL_LOAD_BALANCER = "redlab/global-load-balancer:test"
SITES = ("dc1", "dc2", "dc3")


class SitesBehindOne(BalancedSite):
    """The containers; `close` removes everything again."""

    def __init__(self) -> None:
        super().__init__()
        self.client.images.build(
            path=str(IMAGES), dockerfile="global_load_balancer/Dockerfile", tag=GLOBAL_LOAD_BALANCER, rm=True
        )
        self._volume: Volume = self.client.volumes.create(f"{self._name}-glb1-data")
        self._mounted = {self._volume.name: {"bind": STATE_DIRECTORY, "mode": "rw"}}

    def start(self) -> None:
        stub = ["python3", "/fake_gateway.py"]
        for name in ("dc1", "dc2", "gw1", "gw2"):
            self._run(name, COLLECTOR, {"/fake_gateway.py": FAKE_GATEWAY.read_text()}, stub)
        self._run("lb1", LOAD_BALANCER, self.configuration("lb1"), None)
        entries = [SiteEntry(name, self.address(name), self.address(name)) for name in ("dc1", "dc2")]
        entries.append(SiteEntry("dc3", self.collector_virtual_ip, self.user_virtual_ip))
        text = configuration.global_haproxy_configuration("glb1", tuple(entries))
        self._run("glb1", GLOBAL_LOAD_BALANCER, {"/etc/haproxy/haproxy.cfg": text}, None, self._mounted)
        for name in ("collector1", "collector2"):
            self._run(name, COLLECTOR, {}, ["sleep", "infinity"])

    def described(self, name: str) -> configuration.LoadBalancer:
        # Alone in its site, and it believes the global load balancer.
        return replace(super().described(name), peers=(), global_load_balancer_address=self.address("glb1"))

    def close(self) -> None:
        super().close()
        self._volume.remove(force=True)

    def declare(self, site: str, mode: str = "manual") -> None:
        """Say what the topology declares, the way the lab does: a container of its own, which has ended then."""
        self.client.containers.run(
            GLOBAL_LOAD_BALANCER,
            [site, mode],
            entrypoint="/usr/local/bin/declare-site",
            volumes=self._mounted,
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            init=True,
            remove=True,
        )

    def show(self) -> dict[str, Any]:
        """What `active-site show` says; nothing while it fails."""
        code, said = self.run("glb1", "active-site show")
        return dict(json.loads(said)) if code == 0 else {}

    def routed(self, site: str, *, automatic: bool = False) -> bool:
        shown = self.show()
        return (shown.get("activeSite"), shown.get("automatic")) == (site, automatic)

    def set(self, site: str) -> tuple[int, str]:
        return self.run("glb1", f"active-site set {site}")

    def all_up(self) -> bool:
        sites = self.show().get("sites", {})
        return set(sites) == set(SITES) and all(site["up"] for site in sites.values())

    def ask(self, path: str = "/", client: str = "collector1", at: str = "", header: str = "") -> dict[str, Any]:
        """Ask for a page; returns status, site, node and the client as the gateway saw it."""
        code, said = self.attempt(path, client, at, header)
        assert code == 0, said
        return dict(json.loads(said))

    def attempt(self, path: str = "/", client: str = "collector1", at: str = "", header: str = "") -> tuple[int, str]:
        """Do the same; returns the exit code, not 0 where there was no answer at all, and the answer as JSON."""
        program = (
            "import http.client, json, sys; a = http.client.HTTPConnection(sys.argv[1], 8081, timeout=10);"
            " a.request('GET', sys.argv[2], headers={'X-Forwarded-For': sys.argv[3]} if sys.argv[3] else {});"
            " r = a.getresponse(); print(json.dumps({'status': r.status, 'site': r.headers['X-Redlab-Site'],"
            " 'node': r.headers['X-Redlab-Node'], 'client': r.headers['X-Seen-Client']}))"
        )
        return self.run(client, f"python3 -c \"{program}\" {at or self.address('glb1')} {path} '{header}'")

    def served_by(self, site: str) -> bool:
        return bool(self.ask()["site"] == site)

    def process(self) -> str:
        """Process id and start of HAProxy."""
        said = self.haproxy("glb1", "show info").splitlines()
        return next(line for line in said if line.startswith("Pid:"))

    def back(self, node: str) -> None:
        self.nodes[node].start()
        assert until(self.all_up, 20), self.show()
