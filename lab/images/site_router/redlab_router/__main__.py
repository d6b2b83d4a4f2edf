"""Starts and maintains the router: legs, rules, delays; a socket takes the orders of the command `link`."""

import json
import multiprocessing
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from redlab_router import kernel, rules
from redlab_router.holding import hold
from redlab_router.settings import Direction, Settings, SettingsError, Shape, parse

STATE = Path("/run/router")
SOCKET = STATE / "control"
_LOOK_SECONDS = 0.5


def log(message: str, **more: object) -> None:
    """Write one line of the log."""
    line = json.dumps({"at": time.time(), "program": "router", "message": message, **more})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Router:
    """The state of the links, and the kernel objects made from it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.shapes: dict[str, Shape] = dict(settings.declared)
        self._until: dict[str, float] = {}
        self._legs: dict[str, kernel.Leg] = {}
        self._leads: dict[Direction, tuple[kernel.Leg, bool]] = {}
        self._holders = {}
        for way in settings.directions:
            descriptor = kernel.open_device(way)
            delay, jitter = multiprocessing.Value("d", 0.0), multiprocessing.Value("d", 0.0)
            process = multiprocessing.Process(target=hold, args=(descriptor, delay, jitter), daemon=True)
            process.start()
            os.close(descriptor)
            self._holders[way] = (process, delay, jitter)
        self.netem = kernel.has_netem(settings.directions[0].device) if settings.directions else False
        self._load_rules()
        for link in settings.links:
            self._apply(link)
        self.look()

    @property
    def emulation(self) -> str:
        """The mechanism of the delays."""
        return "netem" if self.netem else "tun"

    def look(self) -> None:
        """Correct the state: interfaces come and go, temporary shapes end, holders must be alive."""
        legs = kernel.legs(self.settings)
        kernel.be_default_route(self.settings, {site: leg for site, leg in legs.items() if self._legs.get(site) != leg})
        changed = {site for site in {*legs, *self._legs} if legs.get(site) != self._legs.get(site)}
        self._legs = legs
        if changed:  # the engine may have set its own default route
            kernel.run("ip", "route", "replace", "unreachable", "default")
        for way in [way for way in self.settings.directions if way.source in changed]:
            self._leads.pop(way, None)
            self._lead([way])
        now = time.monotonic()
        for link in [link for link, until in self._until.items() if until <= now]:
            self.restore(link)
        for way, (process, _, _) in self._holders.items():
            if not process.is_alive():
                raise SystemExit(f"the process that holds {way.source} to {way.target} has ended")

    def change(self, link: str, changes: dict[str, float], seconds: float | None) -> None:
        """Change a link's values, for a time or until the next change."""
        self.shapes[link] = self.shapes[link].changed(changes)
        if seconds:
            self._until[link] = time.monotonic() + seconds
        else:
            self._until.pop(link, None)
        self._apply(link)

    def restore(self, link: str) -> None:
        """Restore a link's declared values."""
        self._until.pop(link, None)
        if self.shapes[link] != self.settings.declared[link]:
            self.shapes[link] = self.settings.declared[link]
            self._apply(link)
            log("declared values restored", link=link)

    def _apply(self, link: str) -> None:
        shape = self.shapes[link]
        ways = [way for way in self.settings.directions if way.link == link]
        for way in ways:
            _, delay, jitter = self._holders[way]
            delay.value = 0.0 if self.netem else shape["roundTripMilliseconds"] / 2000
            jitter.value = 0.0 if self.netem else shape["jitterMilliseconds"] / 1000
            kernel.shape_device(way.device, shape, netem=self.netem)
        # Routes into the devices come before the rule that drops other packets, routes past them after it.
        held = shape.held(netem=self.netem)
        steps = [lambda: self._lead(ways), lambda: self._load_chains(ways)]
        for step in steps if held else reversed(steps):
            step()

    def _lead(self, ways: Iterable[Direction]) -> None:
        for way in ways:
            leg, held = self._legs.get(way.source), self.shapes[way.link].held(netem=self.netem)
            if leg and self._leads.get(way) != (leg, held):
                kernel.lead_into_device(self.settings, way, leg.device, held)
                self._leads[way] = (leg, held)

    def _load_rules(self) -> None:
        kernel.run("nft", "delete", "table", *rules.TABLE.split(), check=False)
        kernel.load(rules.ruleset(self.settings, self.shapes, netem=self.netem))

    def _load_chains(self, ways: Iterable[Direction]) -> None:
        """Replace only the chains: counters and cuts stay."""
        text = ""
        for way in ways:
            text += f"flush chain {rules.TABLE} {way.device}\n"
            for rule in rules.passing(self.settings, way, self.shapes[way.link], netem=self.netem):
                text += f"add rule {rules.TABLE} {way.device} {rule.strip()}\n"
        kernel.load(text)

    def answer(self, order: dict) -> dict:
        """Carry out an order of `link`; return the links' state."""
        links = [order["link"]] if order.get("link") else list(self.settings.links)
        unknown = [link for link in links if link not in self.settings.links]
        if unknown:
            return {"error": f"no link {unknown[0]!r}; there are: {', '.join(self.settings.links)}"}
        try:
            if order["do"] == "set":
                self.change(links[0], order["changes"], order.get("seconds"))
            elif order["do"] == "restore":
                for link in links:
                    self.restore(link)
        except (SettingsError, OSError) as error:
            return {"error": str(error)}
        return {
            "emulation": self.emulation,
            "links": [
                {
                    "name": name,
                    "sites": list(sites),
                    "declared": dict(self.settings.declared[name].values),
                    "current": dict(self.shapes[name].values),
                }
                for name, sites in self.settings.links.items()
            ],
        }


def serve(router: Router, stop: int) -> None:
    """Take orders and correct the state in between, until ``stop`` is readable."""
    SOCKET.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(SOCKET))
        SOCKET.chmod(0o600)
        listener.listen()
        (STATE / "ready").write_text(f"{os.getpid()}\n")
        log("ready", emulation=router.emulation, links=list(router.settings.links))
        while True:
            ready, _, _ = select.select([listener, stop], [], [], _LOOK_SECONDS)
            if stop in ready:
                return
            if listener in ready:
                connection, _ = listener.accept()
                with connection, connection.makefile("rw") as stream:
                    connection.settimeout(2)
                    json.dump(router.answer(json.loads(stream.readline())), stream)
            router.look()


def main() -> int:
    """Run until asked to stop."""
    try:
        settings = parse(os.environ)
    except SettingsError as error:
        log(str(error), level="error")
        return 1
    STATE.mkdir(exist_ok=True)
    (STATE / "ready").unlink(missing_ok=True)
    readable, writable = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(writable, b"x"))
    serve(Router(settings), readable)
    log("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
