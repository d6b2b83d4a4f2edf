"""Proxy variables of the shell, which must not stand between this machine and itself. Pure.

A lab is reached at 127.0.0.1 alone, and Pulumi talks with its programs there. With `http_proxy` set these calls would
go to the proxy: urllib, requests and gRPC's Python library make no exception for this machine unless `no_proxy` does.
"""

from __future__ import annotations

from collections.abc import Mapping

THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_EVERYTHING = "*"


def bypass(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that have no call to this machine go to a proxy, beside the caller's own exceptions."""
    own = [environment[name] for name in ("no_proxy", "NO_PROXY") if environment.get(name)]
    listed = [part.strip() for value in own for part in value.split(",") if part.strip()]
    # urllib knows the asterisk only where it stands alone, and then it covers this machine as well.
    said = _EVERYTHING if _EVERYTHING in listed else ",".join(dict.fromkeys([*listed, *THIS_MACHINE]))
    # gRPC has a variable of its own, and does not know the asterisk.
    return {"no_proxy": said, "NO_PROXY": said, "no_grpc_proxy": ",".join(THIS_MACHINE)}
