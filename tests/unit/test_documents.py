"""What the documents refer to is there."""

import re

from redlab import checkout

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
