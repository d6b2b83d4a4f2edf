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
"""The schema in the checkout from which `redlab` is installed (editable)."""

_MODULES = (exchange, history, measured, others, phases, replication, result, single_point, verdict)
_NAMES = {name: value for module in _MODULES for name, value in vars(module).items()}
"""Names for the dataclasses' annotations: their modules import them only for type checkers."""


class ResultError(ValueError):
    """A document is not a drill's result; the message names the place and the reason."""


def to_document(outcome: result.DrillResult | campaign.CampaignResult) -> dict[str, Any]:
    """Convert a result to JSON values and validate them. Raises ResultError if they break the schema."""
    document = cast("dict[str, Any]", json.loads(json.dumps(asdict(outcome), allow_nan=False)))
    validate(document)
    return document


def from_document(document: dict[str, Any]) -> result.DrillResult | campaign.CampaignResult:
    """Validate a document and convert it to a result. Raises ResultError if it breaks the schema."""
    validate(document)
    wanted = campaign.CampaignResult if document["kind"] == "campaign" else result.DrillResult
    return cast("result.DrillResult | campaign.CampaignResult", _build(wanted, document))


def validate(document: object) -> None:
    """Raise ResultError if the document breaks the schema; the message has path and reason of at most five errors."""
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
    """Build a value of an annotated type from validated JSON values."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return None if value is None else _build(next(a for a in arguments if a is not types.NoneType), value)
    if origin is tuple:
        return tuple(_build(arguments[0], item) for item in value)
    if is_dataclass(wanted):
        hints = hints_of(wanted)
        return cast("Any", wanted)(
            # The schema requires all fields except those that earlier versions did not write; these have a default.
            **{one.name: _build(hints[one.name], value[one.name]) for one in fields(wanted) if one.name in value}
        )
    return float(value) if wanted is float else value
