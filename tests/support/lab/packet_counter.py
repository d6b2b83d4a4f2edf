"""Counts, and drops, packets of a lab that are about to leave its networks; watches interfaces for names asked."""

from __future__ import annotations

import select
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

ETH_P_ALL = 3
IFF_UP = 1


class PacketCounter:
    """Packets that come from one of ``bridges`` and that the machine would send on by none of them: dropped, counted.

    The rules stand after routing and before the engine's own and any address translation (table mangle, FORWARD), in a
    chain of their own, named after ``pool``, so that nothing gets out even when the lab is wrong. They need root, and
    are removed at the end; those of a run that was killed match nothing any more, since another network's bridge has
    another name.
    """

    def __init__(self, pool: str, bridges: Iterable[str]) -> None:
        self._bridges = tuple(bridges)
        # Names of chains hold at most 28 characters.
        self._chain = f"REDLAB-{pool.replace('/', '-')}"

    def __enter__(self) -> Self:
        self.close()
        _iptables("-N", self._chain)
        for bridge in self._bridges:
            _iptables("-A", self._chain, "-o", bridge, "-j", "RETURN")
        for bridge in self._bridges:
            _iptables("-A", self._chain, "-i", bridge, "-j", "DROP")
        _iptables("-I", "FORWARD", "1", "-j", self._chain)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def packets(self) -> int:
        """How many packets were about to leave and were dropped."""
        listed = _iptables("-L", self._chain, "-n", "-v", "-x").splitlines()
        return sum(int(line.split()[0]) for line in listed if "DROP" in line.split())

    def close(self) -> None:
        """Remove the rules, also those of a run that was killed."""
        for command in (("-D", "FORWARD", "-j", self._chain), ("-F", self._chain), ("-X", self._chain)):
            subprocess.run(["iptables", "-w", "-t", "mangle", *command], capture_output=True, check=False)


class NameWatch:
    """Collects the packets on ``interfaces`` of the machine that hold one of ``names`` the way DNS writes it."""

    def __init__(self, names: Iterable[str], interfaces: Iterable[str]) -> None:
        self.seen: list[str] = []
        self._names = {name: wire_format(name) for name in names}
        self._sockets = {interface: _capture(interface) for interface in interfaces}
        self._ending, self._end = socket.socketpair()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End after what has been captured until now is looked at."""
        self._end.close()
        self._thread.join()
        for each in (self._ending, *self._sockets.values()):
            each.close()

    def _watch(self) -> None:
        by_socket = {capture: interface for interface, capture in self._sockets.items()}
        while True:
            ready, _, _ = select.select([self._ending, *by_socket], [], [])
            captures = [each for each in ready if each in by_socket]
            if not captures:
                return
            for capture in captures:
                packet = capture.recv(65536).lower()
                self.seen += [f"{name} on {by_socket[capture]}" for name, wire in self._names.items() if wire in packet]


def wire_format(name: str) -> bytes:
    """Return a name as it is in a DNS message (RFC 1035, 3.1), in lower case."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.lower().split("."))


def outward_interfaces() -> list[str]:
    """Return the machine's own interfaces that are up: loopback, and those that are no bridge nor plugged into one."""
    return sorted(
        interface.name
        for interface in Path("/sys/class/net").iterdir()
        if (interface / "flags").exists()
        and int((interface / "flags").read_text(), 16) & IFF_UP
        and not any((interface / part).exists() for part in ("bridge", "brport"))
    )


def _capture(interface: str) -> socket.socket:
    capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    capture.bind((interface, 0))
    return capture


def _iptables(*command: str) -> str:
    done = subprocess.run(["iptables", "-w", "-t", "mangle", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"iptables {' '.join(command)}: {done.stderr.strip()} (this test needs root)"
    return done.stdout
