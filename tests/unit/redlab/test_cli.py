"""What ends a command is said in one line, exit code 2; a fault of the program itself keeps its stack trace."""

from __future__ import annotations

import docker.errors
import pytest

from redlab import cli
from redlab.errors import RedlabError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RedlabError("no lab of that name"), "redlab: no lab of that name\n"),
        (docker.errors.APIError("500", explanation="no space left"), "redlab: the Docker engine: no space left\n"),
        (docker.errors.DockerException("it is gone"), "redlab: the Docker engine: it is gone\n"),
    ],
)
def test_an_error_ends_a_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == said


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", lambda: {}["wrong"])
    with pytest.raises(KeyError):
        cli.main()
