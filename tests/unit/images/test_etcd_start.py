"""A member of the configuration store that lost its volume: a majority removes it and adds it as a new one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

START = Path(__file__).parents[3] / "lab" / "images" / "etcd" / "start-etcd"
ADDRESSES = {"etcd1": "10.0.1.61", "etcd2": "10.0.2.61", "etcd3": "10.0.3.61"}
CLUSTER = ",".join(f"{name}=http://{address}:2380" for name, address in ADDRESSES.items())
OTHERS = (
    "4d5eae60e9edbd4d, started, etcd2, http://10.0.2.61:2380, http://10.0.2.61:2379, false\n"
    "5b80476c1d8d1b80, started, etcd3, http://10.0.3.61:2380, http://10.0.3.61:2379, false\n"
)
OWN = "425c2282ea4e76f4, started, etcd1, http://10.0.1.61:2380, http://10.0.1.61:2379, false\n"
STORE = """#!/bin/bash
echo "$*" >> {folder}/calls
[[ "$*" == *"member list" ]] && {{ cat {folder}/members; exit $?; }}
[[ "$*" != *"member remove"* || -e {folder}/majority ]] || exit 1
[[ "$*" == *"member add"* && -e {folder}/majority ]] \\
  && echo 'ETCD_INITIAL_CLUSTER="etcd2=http://10.0.2.61:2380,etcd1=http://10.0.1.61:2380"'
exit 0
"""


def started(folder: Path, members: str | None, *, majority: bool = True, data: bool = False) -> subprocess.Popen[str]:
    """Start a member with a replacement of etcd that prints its arguments; ``members``: the others' list, if any."""
    for name, text in (("etcdctl", STORE.format(folder=folder)), ("etcd", '#!/bin/sh\necho "etcd $*"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    if members is not None:
        (folder / "members").write_text(members)
    if majority:
        (folder / "majority").touch()
    if data:
        (folder / "data/member/member/wal").mkdir(parents=True)
    return subprocess.Popen(
        ["bash", "-c", START.read_text().replace("/var/lib/etcd", str(folder / "data"))],
        env={
            "PATH": f"{folder}:/usr/bin:/bin",
            "REDLAB_NODE": "etcd1",
            "REDLAB_ADDRESS": ADDRESSES["etcd1"],
            "REDLAB_ETCD_CLUSTER": CLUSTER,
            "REDLAB_STACK": "lab",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def calls(folder: Path) -> list[str]:
    file = folder / "calls"
    return (
        [line.partition("--command-timeout=5s ")[2] for line in file.read_text().splitlines()] if file.exists() else []
    )


@pytest.mark.parametrize(
    ("members", "data", "asked"),
    [
        pytest.param(None, False, ["member list"], id="nobody answers: a new lab"),
        pytest.param(
            OTHERS + OWN.replace("http://10.0.1.61:2379", ""), False, ["member list"], id="one of the first, and late"
        ),
        pytest.param(OTHERS + OWN, True, [], id="its data is there"),
    ],
)
def test_a_member_with_its_data_resumes_its_place(
    tmp_path: Path, members: str | None, data: bool, asked: list[str]
) -> None:
    said, _ = started(tmp_path, members, data=data).communicate(timeout=20)
    assert f"--initial-cluster {CLUSTER} " in said
    assert "--initial-cluster-state new" in said
    assert calls(tmp_path) == asked


@pytest.mark.parametrize(
    ("own", "removed"),
    [
        pytest.param(OWN, ["member remove 425c2282ea4e76f4"], id="it was there before"),
        pytest.param(
            "704b4f24bfd5ec2f, unstarted, , http://10.0.1.61:2380, , false\n",
            ["member remove 704b4f24bfd5ec2f"],
            id="killed when it had just been taken in",
        ),
        pytest.param("", [], id="killed when it had just been removed"),
    ],
)
def test_a_member_without_its_data_is_removed_and_joins(tmp_path: Path, own: str, removed: list[str]) -> None:
    said, _ = started(tmp_path, OTHERS + own).communicate(timeout=20)
    assert "--initial-cluster etcd2=http://10.0.2.61:2380,etcd1=http://10.0.1.61:2380 " in said
    assert "--initial-cluster-state existing" in said
    assert calls(tmp_path) == ["member list", *removed, "member add etcd1 --peer-urls=http://10.0.1.61:2380"]


def test_only_the_other_members_are_asked(tmp_path: Path) -> None:
    started(tmp_path, OTHERS + OWN).communicate(timeout=20)
    asked = (tmp_path / "calls").read_text().splitlines()
    assert all("--endpoints=http://10.0.2.61:2379,http://10.0.3.61:2379 " in line for line in asked)


def test_a_member_without_its_data_waits_for_a_majority(tmp_path: Path) -> None:
    with started(tmp_path, OTHERS + OWN, majority=False) as process:
        assert process.stdout
        assert "waits until a majority" in process.stdout.readline()
        assert process.poll() is None
        (tmp_path / "majority").touch()
        said, _ = process.communicate(timeout=20)
    assert "--initial-cluster-state existing" in said
