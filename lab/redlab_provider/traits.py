"""Facts about the properties that the schema does not state: defaults, order, generated names, metadata.

The values are those of the official plugin 5.2.0: measured (`tests/provider/data/golden.json`), or documented there.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Final

CONTAINER: Final = "docker:index/container:Container"
NETWORK: Final = "docker:index/network:Network"
VOLUME: Final = "docker:index/volume:Volume"
IMAGE: Final = "docker:index/remoteImage:RemoteImage"

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    CONTAINER: {
        "attach": False,
        "containerReadRefreshTimeoutMilliseconds": 15000,
        "logs": False,
        "mustRun": True,
        "networkMode": "bridge",
        "readOnly": False,
        "removeVolumes": True,
        "restart": "no",
        "rm": False,
        "start": True,
        "stdinOpen": False,
        "tty": False,
        "wait": False,
        "waitTimeout": 60,
    },
    "ContainerDevice": {"permissions": "rwm"},
    "ContainerDeviceRequest": {"driver": "cdi"},
    "ContainerHealthcheck": {
        "interval": "0s",
        "retries": 0,
        "startInterval": "0s",
        "startPeriod": "0s",
        "timeout": "0s",
    },
    "ContainerPort": {"ip": str(IPv4Address(0)), "protocol": "tcp"},
    "ContainerUpload": {"executable": False},
    NETWORK: {"ipamDriver": "default"},
    "RemoteImageBuild": {"dockerfile": "Dockerfile", "remove": True, "useLegacyBuilder": False},
}
"""Defaults by owner (resource token or type name) and property. Check writes those that are not zero values.

In a comparison an empty text equals the default: a state that was written before the default existed has it."""

ORDERED: Final = frozenset(
    {"additionalContexts", "cacheFroms", "cacheTos", "command", "entrypoints", "ports", "tags", "tests"}
)
"""Arrays whose order matters; every other array is a set."""

AUTO_NAMED: Final = frozenset({CONTAINER, NETWORK, VOLUME})
"""Resources that get a generated name (`<logical name>-<7 hex digits>`) when the program gives none."""

META: Final[dict[str, str]] = {
    CONTAINER: '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,'
    '"update":1200000000000},"schema_version":"2"}',
    IMAGE: '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,'
    '"update":1200000000000}}',
    NETWORK: '{"schema_version":"1"}',
    VOLUME: '{"schema_version":"1"}',
}
"""The `__meta` of each resource's state. Without its schema version the official plugin would treat the state as an
older one and migrate it, which would damage it."""

OWNER_LABEL: Final = "io.redundancy-lab.owner"
"""The label with the unique id of the stack that made an object. Only an object with it can count as a leftover."""
