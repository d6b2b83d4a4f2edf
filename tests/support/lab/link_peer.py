"""Runs inside a node: `serve` answers datagrams and swallows streams; the others measure what reaches that from here.

`ask ADDRESS` sends 20 datagrams one after the other, `stream SECONDS ADDRESS` a stream; both print JSON.
"""

import json
import socket
import sys
import threading
import time

ECHO_PORT, SINK_PORT = 7007, 8082  # the latter is one of those by which flows are told apart
ASKED = 20
IP_RECVERR = 11  # ip(7): have "unreachable" reported


def serve() -> None:
    threading.Thread(target=swallow, daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo:
        echo.bind(("", ECHO_PORT))
        while True:
            echo.sendto(*echo.recvfrom(2048))


def swallow() -> None:
    listener = socket.create_server(("", SINK_PORT))
    while True:
        stream, _ = listener.accept()
        received = 0
        while data := stream.recv(1 << 20):
            received += len(data)
        stream.sendall(json.dumps({"bytes": received}).encode())
        stream.close()


def ask(address: str) -> dict[str, object]:
    """Round trips in milliseconds, sorted; what the network said when a datagram could not be delivered."""
    taken, refusals = [], set()
    for number in range(ASKED):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            asking.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            asking.connect((address, ECHO_PORT))
            sent = time.monotonic()
            asking.send(b"%d" % number)
            try:
                asking.recv(64)
                taken.append((time.monotonic() - sent) * 1000)
            except TimeoutError:
                pass
            except OSError as error:
                refusals.add(str(error))
        if not taken and number == ASKED // 4:
            break  # nothing gets there
    return {"answers": len(taken), "milliseconds": sorted(taken), "refusals": sorted(refusals)}


def stream(seconds: str, address: str) -> dict[str, object]:
    """How much a stream carries."""
    with socket.create_connection((address, SINK_PORT), timeout=20) as sending:
        started, block = time.monotonic(), b"x" * (1 << 18)
        while time.monotonic() < started + float(seconds):
            sending.sendall(block)
        sending.shutdown(socket.SHUT_WR)
        received = json.loads(sending.recv(1024))["bytes"]
        return {"bytes": received, "megabits_per_second": received * 8e-6 / (time.monotonic() - started)}


said = {"serve": serve, "ask": ask, "stream": stream}[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]
sys.stdout.write(json.dumps(said))
