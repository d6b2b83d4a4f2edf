"""The Pulumi CLI with its Python language host: the machine's, or one of the pinned version under `.lab/`."""

import json
import shutil
from pathlib import Path

from toolchain import go_build, official_archive, pins
from toolchain.context import Context, Ready
from toolchain.files import fingerprint, read_record, write_atomically

NOUN = "pulumi"


def ensure(context: Context) -> Ready:
    """Find a Pulumi that is new enough, or install or build the pinned one."""
    found = _on_path(context)
    if found is not None:
        return Ready(found)
    layout = context.layout
    expected = _inputs(context)
    record = layout.pulumi_bin / "toolchain.json"
    if not _complete(record, expected):
        with layout.scratch("pulumi") as folder:
            made = folder / "bin"
            if official_archive.install(context, made, official_archive.SOURCE):
                origin = "official archive"
            else:
                go_build.build(context, made)
                origin = "built from Go modules"
            write_atomically(made / record.name, json.dumps({"origin": origin, "inputs": expected}) + "\n")
            layout.pulumi_home.mkdir(parents=True, exist_ok=True)
            if layout.pulumi_bin.exists():
                shutil.move(layout.pulumi_bin, folder / "replaced")
            made.rename(layout.pulumi_bin)
    origin = (read_record(record) or {})["origin"]
    return Ready(f"{pins.pulumi_version(layout)} ({origin})", (layout.pulumi_bin,))


def _on_path(context: Context) -> str | None:
    """Describe the machine's Pulumi; None if it is missing, lacks Python, or is older than the pinned one."""
    program = context.machine.which("pulumi", outside=context.layout.lab)
    if program is None or context.machine.which("pulumi-language-python", outside=context.layout.lab) is None:
        return None
    answer = context.machine.ask(str(program), "version")
    have = pins.parse_version(answer.output)
    need = pins.parse_version(pins.pulumi_version(context.layout))
    if have is None or need is None or have < need or have[0] != need[0]:
        wanted = pins.pulumi_version(context.layout)
        context.progress.say(NOUN, f"{program} says {answer.output or answer.errors!r}; using {wanted} under .lab/")
        return None
    return f"{answer.output} ({program})"


def _inputs(context: Context) -> str:
    """Return the fingerprint of all files that determine the installation."""
    modules = (context.layout.module("pulumi"), context.layout.module("language-python"))
    scripts = (go_build.SCRIPTS / name for name in ("pulumi-language-python", "python"))
    recipes = (Path(go_build.__file__), Path(official_archive.__file__), *scripts)
    sums = context.layout.module("pulumi") / official_archive.PINS
    return fingerprint(*(module / name for module in modules for name in ("go.mod", "go.sum")), sums, *recipes)


def _complete(record: Path, expected: str) -> bool:
    said = read_record(record)
    return said is not None and said.get("inputs") == expected and "origin" in said
