"""A YAML text and the JSON Schema make a :class:`Topology`. Pure: reads no file but the schema.

Every problem names the file, the line, the path in the document, the value found, what is allowed, and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from redundancy import addressing, naming
from redundancy.building import (
    BUSINESS_CONTINUITY,
    DISTRIBUTED,
    POOLS,
    SEVERAL_SITES,
    Document,
    build,
    has_ucmdb,
    link_name,
    node_names,
    places,
    ucmdb_names,
)
from redundancy.topology import NEAREST, Topology

SCHEMA = Path(__file__).parents[2] / "schemas" / "topology.schema.json"


class TopologyError(ValueError):
    """A topology that cannot be built. The message has one line for each problem."""


@dataclass(frozen=True)
class Source:
    """A parsed document: what it is called in messages, its content, and the line of each path in it."""

    name: str
    document: Document
    lines: Mapping[tuple[str, ...], int]

    def place(self, path: Iterable[str | int]) -> str:
        """``file:line: path`` of a path in the document; the line is that of the nearest ancestor in the file."""
        keys = tuple(str(key) for key in path)
        line = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), None)
        where = self.name if line is None else f"{self.name}:{line}"
        return f"{where}: {'.'.join(keys) or 'document'}"


@cache
def schema() -> dict[str, Any]:
    """Return the topology schema."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text())
    return loaded


def parse(text: str, name: str) -> Source:
    """Parse YAML. Raises TopologyError for broken YAML, a key given twice, or a document that is no mapping."""
    lines: dict[tuple[str, ...], int] = {}
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _index(root, (), lines, name)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{name}:{line}: broken YAML: {error.problem or error.context}"
        raise TopologyError(message) from None
    except yaml.YAMLError as error:
        message = f"{name}: broken YAML: {error}"
        raise TopologyError(message) from None
    if not isinstance(document, dict):
        message = f"{name}: document: found {_shown(document)}; allowed: a mapping with at least pattern and sites"
        raise TopologyError(message)
    return Source(name, document, lines)


def _index(node: yaml.Node, path: tuple[str, ...], lines: dict[tuple[str, ...], int], name: str) -> None:
    """Note the line of every path; the YAML loader itself would let the last of two equal keys win, silently."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            if here in lines:
                raise TopologyError(
                    f"{name}:{key.start_mark.line + 1}: {'.'.join(here)}: given twice (first in line {lines[here]})"
                )
            lines[here] = key.start_mark.line + 1
            _index(value, here, lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _index(value, (*path, str(index)), lines, name)


def override(source: Source, overrides: Document) -> Source:
    """Lay single values of a stack's config over a document (deep merge); messages name both."""
    if not overrides:
        return source

    def merged(base: Any, over: Any) -> Any:
        if isinstance(base, dict) and isinstance(over, dict):
            return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
        return deepcopy(over)

    return Source(
        f"{source.name} with config redundancy:overrides", merged(dict(source.document), dict(overrides)), source.lines
    )


def load(source: Source, lab: str, address_pool: str | None = None) -> Topology:
    """Build the topology of the lab called ``lab``.

    ``address_pool`` is used when the document has none. Raises TopologyError with every problem of shape found; what
    the patterns demand beyond shape is :mod:`redundancy.rules`.
    """
    try:
        naming.check_lab_name(lab)
    except ValueError as error:
        raise TopologyError(str(error)) from None
    validator = Draft202012Validator(schema())
    errors = sorted(validator.iter_errors(source.document), key=lambda error: [str(key) for key in error.absolute_path])
    if errors:
        raise TopologyError("\n".join(_message(source, error) for error in errors))
    # Twin instances cannot do without a UCMDB, the master of their global ids.
    always: Document = {"ucmdb": {}} if source.document["pattern"] == BUSINESS_CONTINUITY else {}
    document = _with_defaults({**always, **source.document}, schema())
    pool = document.get("addressPool") or address_pool or addressing.default_pool(lab)
    _check_pool(source, pool)
    _check_overridden_nodes(source, document)
    if document["pattern"] in SEVERAL_SITES:
        _check_places(source, document)
    defaults = (_with_defaults({}, schema()["$defs"][name]) for name in ("link", "integration"))
    return build(lab, document, pool, *defaults)


def _check_pool(source: Source, pool: str) -> None:
    try:
        network = IPv4Network(pool)
    except ValueError as error:
        message = f"{source.place(['addressPool'])}: {pool!r} is no network: {error}; allowed: such as 10.201.16.0/20"
        raise TopologyError(message) from None
    if network.prefixlen != 20 or not network.is_private:
        message = (
            f"{source.place(['addressPool'])}: {pool!r} is not allowed; allowed: a private /20; why: the lab must not "
            "take addresses of the Internet"
        )
        raise TopologyError(message)


def _check_overridden_nodes(source: Source, document: Document) -> None:
    for name, site in document["sites"].items():
        for key, (prefix, _) in POOLS.items():
            pool = site[key]
            known = node_names(prefix, pool["count"])
            for node in pool["nodes"]:
                if node not in known:
                    place = source.place(["sites", name, key, "nodes", node])
                    message = (
                        f"{place}: no such node; allowed: {', '.join(known)}; why: the pool has {len(known)} node(s)"
                    )
                    raise TopologyError(message)


def _check_places(source: Source, document: Document) -> None:
    """What names places must name those there are."""
    sites, witness = sorted(document["sites"]), document["witness"]["site"]
    if document["pattern"] == DISTRIBUTED and witness in sites:
        raise TopologyError(
            f"{source.place(['witness', 'site'])}: found {witness}; allowed: another name than {' and '.join(sites)}; "
            "why: a witness in one of the sites is lost with it, and with it the majority"
        )
    if has_ucmdb(document):
        _check_ucmdb(source, document["ucmdb"], sites)
    known = [link_name(pair) for pair in combinations(places(document), 2)]
    for link in document["links"]:
        if link not in known:
            raise TopologyError(
                f"{source.place(['links', link])}: no such link; allowed: {', '.join(known)}; why: a link joins two of "
                "the places there are, named in alphabetical order"
            )
    active = document["globalLoadBalancer"].get("activeSite")
    allowed = [*sites, *([NEAREST] if document["pattern"] == BUSINESS_CONTINUITY else [])]
    if active is not None and active not in allowed:
        raise TopologyError(
            f"{source.place(['globalLoadBalancer', 'activeSite'])}: found {active}; allowed: {', '.join(allowed)}; "
            "why: clients are sent to a site with gateways"
        )


def _check_ucmdb(source: Source, ucmdb: Document, sites: list[str]) -> None:
    """Its place is a third one; integrations join the stores there are, in a way that the kind allows."""
    if ucmdb["site"] in sites:
        raise TopologyError(
            f"{source.place(['ucmdb', 'site'])}: found {ucmdb['site']}; allowed: another name than "
            f"{' and '.join(sites)}; why: a system of record in one of the sites is lost with it"
        )
    servers = ucmdb_names(ucmdb)
    for index, one in enumerate(ucmdb["integrations"]):
        place = source.place(["ucmdb", "integrations", index, "target"])
        for end in ("source", "target"):
            if one[end] not in (*servers, *sites):
                raise TopologyError(
                    f"{source.place(['ucmdb', 'integrations', index, end])}: no such store {one[end]}; allowed: "
                    f"{', '.join((*servers, *sites))}; why: an integration joins two UCMDBs, or a UCMDB and the RTSM "
                    "of a site"
                )
        if one["source"] == one["target"] or not {one["source"], one["target"]} & set(servers):
            raise TopologyError(
                f"{place}: found {one['source']} to {one['target']}; allowed: two different ends, one of them a UCMDB; "
                "why: the RTSMs of two instances know each other only by way of the system of record"
            )
        if one["type"] == "federation" and one["target"] not in servers:
            raise TopologyError(
                f"{place}: found a federation to {one['target']}; allowed: {', '.join(servers)} as its target; why: "
                "the target answers with what it asks of the source, and an RTSM answers only from its own database"
            )


def _shown(value: object) -> str:
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _message(source: Source, error: ValidationError) -> str:
    """Say a schema violation as: place, value found, what is allowed, why."""
    rule, allowed = _rule(error), _allowed(error)
    path = list(error.absolute_path)
    found = f"found {_shown(error.instance)}"
    if error.validator == "additionalProperties":
        known = {*rule.get("properties", {})}
        patterns = rule.get("patternProperties", {})
        unknown = sorted(
            k for k in dict(cast(Any, error.instance)) if k not in known and not any(_matches(p, k) for p in patterns)
        )
        path = [*path, unknown[0]]
        found = "the name is not allowed" if patterns else "unknown key"
    elif error.validator == "required":
        found = error.message
    why = rule.get("x-why")
    return f"{source.place(path)}: {found}; allowed: {allowed}" + (f"; why: {why}" if why else "")


def _matches(pattern: str, key: str) -> bool:
    return not list(Draft202012Validator({"pattern": pattern}).iter_errors(key))


def _rule(error: ValidationError) -> dict[str, Any]:
    """The part of the schema that was violated; in this schema always a mapping."""
    return error.schema if isinstance(error.schema, dict) else {}


def _allowed(error: ValidationError) -> str:
    rule = _rule(error)
    match error.validator:
        case "additionalProperties":
            names = [
                *sorted(rule.get("properties", {})),
                *(f"names like {p}" for p in rule.get("patternProperties", {})),
            ]
            return ", ".join(names)
        case "required":
            return "all of " + ", ".join(rule["required"])
        case "enum":
            return ", ".join(map(str, rule["enum"]))
        case "type":
            return {"object": "a mapping", "integer": "a whole number"}.get(rule["type"], f"a {rule['type']}")
        case "minimum" | "maximum" | "exclusiveMinimum":
            low = rule.get("minimum", f"more than {rule.get('exclusiveMinimum')}")
            return f"{low} to {rule['maximum']}" if "maximum" in rule else f"at least {low}"
        case "pattern":
            return f"text like {rule['pattern']}"
        case _:
            return error.message


def _resolved(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in rule:
        return rule
    referred: Mapping[str, Any] = schema()["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    return {**referred, **rule}


def _with_defaults(value: Any, rule: Mapping[str, Any]) -> Any:
    """Fill in the schema's defaults, at every level; a mapping that is given in part gets the rest of its default."""
    if not isinstance(value, dict):
        return value
    properties = {key: _resolved(sub) for key, sub in rule.get("properties", {}).items()}
    filled = dict(value)
    for key, sub in properties.items():
        if "default" in sub:
            default = deepcopy(sub["default"])
            filled[key] = {**default, **filled.get(key, {})} if isinstance(default, dict) else filled.get(key, default)
    others = [_resolved(sub) for sub in rule.get("patternProperties", {}).values()]
    return {
        key: _with_defaults(part, properties.get(key) or (others[0] if others else {})) for key, part in filled.items()
    }
