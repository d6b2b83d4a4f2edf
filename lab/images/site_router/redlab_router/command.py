"""The command `link`: show, set, cut and restore links. Cuts go directly to the kernel, which ends them in time."""

import argparse
import json
import os
import socket
import sys

from redlab_router import kernel, rules
from redlab_router.__main__ import SOCKET
from redlab_router.settings import SHAPE_KEYS, Direction, Settings, parse

MAXIMUM_SECONDS = 3600


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("link", description="The links between the sites.")
    commands = parser.add_subparsers(dest="do", required=True)
    commands.add_parser("show", help="print every link as JSON")
    change = commands.add_parser("set", help="change a link's values")
    change.add_argument("link")
    for key in SHAPE_KEYS:
        change.add_argument("--" + _spelled(key), dest=key, type=float)
    change.add_argument("--seconds", type=float, help="restore the declared values after this time")
    cut = commands.add_parser("cut", help="drop all packets, in one direction or both")
    cut.add_argument("link")
    cut.add_argument("--from", dest="source", help="only packets from this site")
    cut.add_argument("--seconds", type=float, required=True, help="end the cut after this time")
    restore = commands.add_parser("restore", help="end cuts and restore the declared values")
    restore.add_argument("link", nargs="?")
    restore.add_argument("--all", action="store_true")
    return parser


def _spelled(key: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in key)


def _order(order: dict) -> dict:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect(str(SOCKET))
        with connection.makefile("rw") as stream:
            stream.write(json.dumps(order) + "\n")
            stream.flush()
            answer = json.loads(stream.read())
    if "error" in answer:
        sys.exit(f"link: {answer['error']}")
    return answer


def _ways(settings: Settings, link: str | None, source: str | None = None) -> list[Direction]:
    if link is not None and link not in settings.links:
        sys.exit(f"link: no link {link!r}; there are: {', '.join(settings.links)}")
    ways = [way for way in settings.directions if link in (None, way.link) and source in (None, way.source)]
    if not ways:
        sys.exit(f"link: {link} does not begin in {source!r}; it joins: {', '.join(settings.links[link or ''])}")
    return ways


def _cuts(settings: Settings) -> dict[tuple[str, str], float]:
    """Return the directions that are cut, with the remaining seconds."""
    listed = json.loads(kernel.run("nft", "-j", "list", "set", *rules.TABLE.split(), "cuts"))
    names = {str(network): site for site, network in settings.sites.items()}
    found = {}
    for entry in listed["nftables"]:
        for element in entry.get("set", {}).get("elem", []):
            pair = element["elem"]["val"]["concat"]
            source, target = (f"{part['prefix']['addr']}/{part['prefix']['len']}" for part in pair)
            found[names[source], names[target]] = float(element["elem"]["expires"])
    return found


def _counters() -> dict[str, dict]:
    listed = json.loads(kernel.run("nft", "-j", "list", "counters", "table", *rules.TABLE.split()))
    return {entry["counter"]["name"]: entry["counter"] for entry in listed["nftables"] if "counter" in entry}


def _show(settings: Settings, answer: dict) -> dict:
    cuts, counters = _cuts(settings), _counters()
    for link in answer["links"]:
        ways = [way for way in settings.directions if way.link == link["name"]]
        link["cuts"] = [
            {"from": way.source, "to": way.target, "remainingSeconds": cuts[way.source, way.target]}
            for way in ways
            if (way.source, way.target) in cuts
        ]
        link["flows"] = [
            {"from": way.source, "to": way.target, "flow": flow, **{key: found[key] for key in ("bytes", "packets")}}
            for way in ways
            for flow in (*rules.FLOWS, "other")
            if (found := counters[rules.counter(way, flow)])
        ]
        link["forwarded"] = [
            {
                "from": way.source,
                "to": way.target,
                **{
                    key: sum(flow[key] for flow in link["flows"] if flow["from"] == way.source)
                    for key in ("bytes", "packets")
                },
            }
            for way in ways
        ]
    return answer


def main(arguments: list[str]) -> int:
    """Carry out the command; print the resulting links."""
    asked = _options().parse_args(arguments)
    settings = parse(os.environ)
    seconds = getattr(asked, "seconds", None)
    if seconds is not None and not 0 < seconds <= MAXIMUM_SECONDS:
        sys.exit(f"link: --seconds: found {seconds:g}; allowed: more than 0 to {MAXIMUM_SECONDS}")
    order: dict = {"do": asked.do, "link": getattr(asked, "link", None)}
    if asked.do == "set":
        changes = {key: value for key in SHAPE_KEYS if (value := getattr(asked, key)) is not None}
        order |= {"changes": changes, "seconds": seconds}
    elif asked.do == "cut":
        kernel.load(rules.cut(settings, _ways(settings, asked.link, asked.source), seconds))
    elif asked.do == "restore":
        if not asked.link and not asked.all:
            sys.exit("link: restore needs a link's name, or --all")
        cuts = _cuts(settings)
        over = [way for way in _ways(settings, asked.link) if (way.source, way.target) in cuts]
        if over:
            kernel.load(rules.restore(settings, over))
    sys.stdout.write(json.dumps(_show(settings, _order(order))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
