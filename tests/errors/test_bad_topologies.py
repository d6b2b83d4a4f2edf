"""Each bad topology gets one clear message: file, place, value, what is allowed, why."""

from pathlib import Path

import pytest

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


def test_corpus_is_there() -> None:
    assert len(CASES) >= 12


@pytest.mark.parametrize("name", ["", "-ha", "h a", "ha/x", "x" * 41])
def test_a_name_docker_refuses(name: str) -> None:
    source = loading.parse("pattern: HighAvailability\nsites: {dc1: {}}\n", "ha.yaml")
    with pytest.raises(DocumentError, match="Docker refuses"):
        loading.load(source, name)
