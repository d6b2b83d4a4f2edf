"""What the documents refer to is there."""

from __future__ import annotations

import re
import shlex
from typing import Any

from redlab.stack import checkout
from redundancy.roles import IMAGES
from tests.support.command_line import every_command

README_LINES = 120
NAMED = re.compile(r"(?:`|^ {4})(?:\./)?redlab ([a-z][^`\n]*)", re.MULTILINE)
DOCUMENTS = [checkout.ROOT / "README.md", *sorted((checkout.ROOT / "docs").rglob("*.md"))]


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [file.name[:4] for file in (checkout.ROOT / "docs" / "adr").glob("*.md")]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_link_to_a_file_leads_to_one() -> None:
    broken = [
        f"{document.name}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_is_short() -> None:
    assert len((checkout.ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


def test_every_command_that_the_documents_name_is_one() -> None:
    known = dict(every_command())
    said = [
        (document.name, found)
        for document in DOCUMENTS
        for found in re.findall(
            r"(?:`|^ {4})(?:\./)?redlab ([a-z][^`\n]*)", document.read_text(encoding="utf-8"), re.MULTILINE
        )
        if document.name != "commands.md"
    ]
    assert len(said) > len(known)
    assert [(name, line, fault) for name, line in said if (fault := wrong_with(line, known))] == []


def wrong_with(line: str, known: dict[tuple[str, ...], Any]) -> str:
    """What is wrong with a command as a document says it: its name, an option, or that it lacks its stack."""
    words = shlex.split(line.partition("  #")[0].replace("'s ", " "))
    command = known.get(tuple(words[:2])) or known.get(tuple(words[:1]))
    if command is None:
        return "" if words[0] in {names[0] for names in known} and len(words) == 1 else "no such command"
    own = words[: words.index("--")] if "--" in words else words
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    unknown = [word for word in own if word.startswith("--") and word.partition("=")[0] not in options]
    return f"no option {unknown}" if unknown else ""


def test_a_wrong_command_is_seen() -> None:
    known = dict(every_command())
    assert wrong_with("inspct ha", known) == "no such command"
    assert wrong_with("link mend dr", known) == "no such command"
    assert wrong_with("drill ha dps-crash --delay 3s", known) == "no option ['--delay']"
    assert wrong_with("drill ha dps-crash --runs 3  # thrice", known) == ""


def test_every_path_of_the_repository_that_a_document_names_is_there() -> None:
    named = re.compile(r"`((?:bench|components|docs|lab|schemas|stacks|tests)/[\w./-]+)(?:::[^`]*)?`")
    own = {"stacks/NAME.yaml", "stacks/mine.yaml"}  # files that a reader makes
    missing = [
        f"{document.name}: {path}"
        for document in DOCUMENTS
        for path in named.findall(document.read_text(encoding="utf-8"))
        if path not in own and not (checkout.ROOT / path).exists()
    ]
    assert missing == []


def test_each_image_has_a_page_of_the_container_contract() -> None:
    pages = [page for page in (checkout.ROOT / "docs" / "contract").glob("*.md") if page.name != "index.md"]
    keys = {
        page.name: re.findall(r"^Image key(?: and role)? `(\w+)`", page.read_text(), re.MULTILINE) for page in pages
    }
    assert sorted(key for named in keys.values() for key in named) == sorted(IMAGES)
    assert {len(named) for named in keys.values()} == {1}


def test_every_document_that_the_code_names_is_there() -> None:
    folders = ("bench", "components", "lab", "schemas", "stacks", "tests")
    named = [
        (file, path)
        for folder in folders
        for file in (checkout.ROOT / folder).rglob("*")
        if file.is_file() and not {"__pycache__", "wheels"} & set(file.parts)
        for path in re.findall(rb"(?<![\w/])docs/[\w./-]*\w", file.read_bytes())
    ]
    assert len(named) > len(folders)
    missing = [f"{file.name}: {path.decode()}" for file, path in named if not found(path.decode())]
    assert missing == []


def found(path: str) -> bool:
    """Whether a document is there; one of the decisions may be named by its number alone."""
    return (checkout.ROOT / path).exists() or any((checkout.ROOT / path).parent.glob(f"{path.rpartition('/')[2]}-*.md"))


def test_each_current_figure_is_in_the_log_of_its_day() -> None:
    folder = checkout.ROOT / "docs"
    log = (folder / "measurements-log.md").read_text(encoding="utf-8")
    days = {day[:10]: set(figures(day[10:])) for day in re.split(r"^## ", log, flags=re.MULTILINE)[1:]}
    assert list(days) == sorted(days, reverse=True)
    table = (folder / "measurements.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if "| 2026-" in line]
    missing = [(what, one) for what, said, *_, day in rows for one in figures(said) if one not in days[day]]
    assert len(rows) > len(days)
    assert missing == []


def figures(text: str) -> list[str]:
    """Return the numbers in a text, without separators of thousands."""
    return re.findall(r"\d+(?:[.:]\d+)*", re.sub(r"(?<=\d),(?=\d{3})", "", text))
