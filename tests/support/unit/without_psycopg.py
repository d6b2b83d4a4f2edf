"""The images' modules that use psycopg, with replacements of its names: it is not installed, and no database runs."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Error(Exception):
    """As in psycopg."""


class OperationalError(Error):
    """As in psycopg."""


class DataError(Error):
    """As in psycopg."""


class ProgramLimitExceeded(OperationalError):  # noqa: N818 psycopg's name
    """As in psycopg."""


class AsyncConnection:
    """A connection; a test decides the results of its statements."""

    closed = False

    def __class_getitem__(cls, _: object) -> type[AsyncConnection]:
        return cls

    def fileno(self) -> int:
        return -1

    async def close(self) -> None:
        self.closed = True


def load(monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
    """Import a module of an image anew, for the duration of a test."""
    made = {each: ModuleType(each) for each in ("psycopg", "psycopg.errors", "psycopg.conninfo", "psycopg.types.json")}
    vars(made["psycopg"]).update(
        Error=Error,
        OperationalError=OperationalError,
        DataError=DataError,
        AsyncConnection=AsyncConnection,
        errors=made["psycopg.errors"],
    )
    vars(made["psycopg.errors"]).update(
        ProgramLimitExceeded=ProgramLimitExceeded,
        StatementTooComplex=type("StatementTooComplex", (OperationalError,), {}),
        NotNullViolation=type("NotNullViolation", (Error,), {}),
    )
    vars(made["psycopg.conninfo"]).update(conninfo_to_dict=lambda _: {}, make_conninfo=lambda **_: "")
    vars(made["psycopg.types.json"]).update(Jsonb=list)
    for each, module in made.items():
        monkeypatch.setitem(sys.modules, each, module)
    for each in [each for each in sys.modules if each.startswith(("redlab_node", "redlab_dps"))]:
        monkeypatch.delitem(sys.modules, each)
    return importlib.import_module(name)
