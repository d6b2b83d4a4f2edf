"""The environment of Pulumi and redlab, as files: one for a shell, one for programs."""

import json
import secrets
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from toolchain.context import Ready
from toolchain.files import write_atomically
from toolchain.layout import Layout

_PASSPHRASE_BYTES = 32
_PARALLEL = 64
"""The number of resources that Pulumi creates at once. With its default, four for each processor, containers that
could start would wait for other containers' first health checks. The provider limits the calls to the engine."""
_UNSET = ("PULUMI_CONFIG_PASSPHRASE",)
"""Pulumi prefers this variable, even empty, to the passphrase file, and then cannot read the stacks' secrets."""
_WITHOUT_SIDECARS = "?metadata=skip"
"""Keeps Pulumi from writing an `.attrs` file beside each state file. Its storage library writes that file in place,
not by renaming. A command that reads the state at that moment, or after a run was killed at that moment, fails with
the bare message "EOF" (git-pkgs/proxy#328 measured 408 of 2,000 reads). No program uses the contents."""


_NO_PROXY = """\
# No proxy between Pulumi, its programs and the lab: all are on this machine (as in lab/redlab/stack/proxies.py).
case ",${no_proxy:-},${NO_PROXY:-}," in
*,\\*,* | *,127.0.0.1,localhost,::1,*) ;;
*) no_proxy=${no_proxy:+$no_proxy,}${NO_PROXY:+$NO_PROXY,}127.0.0.1,localhost,::1 NO_PROXY=$no_proxy ;;
esac
export no_proxy NO_PROXY no_grpc_proxy=127.0.0.1,localhost,::1"""


def write(layout: Layout, parts: Iterable[Ready]) -> None:
    """Write `.lab/env.sh` and `.lab/environment.json`, and create the folder and the passphrase that they name.

    The JSON document is `{"path": [folder, …], "variables": {name: value}, "unset": [name, …]}`. The folders go to
    the front of PATH. The variables in `unset` would lead Pulumi to other secrets.
    """
    parts = list(parts)
    layout.state.mkdir(parents=True, exist_ok=True)
    for sidecar in layout.state.rglob("*.attrs"):
        # Older checkouts wrote these files. Pulumi still reads them if they exist, even incomplete ones.
        sidecar.unlink(missing_ok=True)
    if not layout.passphrase.exists():
        write_atomically(layout.passphrase, secrets.token_urlsafe(_PASSPHRASE_BYTES) + "\n", mode=0o600)
    path = [folder for part in parts for folder in part.path]
    variables = {
        **{name: value for part in parts for name, value in part.variables.items()},
        "PULUMI_HOME": str(layout.pulumi_home),
        "PULUMI_BACKEND_URL": layout.state.as_uri() + _WITHOUT_SIDECARS,
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(layout.passphrase),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_PARALLEL": str(_PARALLEL),
        # Programs of a lab read and write UTF-8 in any locale.
        "PYTHONUTF8": "1",
    }
    document = {"path": [str(folder) for folder in path], "variables": variables, "unset": list(_UNSET)}
    write_atomically(layout.lab / "environment.json", json.dumps(document, indent=2) + "\n")
    write_atomically(layout.lab / "env.sh", shell_script(path, variables))


def shell_script(path: Iterable[Path], variables: Mapping[str, str]) -> str:
    """Write the environment for a POSIX shell; sourcing it again changes nothing."""
    lines = ["# Made by lab/toolchain; to use it: . .lab/env.sh"]
    for folder in reversed(list(path)):
        quoted = shlex.quote(str(folder))
        lines.append(f'case ":$PATH:" in *:{quoted}:*) ;; *) PATH={quoted}:$PATH ;; esac')
    lines.append("export PATH")
    lines += [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    lines += [f"unset {name}" for name in _UNSET]
    lines += [_NO_PROXY]
    return "\n".join(lines) + "\n"
