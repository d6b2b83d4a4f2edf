from pathlib import Path

import pytest

from toolchain.apt_sources import mirror

STANZAS = """\
Types: deb
# a comment
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("sources.list", "deb http://m.example/debian bookworm main contrib\n", "http://m.example/debian"),
        ("sources.list", "deb [arch=amd64 signed-by=/a] https://m.example/d bookworm main\n", "https://m.example/d"),
        ("sources.list", "# deb http://m.example/debian bookworm main\n", None),
        ("sources.list", "deb-src http://m.example/debian bookworm main\n", None),
        ("sources.list", "deb http://m.example/debian bookworm contrib\n", None),
        ("sources.list", "deb http://archive.example/ubuntu noble main\n", None),
        ("sources.list", "deb cdrom:[Debian]/ bookworm main\n", None),
        ("sources.list.d/debian.sources", STANZAS, "http://mirror.example/debian"),
        ("sources.list.d/debian.sources", STANZAS.replace("Types: deb deb-src", "Enabled: no\nTypes: deb"), None),
    ],
)
def test_mirror(tmp_path: Path, name: str, text: str, expected: str | None) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    assert mirror(tmp_path, "bookworm") == expected
