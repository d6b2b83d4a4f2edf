"""The scripts and styles of the two web pages, the live view and System Health, as a browser gets them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from redlab_gateway import system_health_text as system_health

from redlab.stack import checkout
from redlab.watch import server

PAGES = {"live view": server.page("{{nonce}}").decode(), "System Health": system_health.page()}
SHARED = Path(system_health.__file__).with_name("shared.js").read_text(encoding="utf-8")


def part(page: str, tag: str) -> str:
    """Return the content of the one element `tag` of a page that has a nonce."""
    (content,) = re.findall(rf'<{tag} nonce="{{{{nonce}}}}">\n(.*?)</{tag}>', page, re.DOTALL)
    return str(content)


def linted(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Return the linter's verdict on a whole script."""
    file = folder / "script.js"
    file.write_text(script, encoding="utf-8")
    command = ["oxlint", "--config", str(checkout.ROOT / ".oxlintrc.json"), "--deny-warnings", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def formatted(file: Path) -> subprocess.CompletedProcess[str]:
    """Return the formatter's verdict on a file; it changes nothing."""
    command = ["oxfmt", "--config", str(checkout.ROOT / ".oxfmtrc.json"), "--check", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def undeclared(style: str) -> set[str]:
    """Return the custom properties that a style uses but does not declare."""
    return set(re.findall(r"var\((--[\w-]+)", style)) - set(re.findall(r"(--[\w-]+):", style))


# Functions in several files make up one script: only of that can be told which are unknown or unused. Every function
# of shared.js is used by both pages, or one of them is refused here.
@pytest.mark.parametrize("name", PAGES)
def test_the_linter_finds_nothing_in_the_whole_script(name: str, tmp_path: Path) -> None:
    verdict = linted(part(PAGES[name], "script"), tmp_path)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ("missing();", "no-undef"),
        ("function idle() {}", "no-unused-vars"),
        ("if (location.hash == 1) alert(1);", "eqeqeq"),
        ("function put() {}", "no-redeclare"),
        ("{ const put = 1; alert(put); }", "no-shadow"),
        ("const = 1;", "Unexpected token"),
    ],
)
def test_the_linter_refuses_what_is_wrong(wrong: str, rule: str, tmp_path: Path) -> None:
    verdict = linted(f"{part(PAGES['live view'], 'script')}{wrong}\n", tmp_path)
    assert verdict.returncode != 0
    assert rule in verdict.stdout


@pytest.mark.parametrize(
    ("name", "wrong"), [("a.js", "const a = 1,b = 'x'\n"), ("a.css", "a{color:red}\n"), ("a.css", "a { color: red;\n")]
)
def test_the_formatter_refuses_another_form_and_broken_syntax(name: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(wrong)
    assert formatted(tmp_path / name).returncode != 0


@pytest.mark.parametrize("name", PAGES)
def test_both_pages_have_the_shared_script_and_declare_every_colour(name: str) -> None:
    assert SHARED in part(PAGES[name], "script")
    assert not undeclared(part(PAGES[name], "style"))
    assert undeclared(part(PAGES[name], "style") + "a { color: var(--none); }") == {"--none"}
