import json
from dataclasses import replace
from typing import Any

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.result import DrillResult
from redlab.results.campaign import CampaignResult, summarise
from redlab.results.documents import SCHEMA_FILE, ResultError, from_document, to_document, validate
from redlab.results.schema import text
from tests.support.unit.samples import record

PASSED = analyse(record())
ABORTED = analyse(record(timeline=None, abort_reasons=("no steady state",)))
OUTCOMES = [PASSED, ABORTED, summarise([PASSED, ABORTED, PASSED])]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=["drill", "aborted", "campaign"])
def test_a_result_survives_the_way_to_json_and_back(outcome: DrillResult | CampaignResult) -> None:
    text = json.dumps(to_document(outcome))
    assert from_document(json.loads(text)) == outcome


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "fine"),
        (("measured", "lost_events"), -1),
        (("measured", "rto_seconds"), "fast"),
        (("schema_version",), 2),
        (("kind",), "exercise"),
        (("phases", 0, "seconds"), -0.1),
        (("surprise",), 1),
    ],
)
def test_the_schema_refuses_what_is_no_result(path: tuple[Any, ...], value: Any) -> None:
    document = to_document(PASSED)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ResultError):
        validate(document)
    with pytest.raises(ResultError):
        from_document(document)


NEWER = {"images", "not_proven", "other_data"}
"""What results of earlier versions do not have."""


def test_a_result_of_an_earlier_version_is_read() -> None:
    document = {name: value for name, value in to_document(PASSED).items() if name not in NEWER}
    assert from_document(document) == replace(PASSED, images={}, other_data=None)


@pytest.mark.parametrize("field", sorted({*to_document(PASSED)} - NEWER))
def test_every_field_is_required(field: str) -> None:
    document = to_document(PASSED)
    del document[field]
    with pytest.raises(ResultError):
        validate(document)


def test_a_result_that_breaks_the_schema_is_not_written() -> None:
    assert PASSED.measured is not None
    with pytest.raises(ResultError):
        to_document(replace(PASSED, measured=replace(PASSED.measured, lost_events=-1)))


def test_a_result_of_a_version_that_knew_events_alone_can_be_read() -> None:
    document = to_document(PASSED)
    del document["measured"]["kinds"]
    read = from_document(document)
    assert isinstance(read, DrillResult)
    assert read.measured is not None
    assert PASSED.measured is not None
    assert (read.measured.kinds, read.measured.lost_events) == ((), PASSED.measured.lost_events)


def test_the_schema_is_made_from_the_model() -> None:
    made = SCHEMA_FILE.read_text(encoding="utf-8") == text()
    assert made, "the model has changed: `python -m redlab.results.schema` writes the schema anew"


def test_the_schema_describes_every_field() -> None:
    objects = [one for one in json.loads(text())["$defs"].values() if "properties" in one]
    assert len(objects) > 15
    for one in objects:
        assert one["description"]
        assert all(field["description"] for field in one["properties"].values())
