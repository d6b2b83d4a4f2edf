"""The configuration of the provider: which engine it uses, and how it reaches that engine."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from redlab_provider import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

UNSUPPORTED: Final = ("caMaterial", "certMaterial", "keyMaterial", "sshOpts")
"""Settings of the official plugin that the native provider does not have."""
_BY_PULUMI: Final = ("version", "pluginDownloadURL")


@dataclass(frozen=True)
class RegistryLogin:
    """Name and password for one image registry."""

    address: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Configuration:
    """How to reach the engine. When host and context are None, the docker command's current context is used."""

    host: str | None = None
    context: str | None = None
    certificate_directory: str | None = None
    logins: tuple[RegistryLogin, ...] = ()

    @property
    def shown_host(self) -> str:
        """The engine's address as messages show it."""
        return self.host or (f"context {self.context}" if self.context else "the default Docker socket")


def from_properties(properties: dict[str, Any]) -> Configuration:
    """Read the configuration in Pulumi's form: nested values are JSON texts. Without a host, DOCKER_HOST counts."""
    logins = _decoded(properties.get("registryAuth")) or []
    return Configuration(
        host=properties.get("host") or (None if properties.get("context") else os.environ.get("DOCKER_HOST")) or None,
        context=properties.get("context"),
        certificate_directory=properties.get("certPath") or os.environ.get("DOCKER_CERT_PATH"),
        logins=tuple(
            RegistryLogin(login["address"], login["username"], login.get("password", ""))
            for login in logins
            if login.get("username")
        ),
    )


def violations(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and reason for each setting that the native provider does not know or support."""
    known = schema.provider_config().fields
    for name, value in properties.items():
        if name not in known and name not in _BY_PULUMI and not name.startswith("__"):
            yield name, f"unknown provider configuration; known are {', '.join(sorted(known))}"
        elif name in UNSUPPORTED and value:
            yield name, "is not supported by the native Docker provider; certPath and the ssh configuration are"


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
