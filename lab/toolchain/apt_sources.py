"""The package mirror that a Debian machine is configured to use."""

from pathlib import Path


def mirror(apt: Path, release: str) -> str | None:
    """Find the first http or https mirror of `release`'s main component in the folder `apt`; None without one.

    Reads both formats of sources.list(5): one-line entries and deb822 stanzas.
    """
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text(errors="replace")
        entries = _stanzas(text) if file.suffix == ".sources" else _lines(text)
        for kinds, uris, suites, components in entries:
            if "deb" in kinds and release in suites and "main" in components:
                for uri in uris:
                    if uri.startswith(("http://", "https://")):
                        return uri
    return None


_Entry = tuple[list[str], list[str], list[str], list[str]]


def _lines(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 1 and words[1].startswith("["):
            closing = next((index for index, word in enumerate(words) if word.endswith("]")), len(words))
            words = [words[0], *words[closing + 1 :]]
        if len(words) >= 4:
            entries.append(([words[0]], [words[1]], [words[2]], words[3:]))
    return entries


def _stanzas(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    for stanza in text.split("\n\n"):
        fields: dict[str, list[str]] = {}
        name = ""
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                fields.setdefault(name, []).extend(line.split())
                continue
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.split()
        if fields.get("enabled") != ["no"]:
            entries.append(
                (
                    fields.get("types", []),
                    fields.get("uris", []),
                    fields.get("suites", []),
                    fields.get("components", []),
                )
            )
    return entries
