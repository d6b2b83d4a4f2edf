"""The demands on values beyond their types: Docker's, and those that follow from a property's meaning. Pure."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from typing import TYPE_CHECKING, Any

from redlab_provider import durations, traits
from redlab_provider.wire import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_RESTART = ("no", "on-failure", "always", "unless-stopped")
_MAXIMUM_PORT = 65535
_UNSUPPORTED = "is not supported by the native provider"
_BUILDKIT = ("secrets", "additionalContexts", "builder", "cacheTos", "provenance", "sbom")
_NO_BUILD_OPTIONS = (
    "authConfigs",
    "buildLogFile",
    "cgroupParent",
    "cpuPeriod",
    "cpuQuota",
    "cpuSetMems",
    "remoteContext",
    "securityOpts",
    "ulimits",
)

Violation = tuple[str, str]


def violations(token: str, inputs: dict[str, Any]) -> Iterator[Violation]:
    """Yield path and reason for each broken rule; a value that is still unknown breaks none."""
    rules: dict[str, Callable[[dict[str, Any]], Iterator[Violation]]] = {
        traits.CONTAINER: _container,
        traits.NETWORK: _network,
        traits.VOLUME: _volume,
        traits.IMAGE: _image,
    }
    yield from rules[token](inputs)


def _container(inputs: dict[str, Any]) -> Iterator[Violation]:
    yield from _matches(inputs, "name", _NAME, "may hold letters, digits, _ . - and starts with a letter or digit")
    if inputs.get("restart") not in (UNKNOWN, *_RESTART):
        yield "restart", f"must be one of {', '.join(_RESTART)}"
    for name in ("memory", "memoryReservation", "cpuShares", "shmSize", "stopTimeout", "waitTimeout"):
        yield from _at_least(inputs, name, 0)
    yield from _at_least(inputs, "memorySwap", -1)
    if inputs.get("logs") is True:
        yield "logs", _UNSUPPORTED
    if inputs.get("attach") is True and inputs.get("restart") not in (UNKNOWN, "no", "on-failure"):
        yield "attach", f"waits for the container's end, which never comes with restart policy {inputs['restart']}"
    if inputs.get("gpus") not in (None, UNKNOWN, "all"):
        yield "gpus", "must be all; request single devices with deviceRequests"
    yield from _process(inputs)
    parts: dict[str, Callable[[str, dict[str, Any]], Iterator[Violation]]] = {
        "uploads": _upload,
        "ports": _port,
        "networksAdvanced": _endpoint,
        "volumes": _volume_mount,
        "mounts": _mount,
    }
    for name, rule in parts.items():
        for index, item in _items(inputs, name):
            yield from rule(f"{name}[{index}]", item)


def _process(inputs: dict[str, Any]) -> Iterator[Violation]:
    for index, item in _items(inputs, "command"):
        if item == "":
            yield f"command[{index}]", "must not be empty"
    for index, item in _items(inputs, "envs"):
        if "=" not in item:
            yield f"envs[{index}]", "must have the form KEY=VALUE"
    check = inputs.get("healthcheck")
    if isinstance(check, dict):
        for name in ("interval", "timeout", "startPeriod", "startInterval"):
            yield from _duration(f"healthcheck.{name}", check.get(name))


def _port(path: str, port: dict[str, Any]) -> Iterator[Violation]:
    for name, minimum in (("internal", 1), ("external", 0)):
        number = port.get(name)
        if isinstance(number, int) and not minimum <= number <= _MAXIMUM_PORT:
            yield f"{path}.{name}", "must be a port number up to 65535"
    if port.get("protocol") not in (None, UNKNOWN, "tcp", "udp", "sctp"):
        yield f"{path}.protocol", "must be one of tcp, udp, sctp"


def _endpoint(path: str, network: dict[str, Any]) -> Iterator[Violation]:
    yield from _address(f"{path}.ipv4Address", network.get("ipv4Address"), 4)
    yield from _address(f"{path}.ipv6Address", network.get("ipv6Address"), 6)
    if network.get("gwPriority"):
        yield f"{path}.gwPriority", _UNSUPPORTED


def _mount(path: str, mount: dict[str, Any]) -> Iterator[Violation]:
    if mount.get("type") not in (UNKNOWN, "bind", "volume", "tmpfs"):
        yield f"{path}.type", "must be one of bind, volume, tmpfs"


def _upload(path: str, upload: dict[str, Any]) -> Iterator[Violation]:
    given = [name for name in ("content", "contentBase64", "source") if upload.get(name) is not None]
    if len(given) != 1:
        yield path, "needs exactly one of content, contentBase64 and source"
    if not str(upload.get("file", "/")).startswith("/") and upload.get("file") is not UNKNOWN:
        yield f"{path}.file", "must be an absolute path in the container"
    yield from _matches(upload, "permissions", re.compile(r"0[0-7]{3}"), "must look like 0644", prefix=path)
    encoded = upload.get("contentBase64")
    if isinstance(encoded, str):
        try:
            base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            yield f"{path}.contentBase64", "is not valid base64"


def _volume_mount(path: str, volume: dict[str, Any]) -> Iterator[Violation]:
    host_path = volume.get("hostPath")
    if isinstance(host_path, str) and not re.match(r"/|[a-zA-Z]:[\\/]", host_path):
        yield f"{path}.hostPath", "must be an absolute path"
    if not volume.get("containerPath") and not volume.get("fromContainer"):
        yield path, "needs a containerPath or a fromContainer"
    if host_path and volume.get("volumeName"):
        yield path, "must not have both hostPath and volumeName"


def _network(inputs: dict[str, Any]) -> Iterator[Violation]:
    if inputs.get("name") == "":
        yield "name", "must not be empty"
    for index, config in _items(inputs, "ipamConfigs"):
        for name in ("subnet", "ipRange"):
            value = config.get(name)
            if isinstance(value, str) and value:
                try:
                    ipaddress.ip_network(value, strict=name == "subnet")
                except ValueError as error:
                    yield f"ipamConfigs[{index}].{name}", str(error)
        yield from _address(f"ipamConfigs[{index}].gateway", config.get("gateway"))


def _volume(inputs: dict[str, Any]) -> Iterator[Violation]:
    yield from _matches(inputs, "name", _NAME, "may hold letters, digits, _ . - and starts with a letter or digit")
    if inputs.get("cluster") is not None:
        yield "cluster", "cluster volumes need a swarm, which the native provider does not manage"


def _image(inputs: dict[str, Any]) -> Iterator[Violation]:
    if inputs.get("name") == "":
        yield "name", "must not be empty"
    if inputs.get("build") is not None and inputs.get("pullTriggers") is not None:
        yield "pullTriggers", "conflicts with build; use triggers"
    build = inputs.get("build")
    if isinstance(build, dict):
        for name in _BUILDKIT:
            if build.get(name):
                yield f"build.{name}", "needs BuildKit; the native provider builds with the engine's classic builder"
        for name in _NO_BUILD_OPTIONS:
            if build.get(name):
                yield f"build.{name}", _UNSUPPORTED


def _items(inputs: dict[str, Any], name: str) -> Iterator[tuple[int, Any]]:
    items = inputs.get(name)
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if item is not UNKNOWN)


def _matches(
    inputs: dict[str, Any], name: str, pattern: re.Pattern[str], reason: str, prefix: str = ""
) -> Iterator[Violation]:
    value = inputs.get(name)
    if isinstance(value, str) and not pattern.fullmatch(value):
        yield f"{prefix}.{name}" if prefix else name, reason


def _at_least(inputs: dict[str, Any], name: str, minimum: int) -> Iterator[Violation]:
    value = inputs.get(name)
    if isinstance(value, int) and value < minimum:
        yield name, f"must be at least {minimum}"


def _duration(path: str, value: Any) -> Iterator[Violation]:
    if not isinstance(value, str):
        return
    try:
        durations.parse_nanoseconds(value)
    except ValueError as error:
        yield path, str(error)


def _address(path: str, value: Any, version: int | None = None) -> Iterator[Violation]:
    if isinstance(value, str) and value:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            yield path, "is not an IP address"
        else:
            if version is not None and address.version != version:
                yield path, f"is not an IPv{version} address"
