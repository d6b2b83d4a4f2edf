"""`redlab config`: which instance is meant, what it is sent, and what is said of mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from redlab_node.configured import KINDS
from typer.testing import CliRunner, Result

from redlab import cli
from redlab.commands import config
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError
from tests.support.unit.inventories import inventory_of

ITEM = {"kind": "alert", "name": "a", "content": {"field": "f"}, "changed_at": "2026-01-01", "problem": "no test"}
FIRED = {"alert": "a", "collector": "c", "seq": 1, "fired_at": "2026-01-01", "dps": "dps1"}


class Api:
    """Answers as the management API does, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.urls: list[tuple[str, ...]] = []

    def ask(self, urls: tuple[str, ...], method: str, path: str, body: Any) -> Any:
        self.asked.append((method, path, body))
        self.urls.append(urls)
        if path == "alerts":
            return {"alerts": [FIRED]}
        if method == "GET":
            return ITEM if path.count("/") == 2 else {"kinds": [], "items": [ITEM]}
        return {"created": True}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()

    def opened(stack: str) -> Laboratory:
        inventory = inventory_of(stack)
        return Laboratory(inventory, Management(inventory.urls["management"], "token"))

    monkeypatch.setattr(config, "open_lab", opened)
    monkeypatch.setattr(
        Management, "ask", lambda self, method, path, body=None: made.ask(tuple(self.urls), method, path, body)
    )
    return made


def call(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(cli.application(["config"]), ["config", *arguments], input=text)


def refusal(*arguments: str) -> str:
    error = call(*arguments).exception
    assert isinstance(error, RedlabError), error
    return str(error)


def test_one_instance_needs_no_site(api: Api) -> None:
    assert call("set", "ha", "alert", "a/b ü", '{"field": "f", "equals": 1}').exit_code == 0
    assert call("set", "distributed-ha", "dc2", "health-indicator", "h", "{}").exit_code == 0
    assert call("delete", "dr", "alert", "a").exit_code == 0
    assert api.asked == [
        ("PUT", "configuration/alert/a%2Fb%20%C3%BC", {"field": "f", "equals": 1}),
        ("PUT", "configuration/health_indicator/h", {}),
        ("DELETE", "configuration/alert/a", None),
    ]


def test_of_twins_the_one_in_the_site_is_asked(api: Api) -> None:
    inventory = inventory_of("business-continuity")
    assert call("set", "business-continuity", "dc2", "sla", "gold", "{}").exit_code == 0
    assert call("get", "business-continuity", "dc1", "sla", "gold").exit_code == 0
    assert api.urls == [inventory.management_urls("dc2"), inventory.management_urls("dc1")]
    assert "which instance of lab business-continuity?" in refusal("set", "business-continuity", "sla", "gold", "{}")
    listed = call("list", "business-continuity", "--format", "json")
    assert [item["site"] for item in json.loads(listed.stdout)] == ["dc1", "dc2"]
    fired = call("alerts", "business-continuity", "--format", "json")
    assert [one["site"] for one in json.loads(fired.stdout)] == ["dc1", "dc2"]


def test_content_comes_from_a_file_or_standard_input(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    file.write_text('{"field": "ü"}', encoding="utf-8")
    assert call("set", "ha", "alert", "a", f"@{file}").exit_code == 0
    assert call("set", "ha", "alert", "b", "-", text='{"field": "g"}').exit_code == 0
    assert [body for _, _, body in api.asked] == [{"field": "ü"}, {"field": "g"}]


def test_what_get_prints_is_what_set_takes(api: Api) -> None:
    shown = call("get", "ha", "alert", "a")
    assert json.loads(shown.stdout) == ITEM["content"]
    assert "alert a has no effect: no test" in shown.stderr
    assert json.loads(call("get", "ha", "alert", "a", "--format", "json").stdout) == ITEM


def test_the_help_names_every_kind_that_there_is() -> None:
    said = " ".join(call("--help").stdout.split())
    assert f"Kinds: {', '.join(KINDS)}".replace("downtime,", "downtime;") in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "ha", "alert", "a"), "needed: [SITE] KIND NAME CONTENT, for example alert failed"),
        (("get", "ha", "alert"), "needed: [SITE] KIND NAME, for example alert failed; sites of lab ha: dc1"),
        (("get", "business-continuity", "dc3", "alert", "a"), "sites of lab business-continuity: dc1, dc2"),
        (("set", "ha", "alert", "a", "{field: f}"), "CONTENT: '{field: f}' is not JSON"),
        (("list", "ha", "alert", "a"), "allowed: [SITE] [KIND]"),
        (("alerts", "ha", "dc9"), "site 'dc9'; allowed: dc1"),
    ],
)
def test_mistakes_are_named_with_what_is_allowed(api: Api, arguments: tuple[str, ...], said: str) -> None:
    assert said in refusal(*arguments)
    assert api.asked == []
