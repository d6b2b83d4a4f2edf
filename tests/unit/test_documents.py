"""What the documents refer to is there."""

from __future__ import annotations

import re

from redlab.stack import checkout
from redundancy.roles import IMAGES

README_LINES = 120
DOCUMENTS = [
    checkout.ROOT / "README.md",
    checkout.ROOT / "CONTRIBUTING.md",
    *sorted((checkout.ROOT / "docs").rglob("*.md")),
]


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
