import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.unit.workbench import Workbench
from toolchain import started_engine
from toolchain.errors import SetupError
from toolchain.layout import Layout

# Starts an engine in a separate program: the test observes that program's streams.
STARTER = """
import sys
from pathlib import Path
from toolchain import started_engine
from toolchain.context import Context
from toolchain.layout import Layout
from toolchain.machine import Machine
from toolchain.progress import Progress

folder = Path(sys.argv[1])
layout = Layout(folder / "checkout")
nowhere = folder / "nowhere"
machine = Machine({"PATH": str(folder / "bin")}, True, (), nowhere, processor_controller=nowhere)
started_engine.start(Context(machine, layout, Progress(sys.stderr, layout.log)), (folder / "up").exists)
"""


def test_a_reader_of_the_output_does_not_wait_for_the_engine(bench: Workbench) -> None:
    bench.program("dockerd", f"touch {bench.folder / 'up'}; exec sleep 600")
    command = [sys.executable, "-c", STARTER, str(bench.folder)]
    environ = {**os.environ, "PYTHONPATH": str(Layout.of_this_checkout().root / "lab")}
    try:
        # This would time out if the engine had inherited a pipe: a pipe ends when its last holder exits.
        done = subprocess.run(command, capture_output=True, timeout=60, check=True, env=environ)
        assert b"starting dockerd" in done.stderr
        pid = json.loads((bench.layout.lab / "engine.json").read_text())["pid"]
        assert os.getsid(pid) == pid
        assert Path(f"/proc/{pid}/fd/1").readlink() == bench.layout.log / "dockerd.log"
    finally:
        assert started_engine.stop(bench.layout)
    assert not started_engine.stop(bench.layout)


def test_an_engine_that_ends_at_once_is_reported_with_its_log(bench: Workbench) -> None:
    bench.program("dockerd", "echo no cgroups here; exit 3")
    with pytest.raises(SetupError, match=r"exit code 3.\n.*dockerd\.log"):
        started_engine.start(bench.context(root=True), lambda: False)
    assert "no cgroups here" in (bench.layout.log / "dockerd.log").read_text()


def test_a_later_process_with_the_engines_number_is_left_alone(bench: Workbench) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        record = bench.layout.lab / "engine.json"
        record.parent.mkdir(parents=True)
        record.write_text(json.dumps({"pid": other.pid, "started_ticks": 1}))
        assert not started_engine.stop(bench.layout)
        assert other.poll() is None
        other.kill()


def test_an_engine_that_never_answers_is_ended(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(started_engine, "_READY_DEADLINE_SECONDS", 0.3)
    pid_file = bench.folder / "pid"
    bench.program("dockerd", f"echo $$ > {pid_file}; exec sleep 600")
    with pytest.raises(SetupError, match="does not answer after"):
        started_engine.start(bench.context(root=True), lambda: False)
    deadline = time.monotonic() + 30
    while _runs(int(pid_file.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
