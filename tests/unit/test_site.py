"""The site of the documents: every page is in it, and a link or an anchor that leads nowhere fails its build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from redlab.stack import checkout

DOCUMENTS = ("mkdocs.yml", "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "lab/site_pages.py")


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build the site. Not quietly: MkDocs counts only the warnings that it shows."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=root, env=quiet, capture_output=True, text=True, check=False)


def test_the_site_has_every_document_and_no_broken_link(tmp_path: Path) -> None:
    done = build(checkout.ROOT, tmp_path)
    assert done.returncode == 0, done.stderr
    docs = checkout.ROOT / "docs"
    missing = [
        page for page in docs.rglob("*.md") if not (tmp_path / page.relative_to(docs)).with_suffix(".html").is_file()
    ]
    assert missing == []
    assert "make up" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert '<pre class="mermaid">' in (tmp_path / "architecture.html").read_text(encoding="utf-8")


def test_a_broken_link_a_broken_anchor_and_a_page_outside_the_navigation_are_found(tmp_path: Path) -> None:
    shutil.copytree(checkout.ROOT / "docs", tmp_path / "docs")
    (tmp_path / "lab").mkdir()
    for document in DOCUMENTS:
        shutil.copy(checkout.ROOT / document, tmp_path / document)
    with (tmp_path / "docs" / "drills.md").open("a", encoding="utf-8") as page:
        page.write("\n[a](nowhere.md) [b](guide.md#no-such-chapter)\n")
    (tmp_path / "docs" / "left-out.md").write_text("# Left out\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    assert all(found in done.stderr for found in ("'nowhere.md'", "'#no-such-chapter'", "left-out.md"))
