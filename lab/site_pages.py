"""The site of the documents, as MkDocs asks for it (mkdocs.yml, `hooks`): pages of the top folder, lists of pages."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
OF_THE_TOP = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
    "CHANGELOG.md": "changelog.md",
}
"""Documents of the top folder, and the pages that they are in the site."""
_LISTED = {"contract": "Container contract", "how-to": "How to", "adr": "Decisions"}
"""Folders of which the site lists every page."""
_LINK = re.compile(r"(?<=\]\()(?P<path>[\w./-]+)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add each page of the folders that are listed to the sections of the navigation that have their names."""
    for section in config.nav or []:
        for title, entries in section.items():
            for folder, name in _LISTED.items():
                if title == name:
                    pages = sorted((ROOT / "docs" / folder).glob("*.md"), key=lambda page: (page.stem != "index", page))
                    entries += [f"{folder}/{page.name}" for page in pages if f"{folder}/{page.name}" not in entries]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents of the top folder, and a list of the decisions."""
    for document, page in OF_THE_TOP.items():
        files.append(File.generated(config, page, content=(ROOT / document).read_text(encoding="utf-8")))
    decisions = [
        (page.name, page.read_text(encoding="utf-8")) for page in sorted((ROOT / "docs" / "adr").glob("0*.md"))
    ]
    lines = [f"- [{text.partition(chr(10))[0].lstrip('# ')}]({name})" for name, text in decisions]
    files.append(File.generated(config, "adr/index.md", content="\n".join(["# Decisions", "", *lines, ""])))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links of and to the documents of the top folder lead to their pages."""
    del config, files
    inside = page.file.src_uri not in OF_THE_TOP.values()
    return _LINK.sub(lambda found: _in_site(found["path"], inside=inside), markdown)


def _in_site(path: str, *, inside: bool) -> str:
    if inside:
        up = "../" * path.count("../")
        return up[:-3] + OF_THE_TOP[path.removeprefix(up)] if up and path.removeprefix(up) in OF_THE_TOP else path
    return OF_THE_TOP.get(path, "adr/index.md" if path == "docs/adr" else path.removeprefix("docs/"))
