"""The process that holds packets: one TUN for each direction, one loop for all of them.

Talks JSON lines over its standard input and output: takes `{"device", "delaySeconds", "jitterSeconds"}`, says
`{"ready": true}` once its devices are there, and `{"empty": device}` when one is to be undelayed and holds nothing.
It ends with its standard input.
"""

import ctypes
import gc
import json
import os
import random
import select
import sys
import time

from redlab_router.delay_queue import DelayQueue
from redlab_router.tun import LARGEST_PACKET_BYTES, open_tun

_PR_SET_TIMERSLACK = 29
_READS_AT_ONCE = 32
_HELD_BYTES = 96 * 1024 * 1024
"""Packets beyond this are dropped, as by a router whose buffers are full."""


class Loop:
    """The devices and the packets they hold."""

    def __init__(self, devices: list[str]) -> None:
        chance = random.Random().random  # noqa: S311: jitter, no secret
        self._queues = {open_tun(device): DelayQueue(chance) for device in devices}
        self._by_name = dict(zip(devices, self._queues, strict=True))
        self._emptying: set[str] = set()

    def change(self, line: str) -> None:
        """Take a command."""
        command = json.loads(line)
        queue = self._queues[self._by_name[command["device"]]]
        queue.delay_seconds, queue.jitter_seconds = command["delaySeconds"], command["jitterSeconds"]
        self._emptying.discard(command["device"])
        if not (queue.delay_seconds or queue.jitter_seconds):
            self._emptying.add(command["device"])

    def run(self) -> None:
        """Hold packets until the standard input ends."""
        descriptors, pending = [*self._queues, 0], b""
        while True:
            wait_seconds = min(queue.next_due for queue in self._queues.values()) - time.monotonic()
            timeout = None if wait_seconds == float("inf") else max(0.0, wait_seconds)
            readable, _, _ = select.select(descriptors, [], [], timeout)
            self._release()
            for descriptor in readable:
                if descriptor:
                    self._take(descriptor)
                    continue
                said = os.read(0, 65536)
                if not said:
                    return
                *lines, pending = (pending + said).split(b"\n")
                for line in lines:
                    self.change(line.decode())
            self._release()

    def _take(self, descriptor: int) -> None:
        queue = self._queues[descriptor]
        held_bytes = sum(each.held_bytes for each in self._queues.values())
        for _ in range(_READS_AT_ONCE):
            try:
                packet = os.read(descriptor, LARGEST_PACKET_BYTES)
            except BlockingIOError:
                return
            if held_bytes + queue.held_bytes <= _HELD_BYTES:
                queue.add(time.monotonic(), packet)

    def _release(self) -> None:
        now = time.monotonic()
        for descriptor, queue in self._queues.items():
            for packet in queue.due(now):
                try:
                    os.write(descriptor, packet)
                except OSError:  # noqa: PERF203: the device is down or the kernel refuses the packet: it is lost
                    continue
        for device in [name for name in self._emptying if not self._queues[self._by_name[name]]]:
            self._emptying.discard(device)
            say({"empty": device})


def say(document: dict[str, object]) -> None:
    """Tell the router."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run with the names of the devices as arguments."""
    # Without this the kernel may wake the loop 50 µs late.
    ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    loop = Loop(sys.argv[1:])
    gc.freeze()
    gc.disable()  # no cycles are made, and a collection would hold packets up
    say({"ready": True})
    loop.run()


if __name__ == "__main__":
    main()
