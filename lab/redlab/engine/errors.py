"""What an engine refuses, in its own words: callers of the port catch these instead of the SDK's exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redlab.errors import RedlabError


class EngineError(RedlabError):
    """The engine refused, failed, or did not answer; ``words`` are its own, without who said them."""

    def __init__(self, words: str, message: str = "") -> None:
        super().__init__(message or f"the Docker engine: {words}")
        self.words = words


class MissingError(EngineError):
    """The engine has no container, network, volume, image or process of that name."""


@contextmanager
def engine_errors(missing: str = "") -> Iterator[None]:
    """Raise the SDK's exceptions of the block as :class:`EngineError`; ``missing``: what to say of what is not there.

    Also a connection that is lost, or that times out, is the engine's error.
    """
    import docker
    import requests

    try:
        yield
    except docker.errors.NotFound as error:
        raise MissingError(str(error.explanation or error), missing) from None
    except docker.errors.APIError as error:
        raise EngineError(str(error.explanation or error)) from None
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise EngineError(str(error)) from None
