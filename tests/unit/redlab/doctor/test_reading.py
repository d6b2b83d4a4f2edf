"""The doctor reads files and answers as they are; what is not there is unknown, and no error."""

from __future__ import annotations

import gzip
import os
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from redlab.doctor import reading
from redlab.doctor.facts import Inotify
from tests.support.unit.doctor_answers import with_machine


@pytest.mark.parametrize(
    ("file", "content", "found"),
    [
        ("modules.dep", "kernel/net/sched/sch_netem.ko.xz: \n", True),
        ("modules.builtin", "kernel/net/sched/sch_netem.ko\n", True),
        ("modules.dep", "kernel/net/sched/sch_htb.ko: \n", False),
    ],
)
def test_netem_is_found_in_the_lists_of_modules(tmp_path: Path, file: str, content: str, found: bool) -> None:
    (tmp_path / file).write_text(content)
    assert reading.has_netem(tmp_path, tmp_path / "none") is found


@pytest.mark.parametrize(
    ("line", "found"),
    [("CONFIG_NET_SCH_NETEM=m", True), ("CONFIG_NET_SCH_NETEM=y", True), ("# CONFIG_NET_SCH_NETEM is not set", False)],
)
def test_netem_is_found_in_the_kernels_configuration(tmp_path: Path, line: str, found: bool) -> None:
    file = tmp_path / "config.gz"
    file.write_bytes(gzip.compress(f"CONFIG_NET=y\n{line}\nCONFIG_X=y\n".encode()))
    assert reading.has_netem(tmp_path / "none", file) is found


def test_a_kernel_that_tells_nothing_leaves_netem_unknown(tmp_path: Path) -> None:
    assert reading.has_netem(tmp_path / "none", tmp_path / "none.gz") is None


def test_ports_that_something_listens_on(tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    table.write_text(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:5209 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
        "   1: 0100007F:520A 0100007F:0016 01 00000000:00000000 00:00000000 00000000     0        0 2 1\n"
    )
    assert reading.listening((table, tmp_path / "none")) == {21001}


def test_available_memory() -> None:
    assert reading.available_mebibytes("MemTotal: 8000000 kB\nMemAvailable:    2048000 kB\n") == 2000
    assert reading.available_mebibytes("MemTotal: 8000000 kB\n") is None


def test_instances_of_inotify_are_counted(tmp_path: Path) -> None:
    limit = tmp_path / "sys" / "fs" / "inotify"
    limit.mkdir(parents=True)
    (limit / "max_user_instances").write_text("128\n")
    descriptors = tmp_path / "17" / "fd"
    descriptors.mkdir(parents=True)
    for number, target in enumerate(("anon_inode:inotify", "anon_inode:[eventpoll]", "anon_inode:inotify")):
        (descriptors / str(number)).symlink_to(target)
    counted = 2 if os.geteuid() == 0 else 0  # the files are this user's, and root's alone are counted
    assert reading.inotify(tmp_path) == Inotify(128, counted)


def test_a_folder_that_cannot_be_looked_at_is_left_out(tmp_path: Path) -> None:
    assert list(reading.free_gibibytes(tmp_path, tmp_path / "none")) == [str(tmp_path)]


def test_without_a_free_pool_the_rest_is_still_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "pulumi_version", lambda program: "v3.259.0")
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    facts = with_machine(used_networks=tuple(("route of tun0", IPv4Network(each)) for each in networks))
    routing = reading.thorough(facts).routing
    assert routing is not None
    assert (routing.passed, "route of tun0" in routing.said) == (None, True)
