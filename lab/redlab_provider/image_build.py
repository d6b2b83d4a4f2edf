"""Building images with the engine's classic builder."""

from __future__ import annotations

import base64
import contextlib
import json
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from redlab_provider.engine import EngineError, docker_library
from redlab_provider.errors import ResourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from redlab_provider.operation import Operation

_builds = threading.BoundedSemaphore(2)
"""Builds at one time in this process. Processor and disk limit a build, so more at once would not be faster."""
_SHOWN_LINES: Final = 30


def arguments(name: str, build: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the client's `build`; it respects .dockerignore. Pure."""
    limits = {
        "memory": build.get("memory"),
        "memswap": build.get("memorySwap"),
        "cpushares": build.get("cpuShares"),
        "cpusetcpus": build.get("cpuSetCpus"),
    }
    return {
        "path": str(Path(build["context"]).expanduser()),
        "dockerfile": build.get("dockerfile") or "Dockerfile",
        "tag": name,
        "buildargs": build.get("buildArgs") or {},
        "labels": {**(build.get("label") or {}), **(build.get("labels") or {})},
        "target": build.get("target") or None,
        "rm": build.get("remove", True),
        "forcerm": True,
        "nocache": bool(build.get("noCache")),
        "pull": bool(build.get("pullParent")),
        "platform": build.get("platform") or None,
        "shmsize": build.get("shmSize") or None,
        "squash": build.get("squash") or None,
        "isolation": build.get("isolation") or None,
        "network_mode": build.get("networkMode") or None,
        "cache_from": build.get("cacheFroms") or None,
        "extra_hosts": dict(entry.split(":", 1) for entry in build.get("extraHosts") or []) or None,
        "container_limits": {key: value for key, value in limits.items() if value},
        "decode": True,
    }


def build(operation: Operation, name: str, settings: Mapping[str, Any]) -> None:
    """Build the image; raise ResourceError with the end of the build's output when it fails."""
    context = Path(settings["context"]).expanduser()
    if not context.is_dir():
        raise ResourceError(f'image "{name}": the build context {context} is not a directory')
    with _builds:
        operation.cancellation.check()
        try:
            follow(operation, lambda client: _start(client, arguments(name, settings), operation))
        except EngineError as error:
            raise EngineError(f'image "{name}" cannot be built: {error}', error.status) from error
    for tag in settings.get("tags") or []:
        repository, _, version = tag.partition(":")
        with operation.engine.call() as client:
            client.tag(name, repository, version or "latest")


def _start(client: Any, settings: dict[str, Any], operation: Operation) -> Iterable[dict[str, Any]]:
    """Start a build, without registry logins where Docker's configuration names a missing program for them.

    The client sends all logins with every build, needed or not.
    """
    library = docker_library()
    try:
        library.load_config().get_all_credentials()
    except (library.StoreError, library.DockerException) as error:
        operation.log(f"building without logins, which cannot be read: {error}", passing=True)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as nobody:
            # With no login in the configuration, the client would read its own configuration again.
            json.dump({"auths": {"registry.invalid": {"auth": base64.b64encode(b"nobody:none").decode()}}}, nobody)
            nobody.flush()
            client.reload_config(nobody.name)
    started: Iterable[dict[str, Any]] = client.build(**settings)
    return started


def follow(operation: Operation, start: Callable[[Any], Iterable[dict[str, Any]]]) -> None:
    """Read the progress of a long request to its end, on a connection that a cancellation closes."""
    library = docker_library()
    responses: list[Any] = []

    def close() -> None:
        for response in responses:
            with contextlib.suppress(OSError, AttributeError):
                library.CancellableStream(iter(()), response).close()

    client = operation.engine.new_client()
    client.hooks["response"].append(lambda response, **_: responses.append(response))
    lines: deque[str] = deque(maxlen=_SHOWN_LINES)
    try:
        with operation.cancellation.on_cancel(close), operation.engine.translated_errors():
            for message in start(client):
                operation.cancellation.check()
                _digest(message, lines, operation)
    except EngineError as error:
        operation.cancellation.check()
        raise EngineError(f"{error}\n{''.join(lines)}".strip(), error.status) from error
    finally:
        client.close()
    operation.cancellation.check()


def _digest(message: dict[str, Any], lines: deque[str], operation: Operation) -> None:
    if "error" in message:
        raise EngineError(str(message["error"]))
    if text := message.get("stream"):
        lines.append(text)
        if text.startswith("Step "):
            operation.log(text.strip(), passing=True)
