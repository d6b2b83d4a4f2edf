"""All containers together have more weight than one session."""

from pathlib import Path

from toolchain.processor_share import SHARES, favour_containers


def test_the_containers_group_gets_its_shares_repeatedly(tmp_path: Path) -> None:
    (tmp_path / "cpu.shares").write_text("1024\n")
    for _ in range(2):
        assert favour_containers(tmp_path)
        assert (tmp_path / "docker" / "cpu.shares").read_text() == str(SHARES)


def test_without_the_controller_nothing_is_made(tmp_path: Path) -> None:
    assert not favour_containers(tmp_path)
    assert list(tmp_path.iterdir()) == []
