"""The recorded behaviour of the official plugin 5.2.0 with the reference program (`program/`) and its edits.

`golden.json` has its state after create and after refresh, and its plan for single edits; `inspected.json` what the
engine says of the same objects.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.support import CHECKOUT

_DATA = CHECKOUT / "tests" / "provider" / "data"
GOLDEN: dict[str, Any] = json.loads((_DATA / "golden.json").read_text(encoding="utf-8"))
INSPECTED: dict[str, Any] = json.loads((_DATA / "inspected.json").read_text(encoding="utf-8"))
RESOURCES = tuple(sorted(GOLDEN["afterCreate"]))

DELIBERATE_DIFFERENCES = {
    "memorySwap": "the official plugin writes the engine's own swap limit into the state on refresh and then plans to "
    "remove it for ever; a value that the program never set is not a change",
}

NOT_RECORDED: dict[str, dict[str, Any]] = {"uploads": {"owner": "", "group": ""}}
"""Fields of that release's SDK that the recorded plugin lacked: in a property's items …"""
NOT_RECORDED_PROPERTIES: dict[str, dict[str, Any]] = {"node": {"deviceCgroupRules": []}}
"""… and as properties of a resource."""


@dataclass(frozen=True)
class Edit:
    """One edit: the program's config key and value, the property of the resource it sets."""

    config: str
    value: Any
    path: tuple[str | int, ...]
    resource: str = "node"


EDITS = {
    edit.config: edit
    for edit in (
        Edit("envs", ["A=1", "B=changed"], ("envs",)),
        Edit("command", ["sleep", "1000"], ("command",)),
        Edit("restart", "always", ("restart",)),
        Edit("stop_timeout", 3, ("stopTimeout",)),
        Edit("aliases", ["n2"], ("networksAdvanced", 1, "aliases")),
        Edit("ip", "10.91.7.21", ("networksAdvanced", 1, "ipv4Address")),
        Edit("port", 18083, ("ports", 0, "external")),
        Edit("upload", "x=2\n", ("uploads", 0, "content")),
        Edit("label", "database", ("labels", 0, "value")),
        Edit("memory", 256, ("memory",)),
        Edit("cpu_shares", 256, ("cpuShares",)),
        Edit("user", "1", ("user",)),
        Edit("read_only", True, ("readOnly",)),
        Edit("interval", "2s", ("healthcheck", "interval")),
        Edit("drops", ["CAP_MKNOD", "CAP_CHOWN"], ("capabilities", "drops")),
        Edit("triggers", {"digest": "2"}, ("triggers",), "image"),
        Edit("internal", False, ("internal",), "site"),
    )
}


def apply(edit: Edit, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs with the edit in them."""
    changed: dict[str, Any] = json.loads(json.dumps(inputs))
    place: Any = changed
    for step in edit.path[:-1]:
        place = place[step]
    place[edit.path[-1]] = edit.value
    return changed


def expected(edit: str, resource: str) -> dict[str, list[str]]:
    """Return the official plan for the edit, without the deliberate differences."""
    plan = GOLDEN["changes"][edit][resource]
    return {
        key: [name for name in plan[key] or [] if name not in DELIBERATE_DIFFERENCES]
        for key in ("replaceReasons", "diffReasons")
    }


def program_inputs(resource: str) -> dict[str, Any]:
    """Return the reference program's values: the recorded inputs without the defaults."""
    inputs: dict[str, Any] = _without_defaults(GOLDEN["afterCreate"][resource]["inputs"])
    return inputs


def _without_defaults(value: Any) -> Any:
    if isinstance(value, dict):
        defaults = value.get("__defaults", [])
        return {
            key: _without_defaults(item) for key, item in value.items() if key != "__defaults" and key not in defaults
        }
    if isinstance(value, list):
        return [_without_defaults(item) for item in value]
    return value


def state(resource: str, when: str) -> dict[str, Any]:
    """Return the recorded outputs, without the raw state of the official plugin's inner provider."""
    outputs = GOLDEN[when][resource]["outputs"] | NOT_RECORDED_PROPERTIES.get(resource, {})
    return {
        key: [item | NOT_RECORDED[key] for item in value] if key in NOT_RECORDED else value
        for key, value in outputs.items()
        if key != "__pulumi_raw_state_delta"
    }
