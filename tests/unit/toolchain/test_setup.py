import pytest

from tests.support.unit.workbench import Workbench
from toolchain import setup
from toolchain.context import Context, Ready
from toolchain.errors import SetupError


def good(context: Context) -> Ready:
    return Ready("here")


def bad(context: Context) -> Ready:
    raise SetupError("it is missing", "get it")


def interrupted(context: Context) -> Ready:
    raise KeyboardInterrupt


def test_all_problems_are_reported_and_end_their_own_chain_only(bench: Workbench) -> None:
    chains = [[("a", bad), ("b", good)], [("c", good), ("d", good)], [("e", bad)]]
    parts, problems = setup.run(bench.context(), chains)
    assert [noun for noun, _ in problems] == ["a", "e"]
    assert len(parts) == 2


def test_an_environment_is_written_only_when_all_is_ready(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "CHAINS", ((("a", good),), (("b", bad),)))
    assert setup.everything(bench.context())
    assert not (bench.layout.lab / "env.sh").exists()
    monkeypatch.setattr(setup, "CHAINS", ((("a", good),), (("b", good),)))
    assert not setup.everything(bench.context())
    assert (bench.layout.lab / "env.sh").exists()


def test_an_interruption_ends_the_other_chains(bench: Workbench) -> None:
    def long(context: Context) -> Ready:
        context.progress.run(context.machine, "b", "waiting", ["sleep", "600"], deadline_seconds=60)
        return Ready("too late")

    with pytest.raises(KeyboardInterrupt):
        setup.run(bench.context(), [[("a", interrupted)], [("b", long)]])
    assert "too late" not in bench.said


def test_a_bare_machine_gets_all_messages_at_once(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolchain.official_archive.SOURCE", "http://127.0.0.1:1/")
    _, problems = setup.run(bench.context(), setup.CHAINS[1:])
    text = "\n".join(str(problem) for _, problem in problems)
    assert "No Docker engine is reachable" in text
    assert "Go cannot build it" in text
