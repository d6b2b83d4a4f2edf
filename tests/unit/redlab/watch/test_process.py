"""A drill in a process of its own: what it says is followed, its result read, its end waited for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from redlab.errors import RedlabError
from redlab.waiting import until
from redlab.watch.process import Run, Runner

TALKS = "import sys; print('fault: crash', file=sys.stderr, flush=True); print('{\"verdict\": \"passed\"}')"
FAILS = "import sys; print('first', file=sys.stderr); print('redlab: no such lab', file=sys.stderr); sys.exit(2)"
HEALS = """
import pathlib, signal, sys, time
def heal(*_):
    pathlib.Path(sys.argv[1]).write_text("healed")
    sys.exit(2)
signal.signal(signal.SIGTERM, heal)
print("fault: crash", file=sys.stderr, flush=True)
time.sleep(60)
"""


def runner(program: str, *arguments: str) -> Runner:
    def command(_stack: str, _what: str) -> Sequence[str]:
        return [sys.executable, "-c", program, *arguments]

    return Runner("ha", command)


def ended(one: Runner) -> Run:
    run = one.run
    assert run is not None
    assert until(lambda: not run.running, 30)
    return run


def test_what_it_says_and_its_result() -> None:
    one = runner(TALKS)
    one.start("dps-crash")
    run = ended(one)
    assert [text for _, text in run.said] == ["fault: crash"]
    assert (run.result, run.problem) == ({"verdict": "passed"}, None)
    assert run.document()["seconds"] == run.said[-1][0]


def test_without_a_result_its_last_words_are_the_problem() -> None:
    one = runner(FAILS)
    one.start("dps-crash")
    assert (ended(one).result, ended(one).problem) == (None, "redlab: no such lab")


def test_what_was_healed_is_said() -> None:
    one = runner("print('resumed gw1')")
    one.start("heal")
    run = ended(one)
    assert ([text for _, text in run.said], run.result, run.problem) == (["resumed gw1"], None, None)


def test_one_at_a_time_and_stopping_lets_it_heal(tmp_path: Path) -> None:
    healed = tmp_path / "healed"
    one = runner(HEALS, str(healed))
    one.start("dps-crash")
    run = one.run
    assert run is not None
    assert until(lambda: run.said, 30)
    with pytest.raises(RedlabError, match="dps-crash is running: wait until it ends"):
        one.start("heal")
    one.stop()
    assert healed.read_text() == "healed"
    ended(one)
    one.start("heal")
    one.stop()
