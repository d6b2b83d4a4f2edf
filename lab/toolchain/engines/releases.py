"""The available engine releases and their sources. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class GoSource:
    """A pinned Go module from which `dockerd` and `docker-proxy` are built.

    ``checksum`` is the module's line in a go.sum. ``engine`` is the version that the engine reports. ``module_file`` is
    the module's file that serves as go.mod.
    """

    module: str
    version: str
    checksum: str
    engine: str
    module_file: str = "go.mod"


@dataclass(frozen=True)
class Release:
    """One engine: the Debian suite of its packages, and the source of a `dockerd` that replaces the packaged one."""

    name: str
    suite: str
    source: GoSource | None = None
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


_MOBY_29 = GoSource(
    "github.com/moby/moby/v2",
    "v2.0.0-beta.24",
    "h1:sWv7EckkDJhpraR9yUjkw1XeVf39+MWd58E22PYloNA=",
    "29.0.0+v2.0.0-beta.24",
)
_DOCKER_27 = GoSource(
    "github.com/docker/docker",
    "v27.5.0+incompatible",
    "h1:um++2NcQtGRTz5eEgO6aJimo6/JxrTXC941hd05JO6U=",
    "27.5.0",
    module_file="vendor.mod",
)
_REAL_29 = {"DOCKER_MIN_API_VERSION": "1.44"}
"""The lowest API version of release 29; the module's own default is lower."""

RELEASES = {
    release.name: release
    for release in (
        Release("26", "trixie"),
        Release("27", "sid", _DOCKER_27),
        Release("28", "sid"),
        Release("29", "sid", _MOBY_29, variables=_REAL_29),
        Release("29-nftables", "sid", _MOBY_29, options=("--firewall-backend=nftables",), variables=_REAL_29),
    )
}
