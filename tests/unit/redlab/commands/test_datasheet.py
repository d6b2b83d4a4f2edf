"""The command that makes a datasheet keeps what it has measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from redlab.cli import application
from redlab.commands import datasheet
from redlab.errors import RedlabError
from redlab.results.datasheet import StackSheet


def test_what_was_measured_is_kept_when_a_later_stack_cannot_be_stood_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def measured(stack: str, *_: object, **__: object) -> StackSheet:
        if stack == "dr":
            raise RedlabError("no subnet is free")
        return StackSheet(stack, "HighAvailability", 8, (), (), ("db1",))

    monkeypatch.setattr(datasheet, "_sheet", measured)
    done = CliRunner().invoke(application(), ["datasheet", "ha", "dr", "--report", str(tmp_path)])
    assert str(done.exception) == "no subnet is free"
    document = json.loads((tmp_path / "datasheet.json").read_text())
    assert [stack["stack"] for stack in document["stacks"]] == ["ha"]
