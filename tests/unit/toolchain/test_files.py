"""The toolchain reads its records back; an unreadable record counts as missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchain import started_process
from toolchain.files import read_record, write_atomically


def test_a_record_is_read_back(tmp_path: Path) -> None:
    write_atomically(tmp_path / "record", '{"origin": "built"}\n')
    assert read_record(tmp_path / "record") == {"origin": "built"}


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"[]", b"{", b"[" * 9000, b'{"pid": "7"}', b'{"pid": 7}'])
def test_an_unreadable_record_names_no_process(tmp_path: Path, content: bytes | None) -> None:
    record = tmp_path / "record"
    if content is not None:
        record.write_bytes(content)
    assert started_process.remembered(record) is None
