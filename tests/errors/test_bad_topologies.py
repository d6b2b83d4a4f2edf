"""Each bad topology gets one clear message: file, place, value, what is allowed, why."""

import json
from pathlib import Path

import pytest

from redlab.stack import checkout
from redundancy import loading, rules
from redundancy.reading import DocumentError

CORPUS = Path(__file__).parent
CASES = sorted(CORPUS.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_message(case: Path) -> None:
    expected = case.with_suffix(".message").read_text().rstrip("\n")
    with pytest.raises(DocumentError) as caught:
        source = loading.read(case, case.name)
        rules.accept(source, "ha")
    assert str(caught.value) == expected


def test_every_message_belongs_to_a_topology() -> None:
    """A topology without its message fails above; here a message whose topology is gone does, and an empty corpus."""
    messages = {file.stem for file in CORPUS.glob("*.message")}
    assert messages == {case.stem for case in CASES} != set()


def test_every_top_level_key_of_a_topology_is_in_the_corpus() -> None:
    """What may be written may be written wrongly: a new key needs a bad document."""
    schema = json.loads((checkout.ROOT / "schemas" / "topology.schema.json").read_text(encoding="utf-8"))
    written = " ".join(case.read_text(encoding="utf-8", errors="replace") for case in CASES)
    assert [key for key in schema["properties"] if f"{key}:" not in written] == []


@pytest.mark.parametrize("name", ["", "-ha", "h a", "ha/x", "x" * 41])
def test_a_name_docker_refuses(name: str) -> None:
    source = loading.parse("pattern: HighAvailability\nsites: {dc1: {}}\n", "ha.yaml")
    with pytest.raises(DocumentError, match="Docker refuses"):
        loading.load(source, name)
