"""The Docker engine: one client, a bound on what runs at once, and errors in the engine's own words."""

from __future__ import annotations

import importlib
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from redlab_provider import discarded
from redlab_provider.errors import ResourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from redlab_provider.configuration import Configuration

Client = Any
"""A `docker.APIClient`; the stubs of that library leave out some of its methods."""
MISSING: Final = 404
CONFLICT: Final = 409
MAXIMUM_CALLS: Final = 8
"""Calls to the engine at one time. More only queue inside the engine (creates and starts serialise there)."""
CALL_TIMEOUT_SECONDS: Final = 300
"""How long one answer of the engine may take. A call that stops a container includes the grace period."""

_import_lock = threading.Lock()


def docker_library() -> ModuleType:
    """Return the Docker SDK; the first caller imports it while other threads wait."""
    with _import_lock:
        return importlib.import_module("redlab_provider.docker_library")


class EngineError(ResourceError):
    """The engine refused a request, or could not be reached."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status of the engine's answer, None when there was no answer."""


class Engine:
    """Access to one Docker engine; usable from many threads."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._slots = threading.BoundedSemaphore(MAXIMUM_CALLS)
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._discarded: frozenset[str] | None = None
        self._warned: set[str] = set()

    def new_client(self) -> Client:
        """Return a client with connections of its own, for streams."""
        library = docker_library()
        configuration = self.configuration
        host = configuration.host
        tls: Any = False
        if host is None:
            if configuration.context is not None and library.ContextAPI.get_context(configuration.context) is None:
                raise EngineError(f"there is no Docker context named {configuration.context}")
            # Without a name it is the docker command's current context.
            chosen = library.ContextAPI.kwargs_from_context(configuration.context)
            host, tls = chosen.get("base_url"), chosen.get("tls", False)
        if configuration.certificate_directory and host and host.startswith(("tcp://", "https://")):
            folder = configuration.certificate_directory
            tls = library.TLSConfig(
                client_cert=(f"{folder}/cert.pem", f"{folder}/key.pem"), ca_cert=f"{folder}/ca.pem", verify=True
            )
        try:
            return library.APIClient(
                base_url=host,
                version="auto",
                timeout=CALL_TIMEOUT_SECONDS,
                tls=tls,
                num_pools=MAXIMUM_CALLS,
                max_pool_size=8 * MAXIMUM_CALLS,
                use_ssh_client=True,
            )
        except library.DockerException as error:
            raise EngineError(f"cannot reach the Docker engine at {configuration.shown_host}: {error}") from error

    @contextmanager
    def call(self) -> Iterator[Client]:
        """Give the shared client for one short request, waiting for a free slot."""
        with self._slots, self.waiting_call() as client:
            yield client

    @contextmanager
    def waiting_call(self) -> Iterator[Client]:
        """Give the shared client for a request that mostly waits, such as a container's stop. It takes no slot."""
        with self._lock:
            if self._client is None:
                self._client = self.new_client()
        with self.translated_errors():
            yield self._client

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn the client library's errors into EngineError with the engine's explanation."""
        library = docker_library()
        try:
            yield
        except library.APIError as error:
            raise EngineError(str(error.explanation or error), error.status_code) from error
        except library.StoreError as error:
            raise EngineError(f"logins cannot be read (credsStore of Docker's configuration): {error}") from error
        except library.NO_ANSWER as error:
            raise EngineError(
                f"no answer from the Docker engine at {self.configuration.shown_host}: {error}"
            ) from error

    def api_version(self) -> tuple[int, ...]:
        """Return the version of the API that client and engine agreed on, for example (1, 41)."""
        with self.call() as client:
            return tuple(int(part) for part in client.api_version.split("."))

    def discarded_limits(self) -> frozenset[str]:
        """Return the properties of containers that this engine ignores."""
        if self._discarded is None:
            with self.call() as client:
                self._discarded = discarded.limits(client.info())
        return self._discarded

    def first_time(self, warning: str) -> bool:
        """Tell whether this warning of the engine has not been shown in this process yet."""
        with self._lock:
            new = warning not in self._warned
            self._warned.add(warning)
        return new

    def container(self, name_or_id: str) -> dict[str, Any] | None:
        """Inspect a container; None if there is none."""
        with _none_if_missing() as found, self.call() as client:
            found.append(client.inspect_container(name_or_id))
        return found[0] if found else None

    def network(self, name_or_id: str) -> dict[str, Any] | None:
        """Inspect a network; None if there is none."""
        with _none_if_missing() as found, self.call() as client:
            found.append(client.inspect_network(name_or_id))
        return found[0] if found else None

    def volume(self, name: str) -> dict[str, Any] | None:
        """Inspect a volume; None if there is none."""
        with _none_if_missing() as found, self.call() as client:
            found.append(client.inspect_volume(name))
        return found[0] if found else None

    def image(self, name_or_id: str) -> dict[str, Any] | None:
        """Inspect an image; None if it is not on the engine."""
        with _none_if_missing() as found, self.call() as client:
            found.append(client.inspect_image(name_or_id))
        return found[0] if found else None


@contextmanager
def _none_if_missing() -> Iterator[list[Any]]:
    found: list[Any] = []
    try:
        yield found
    except EngineError as error:
        if error.status != MISSING:
            raise
