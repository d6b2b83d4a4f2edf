"""The input and the result of every set-up step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchain.layout import Layout
from toolchain.machine import Machine
from toolchain.progress import Progress


@dataclass(frozen=True)
class Context:
    """The machine, the checkout, and the progress display."""

    machine: Machine
    layout: Layout
    progress: Progress


@dataclass(frozen=True)
class Ready:
    """A part of the toolchain that is in place: its description, and its additions to the environment."""

    detail: str
    path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
