"""The command: what it takes, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from redlab.cli import application
from redlab.commands import upgrade
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.recovery.procedure import Step
from redlab.stack.pulumi import Stack
from redlab.upgrade import checks, plan
from redlab.upgrade.broken import UpgradeError
from tests.support.unit.inventories import inventory_of

OF_GW1 = {"sites": {"dc1": {"gateways": {"nodes": {"gw1": {"image": "a/gateway:2"}}}}}}


@pytest.fixture
def overrides(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A lab, and what its stack lays over its topology."""
    found: dict[str, Any] = {}

    @contextmanager
    def exclusive(_: str) -> Iterator[None]:
        yield

    monkeypatch.setattr(upgrade, "open_lab", lambda _: Laboratory(inventory_of("ha"), Management((), "token")))
    monkeypatch.setattr(Stack, "overrides", lambda _: found)
    monkeypatch.setattr(journal, "exclusive", exclusive)
    monkeypatch.setattr(upgrade, "heed_interruptions", lambda: None)
    monkeypatch.setattr(residue, "heal_interrupted", lambda _: [])
    monkeypatch.setattr(checks, "refuse", lambda *_, **__: None)
    monkeypatch.setattr(checks, "refuse_an_unwell_lab", lambda *_: None)
    return found


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "either --image ROLE=IMAGE .once or more. or --undo"),
        (["--undo", "--image", "gateway=a/b"], "either --image ROLE=IMAGE .once or more. or --undo"),
        (["--image", "gateway"], "--image gateway: allowed: ROLE=IMAGE"),
        (["--image", "gateway=a/b", "--image", "gateway=a/c"], "--image gateway=a/c: allowed: .* each role once"),
        (["--undo"], "lab ha has no unfinished upgrade: nothing to revert"),
    ],
)
def test_what_makes_no_sense_is_refused(options: list[str], why: str, overrides: dict[str, Any]) -> None:
    done = CliRunner().invoke(application(), ["upgrade", "ha", *options])
    assert isinstance(done.exception, RedlabError)
    with pytest.raises(RedlabError, match=why):
        raise done.exception


def test_an_undo_is_for_the_roles_that_were_begun(overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(plan, "steps", lambda _, changes, __: asked.append(changes.images) or [])
    overrides.update(OF_GW1)
    assert CliRunner().invoke(application(), ["upgrade", "ha", "--undo"]).exit_code == 0
    assert asked == [{"gateway": ""}]


def test_a_broken_image_is_exit_code_1_and_named(overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise UpgradeError("gw1: not ready after 60 s")

    monkeypatch.setattr(plan, "steps", lambda *_: [Step("upgrade gw1", "make gw1 anew", lambda: "", fail)])
    done = CliRunner().invoke(application(), ["upgrade", "ha", "--image", "gateway=a/gateway:2"])
    assert done.exit_code == 1
    assert "gw1: not ready after 60 s" in done.stderr
