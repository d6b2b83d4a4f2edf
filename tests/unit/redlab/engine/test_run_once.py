"""A throw-away container: what it prints is returned, and nothing of it stays."""

from unittest import mock

import docker
import pytest

from redlab import engine


def ran(code: int) -> mock.Mock:
    container = mock.Mock()
    container.wait.return_value = {"StatusCode": code}
    container.logs.return_value = b"said"
    return container


@pytest.mark.parametrize("code", [0, 1])
def test_it_goes_with_its_volumes_whatever_its_end(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    client = mock.Mock()
    container = client.containers.create.return_value = ran(code)
    monkeypatch.setattr(engine, "client", lambda: client)
    if code:
        with pytest.raises(docker.errors.ContainerError):
            engine.run_once("image", ["true"])
    else:
        assert engine.run_once("image", ["true"]) == "said"
    container.remove.assert_called_once_with(force=True, v=True)
    assert client.containers.create.call_args.kwargs["network_mode"] == "none"
