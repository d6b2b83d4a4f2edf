"""The pinned versions, each read from the one file that pins it."""

import re
import tomllib
from pathlib import Path

from toolchain.layout import Layout

PULUMI_MODULE = "github.com/pulumi/pulumi/pkg/v3"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"


def go_module(go_mod: Path, module: str) -> str:
    """Return the version of a required module, such as `v3.259.0`."""
    found = re.search(rf"^\s*(?:require\s+)?{re.escape(module)}\s+(v\S+)", go_mod.read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{go_mod} requires no {module}")
    return found[1]


def pulumi_version(layout: Layout) -> str:
    """Return the version of the Pulumi CLI, with its leading `v`."""
    return go_module(layout.module("pulumi") / "go.mod", PULUMI_MODULE)


def docker_plugin_version(layout: Layout) -> str:
    """Return the version of the Docker provider that the Python SDK requests, without a leading `v`."""
    with layout.pyproject.open("rb") as file:
        dependencies: list[str] = tomllib.load(file)["project"]["dependencies"]
    for dependency in dependencies:
        name, _, version = dependency.partition("==")
        if name.strip() == "pulumi-docker" and version:
            return version.strip()
    raise ValueError(f"{layout.pyproject} pins no pulumi-docker")


def parse_version(text: str) -> tuple[int, int, int] | None:
    """Return major, minor and patch of a version such as `v3.259.0`; None for any other text."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))
