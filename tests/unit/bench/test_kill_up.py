"""What a killed command leaves running ends, and nothing else does."""

import subprocess

from bench.kill_up import end_session


def test_what_is_left_of_a_session_ends_also_in_a_group_of_its_own() -> None:
    # With job control, what runs in the background has a group of its own.
    script = "set -m; sleep 60 >/dev/null & echo $!"
    with subprocess.Popen(["/bin/bash", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout
        left = int(leader.stdout.read())
    with subprocess.Popen(["sleep", "60"]) as another:
        assert end_session(leader.pid) == [left]
        assert another.poll() is None
        another.kill()
