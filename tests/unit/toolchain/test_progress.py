import threading
import time

import pytest

from tests.support.unit.workbench import Workbench
from toolchain.errors import SetupError
from toolchain.progress import Progress


def run(bench: Workbench, progress: Progress, script: str, deadline_seconds: float = 60) -> None:
    progress.run(bench.context().machine, "a part", "working", ["sh", "-c", script], deadline_seconds=deadline_seconds)


def test_output_goes_to_the_log_and_its_last_line_to_the_progress_line(bench: Workbench) -> None:
    progress = Progress(bench.output, bench.layout.log, heartbeat_seconds=0.05)
    flag = bench.folder / "beaten"
    thread = threading.Thread(
        target=run, args=(bench, progress, f"echo chatter; while [ ! -e {flag} ]; do sleep 0.01; done")
    )
    thread.start()
    deadline = time.monotonic() + 60
    while "chatter" not in bench.said:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    flag.touch()
    thread.join()
    assert "working: done" in bench.said
    assert "chatter" in (bench.layout.log / "a-part.log").read_text()


def test_a_failure_quotes_the_end_of_this_runs_output(bench: Workbench) -> None:
    progress = bench.context().progress
    run(bench, progress, "echo of an earlier run")
    with pytest.raises(SetupError, match=r"exit code 7\n(.|\n)*no space left") as caught:
        run(bench, progress, "echo no space left; exit 7")
    assert "earlier" not in str(caught.value)


def test_a_program_beyond_its_deadline_is_ended(bench: Workbench) -> None:
    with pytest.raises(SetupError, match=r"not finished after 0\.2 s"):
        run(bench, bench.context().progress, "exec sleep 600", deadline_seconds=0.2)


def test_an_interruption_ends_running_programs_and_starts_no_more(bench: Workbench) -> None:
    progress = bench.context().progress
    problems: list[SetupError] = []

    def work() -> None:
        try:
            run(bench, progress, f"touch {bench.folder}/runs; exec sleep 600")
        except SetupError as error:
            problems.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 60
    while not (bench.folder / "runs").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    progress.stop()
    thread.join(60)
    assert len(problems) == 1
    with pytest.raises(SetupError, match="interrupted"):
        run(bench, progress, "true")
