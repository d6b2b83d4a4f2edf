"""The remaining processes of a killed command are ended, and no others."""

import subprocess

from bench.kill_up import end_session


def test_the_rest_of_a_session_is_ended_in_every_process_group() -> None:
    # With job control, a background process has its own process group.
    script = "set -m; sleep 60 >/dev/null & echo $!"
    with subprocess.Popen(["/bin/bash", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout
        left = int(leader.stdout.read())
    with subprocess.Popen(["sleep", "60"]) as another:
        assert end_session(leader.pid) == [left]
        assert another.poll() is None
        another.kill()
