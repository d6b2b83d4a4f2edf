"""Results to JSON and back, held to schemas/drill-result.schema.json."""

from __future__ import annotations

import json
import types
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import jsonschema

from redlab.measure import exchange, history, measured, others, phases, replication, result, single_point, verdict
from redlab.results import campaign

SCHEMA_FILE = Path(__file__).resolve().parents[3] / "schemas" / "drill-result.schema.json"
"""In the checkout that `redlab` is installed from (editable)."""

_MODULES = (exchange, history, measured, others, phases, replication, result, single_point, verdict)
_NAMES = {name: value for module in _MODULES for name, value in vars(module).items()}
"""Where the annotations of the dataclasses are looked up: their modules import the names for type checkers alone."""


class ResultError(ValueError):
    """A document is not a drill's result; the message says where and why."""


def to_document(outcome: result.DrillResult | campaign.CampaignResult) -> dict[str, Any]:
    """Turn a result into plain JSON values and check them. Raises ResultError if the schema refuses them."""
    document = cast("dict[str, Any]", json.loads(json.dumps(asdict(outcome), allow_nan=False)))
    validate(document)
    return document


def from_document(document: dict[str, Any]) -> result.DrillResult | campaign.CampaignResult:
    """Turn a checked document back into a result. Raises ResultError if the schema refuses it."""
    validate(document)
    wanted = campaign.CampaignResult if document["kind"] == "campaign" else result.DrillResult
    return cast("result.DrillResult | campaign.CampaignResult", _build(wanted, document))


def validate(document: object) -> None:
    """Raise ResultError, with path and reason of the first few errors, if the document breaks the schema."""
    errors = sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        raise ResultError("; ".join(f"{error.json_path}: {error.message}" for error in errors[:5]))


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def hints_of(wanted: Any) -> dict[str, Any]:
    """Return the types of a model's fields, by name."""
    return get_type_hints(wanted, localns=_NAMES)


def _build(wanted: Any, value: Any) -> Any:
    """Build a value of an annotated type from JSON values that the schema has accepted."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return None if value is None else _build(next(a for a in arguments if a is not types.NoneType), value)
    if origin is tuple:
        return tuple(_build(arguments[0], item) for item in value)
    if is_dataclass(wanted):
        hints = hints_of(wanted)
        return cast("Any", wanted)(
            # The schema demands all but what earlier versions did not write, which has a default.
            **{one.name: _build(hints[one.name], value[one.name]) for one in fields(wanted) if one.name in value}
        )
    return float(value) if wanted is float else value
