"""What every step of a set-up is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchain.layout import Layout
from toolchain.machine import Machine
from toolchain.progress import Progress


@dataclass(frozen=True)
class Context:
    """The machine, the checkout, and where to report."""

    machine: Machine
    layout: Layout
    progress: Progress


@dataclass(frozen=True)
class Ready:
    """A part of the toolchain that is in place: what it is, and what using it adds to the environment."""

    detail: str
    path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
