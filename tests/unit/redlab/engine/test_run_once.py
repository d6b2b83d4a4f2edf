"""A throw-away container: what it prints is returned, and nothing of it stays."""

from unittest import mock

import pytest

from redlab.engine import Engine, EngineError


def ran(code: int) -> mock.Mock:
    container = mock.Mock()
    container.wait.return_value = {"StatusCode": code}
    container.logs.return_value = b"said"
    return container


@pytest.mark.parametrize("code", [0, 1])
def test_it_goes_with_its_volumes_whatever_its_end(code: int) -> None:
    client = mock.Mock()
    container = client.containers.create.return_value = ran(code)
    engine = Engine(lambda: client)
    if code:
        with pytest.raises(EngineError, match="the Docker engine: true in image debian ended with 1: said"):
            engine.run_once("debian", ["true"], entrypoint="sh")
    else:
        assert engine.run_once("debian", ["true"], entrypoint="sh") == "said"
    container.remove.assert_called_once_with(force=True, v=True)
    assert client.containers.create.call_args.kwargs["network_mode"] == "none"
