import json
from pathlib import Path

import pytest

from redlab.stack import checkout
from redundancy.reading import DocumentError


@pytest.fixture(autouse=True)
def lab_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checkout, "LAB", tmp_path / ".lab")
    return tmp_path / ".lab"


def test_the_owner_is_made_once_and_is_another_in_another_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = checkout.owner()
    assert checkout.owner() == first
    monkeypatch.setattr(checkout, "LAB", tmp_path / "other")
    assert checkout.owner() != first


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"someone\n", b"0" * 13])
def test_an_owner_that_is_none_is_said(lab_folder: Path, content: bytes) -> None:
    lab_folder.mkdir()
    (lab_folder / "owner").write_bytes(content)
    with pytest.raises(DocumentError, match=r"\.lab/owner"):
        checkout.owner()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"path": 7, "variables": {}}', '{"path": [], "variables": {"A": 1}}']
)
def test_a_set_up_that_is_broken_is_said_with_the_way_out(lab_folder: Path, content: str) -> None:
    lab_folder.mkdir()
    (lab_folder / "environment.json").write_text(content)
    with pytest.raises(DocumentError, match=r"environment\.json.*`make setup` writes it anew"):
        checkout.environment()


def test_without_a_set_up_the_environment_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/somewhere")
    assert checkout.environment()["PATH"] == "/somewhere"


def test_the_tools_of_the_checkout_come_first(lab_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_folder.mkdir()
    prepared = {"path": ["/tools", "/venv"], "variables": {"PULUMI_HOME": "/home"}}
    (lab_folder / "environment.json").write_text(json.dumps(prepared))
    monkeypatch.setenv("PATH", "/somewhere")
    environment = checkout.environment()
    assert environment["PATH"] == "/tools:/venv:/somewhere"
    assert environment["PULUMI_HOME"] == "/home"


def test_what_would_have_pulumi_look_elsewhere_is_left_out(lab_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_folder.mkdir()
    prepared = {"path": [], "variables": {}, "unset": ["PULUMI_CONFIG_PASSPHRASE"]}
    (lab_folder / "environment.json").write_text(json.dumps(prepared))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    assert "PULUMI_CONFIG_PASSPHRASE" not in checkout.environment()


@pytest.mark.parametrize("prepared", [True, False])
def test_no_proxy_stands_between_pulumi_and_its_programs(
    lab_folder: Path, monkeypatch: pytest.MonkeyPatch, prepared: bool
) -> None:
    if prepared:
        lab_folder.mkdir()
        (lab_folder / "environment.json").write_text(json.dumps({"path": [], "variables": {}}))
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", ".example")
    environment = checkout.environment()
    assert environment["no_proxy"] == environment["NO_PROXY"] == ".example,127.0.0.1,localhost,::1"
    assert environment["no_grpc_proxy"] == "127.0.0.1,localhost,::1"
