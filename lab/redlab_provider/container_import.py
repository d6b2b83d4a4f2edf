"""The inputs that would create an existing container (for `pulumi import`). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redlab_provider import labels, schema, traits
from redlab_provider.container_state import engine_view
from redlab_provider.values import is_zero

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENGINE_DEFAULTS: Final[dict[str, Any]] = {
    "cgroupnsMode": "host",
    "ipcMode": "private",
    "platform": "linux",
    "runtime": "runc",
    "shmSize": 64,
    "stopSignal": "SIGTERM",
    "logDriver": "json-file",
}
"""Values that the engine fills in when a program sets none; an imported program need not state them."""


def inputs_of(inspected: dict[str, Any], image: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the inputs, without values that come from the image or are the engine's defaults."""
    config, host = inspected["Config"], inspected["HostConfig"]
    from_image = (image or {}).get("Config") or {}
    properties = schema.resources()[traits.CONTAINER].inputs
    view = engine_view(inspected)
    inputs = {
        name: value
        for name, value in view.items()
        if name in properties
        and not is_zero(value)
        and value != _ENGINE_DEFAULTS.get(name)
        and value != properties[name].default
    }
    inputs["image"] = config.get("Image") or inspected["Image"]
    if view["memorySwap"] == 2 * view["memory"]:
        inputs.pop("memorySwap", None)
    if view["hostname"] == inspected["Id"][:12]:
        inputs.pop("hostname", None)
    for name, key in (
        ("command", "Cmd"),
        ("entrypoints", "Entrypoint"),
        ("user", "User"),
        ("workingDir", "WorkingDir"),
    ):
        if (config.get(key) or None) == (from_image.get(key) or None):
            inputs.pop(name, None)
    if (config.get("Healthcheck") or None) == (from_image.get("Healthcheck") or None):
        inputs.pop("healthcheck", None)
    inputs["envs"] = [item for item in config.get("Env") or [] if item not in (from_image.get("Env") or [])]
    inherited = (from_image.get("Labels") or {}).items()
    inputs["labels"] = labels.to_list(dict((config.get("Labels") or {}).items() - inherited))
    inputs["networksAdvanced"] = _networks(inspected)
    inputs["volumes"] = [_volume(bind) for bind in host.get("Binds") or []]
    return {name: value for name, value in inputs.items() if not is_zero(value)}


def _networks(inspected: dict[str, Any]) -> list[dict[str, Any]]:
    networks = []
    by_engine = (inspected["Id"][:12], inspected["Config"].get("Hostname"))
    for name, endpoint in sorted(((inspected.get("NetworkSettings") or {}).get("Networks") or {}).items()):
        if name in ("bridge", "host", "none"):
            continue
        network = {"name": name}
        aliases = [alias for alias in endpoint.get("Aliases") or [] if alias not in by_engine]
        addresses = endpoint.get("IPAMConfig") or {}
        network |= {
            key: value
            for key, value in {
                "aliases": aliases,
                "ipv4Address": addresses.get("IPv4Address"),
                "ipv6Address": addresses.get("IPv6Address"),
            }.items()
            if value
        }
        networks.append(network)
    return networks


def _volume(bind: str) -> dict[str, Any]:
    source, _, rest = bind.partition(":")
    path, _, options = rest.partition(":")
    volume: dict[str, Any] = {"containerPath": path, "hostPath" if source.startswith("/") else "volumeName": source}
    if "ro" in options.split(","):
        volume["readOnly"] = True
    return volume
