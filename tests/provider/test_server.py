"""The provider's process: it ends when Pulumi asks for it."""

import ctypes
import signal
import subprocess
from pathlib import Path

import pytest

PROVIDER = Path(__file__).parents[2] / "lab" / "redlab_provider" / "pulumi-resource-docker"
PULUMI_KILLS_AFTER_SECONDS = 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_hits_any_thread_ends_the_process(number):
    with subprocess.Popen([PROVIDER, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().strip().isdigit()
            threads = [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]
            other = next(thread for thread in threads if thread != process.pid)
            assert ctypes.CDLL(None).tgkill(process.pid, other, int(number)) == 0
            assert process.wait(PULUMI_KILLS_AFTER_SECONDS) == 0
        finally:
            process.kill()
