"""Gateways that a changed topology has no more: their queues hold what was acknowledged, and go with them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from redundancy.naming import LABEL_PREFIX

BACKEND = "collectors"
"""The backend of a load balancer whose checks count for users as well (nodes/templates/haproxy.cfg.j2)."""
SHOW_SERVERS = f"show servers state {BACKEND}"
_MAINTENANCE = 0x01


@dataclass(frozen=True)
class Leaving:
    """A gateway that is to go.

    ``waiting``: acknowledged events in its queue; None where it cannot be asked.   ``senders``: the load balancers that
    may still send to it.
    """

    name: str
    waiting: int | None
    senders: tuple[str, ...] = ()


def sites(labels: Iterable[Mapping[str, str]], planned: Collection[str]) -> dict[str, str]:
    """Return the site of each gateway that is not planned, by the gateway's name.

    ``labels``: those of gateways' containers and volumes. A volume holds a queue, also where the container is gone.
    """
    return {
        one[f"{LABEL_PREFIX}node"]: one.get(f"{LABEL_PREFIX}site", "")
        for one in labels
        if one[f"{LABEL_PREFIX}node"] not in planned
    }


def servers(answer: str, gateway: str) -> list[list[str]]:
    """Return the lines about a gateway of what HAProxy answers to `show servers state`, in fields.

    They are be_id, be_name, srv_id, srv_name, srv_addr, op_state, admin_state … (management guide, the same).
    """
    return [fields for line in answer.splitlines() if (fields := line.split())[3:4] == [gateway]]


def taken_out(answer: str, gateway: str) -> bool:
    """Whether a load balancer with this answer to `SHOW_SERVERS` sends nothing to a gateway, whatever it checks."""
    return all(int(fields[6]) & _MAINTENANCE for fields in servers(answer, gateway))


def problems(lab: str, leaving: Iterable[Leaving]) -> Iterator[str]:
    """Yield why a gateway cannot go yet: what was acknowledged would be lost with its volume."""
    for one in leaving:
        if one.waiting is None:
            held = "whether acknowledged events wait in its queue cannot be asked, because it does not answer"
        elif one.waiting:
            held = f"{one.waiting} acknowledged events wait in its queue"
        elif one.senders:
            held = f"{', '.join(one.senders)} may still send to it: what it accepts until it is removed would be lost"
        else:
            continue
        yield (
            f"lab {lab}: {one.name} is in the topology no more, and {held}. Nothing was changed. `./redlab up {lab}` "
            "empties a gateway before it removes it. A program of its own has each load balancer take it out first "
            f"(HAProxy: `set server {BACKEND}/{one.name} state maint`), and waits until its queue is empty; a gateway "
            "that does not answer is started before that, or stays in the topology until it has come up"
        )
