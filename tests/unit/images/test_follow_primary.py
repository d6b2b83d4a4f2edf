"""The steps of a server that has to follow another one, with replacements of PostgreSQL's programs."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[3] / "lab" / "images" / "database" / "follow-primary"
LABEL = """START WAL LOCATION: 0/1C3FB10 (file 000000010000000000000007)
CHECKPOINT LOCATION: 0/2001E30
BACKUP METHOD: pg_rewind
"""
PSQL = """#!/bin/bash
case ${@: -1} in
  *pg_is_in_recovery*) echo f ;;
  *wal_status*) echo "${SLOTS:-1}" ;;
  *pg_walfile_name*) echo 0000000000000009 ;;
  *pg_ls_dir*) [[ ${@: -1} == *"'${FILE_THERE:-none}'"* ]] && echo 1 || echo 0 ;;
esac
"""
PROGRAMS = {
    "psql": PSQL,
    "pg_controldata": '#!/bin/bash\necho "Latest checkpoint\'s REDO location:    0/2400000"\n',
    "pg_rewind": '#!/bin/bash\necho rewound >> "$DONE"\nprintf "%s" "$LABEL" > "$CLUSTER/backup_label"\n',
    "pg_basebackup": '#!/bin/bash\necho copied >> "$DONE"\nmkdir -p "${1#--pgdata=}"\n',
    "sync": "#!/bin/bash\n",
}


class Server:
    """A server's volume, and the steps when it had to follow."""

    def __init__(self, folder: Path) -> None:
        self.volume, self._programs = folder / "volume", folder / "programs"
        self.cluster = self.volume / "cluster"
        (self.cluster / "pg_wal").mkdir(parents=True)
        self._programs.mkdir()
        for name, text in PROGRAMS.items():
            place = self._programs / name
            place.write_text(text)
            place.chmod(place.stat().st_mode | stat.S_IXUSR)
        self._script = folder / "follow-primary"
        self._script.write_text(PROGRAM.read_text().replace("/var/lib/postgresql/data", str(self.volume)))
        self._done = folder / "done"

    def follow(self, **there: str) -> list[str]:
        environment = {
            "PATH": f"{self._programs}:{os.environ['PATH']}",
            "REDLAB_NODE": "dc1-db1",
            "LABEL": LABEL,
            "CLUSTER": str(self.cluster),
            "DONE": str(self._done),
            **there,
        }
        subprocess.run(["bash", self._script, "dc2-db1"], env=environment, check=True, timeout=20, capture_output=True)
        return self._done.read_text().split() if self._done.exists() else []


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_a_former_primary_is_rewound_and_begins_with_the_existing_log(server: Server) -> None:
    assert server.follow(FILE_THERE="0000000000000007") == ["rewound"]
    assert (server.cluster / "standby.signal").exists()


def test_a_former_primary_is_rewound_and_begins_with_the_copied_log(server: Server) -> None:
    (server.cluster / "pg_wal" / "000000010000000000000007").touch()
    assert server.follow(FILE_THERE="none") == ["rewound"]


def test_a_server_whose_first_log_file_was_removed_is_copied_anew(server: Server) -> None:
    """Its control file is the other server's, which has reached file 9; its slot keeps no earlier file."""
    assert server.follow(FILE_THERE="0000000000000009") == ["rewound", "copied"]
    assert (server.cluster / "standby.signal").exists()
    assert not (server.volume / "rewinding").exists()


def test_a_stuck_server_is_copied_anew_at_its_next_start(server: Server) -> None:
    (server.cluster / "backup_label").write_text(LABEL)
    (server.cluster / "standby.signal").touch()
    assert server.follow(FILE_THERE="0000000000000009") == ["copied"]


@pytest.mark.parametrize(("slots", "there", "done"), [("1", "none", []), ("0", "0000000000000009", [])])
def test_a_standby_continues(server: Server, slots: str, there: str, done: list[str]) -> None:
    (server.cluster / "standby.signal").touch()
    assert server.follow(SLOTS=slots, FILE_THERE=there) == done


def test_a_standby_that_was_away_for_too_long_is_copied_anew(server: Server) -> None:
    (server.cluster / "standby.signal").touch()
    assert server.follow(SLOTS="0", FILE_THERE="none") == ["copied"]
