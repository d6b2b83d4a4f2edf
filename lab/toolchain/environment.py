"""The environment in which Pulumi and redlab run, as files: one for the shell, one for programs."""

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
"""Resources that Pulumi makes at once. Its default, four for each processor, would have containers that could start
wait for the first health check of others; how many calls the engine gets at once is the provider's affair."""
_UNSET = ("PULUMI_CONFIG_PASSPHRASE",)
"""Even empty it counts more than the file with the passphrase, and no secret of a stack can be read then."""
_WITHOUT_SIDECARS = "?metadata=skip"
"""No `.attrs` file beside each file of the state. Pulumi's storage library writes that one in place, not by renaming:
a command that reads the state just then, or after a run was killed just then, fails with nothing but "EOF"
(git-pkgs/proxy#328 measured 408 of 2,000 reads). Nothing reads what is in it."""


_NO_PROXY = """\
# No proxy between Pulumi, its programs and the lab: all are on this machine (as in lab/redlab/stack/proxies.py).
case ",${no_proxy:-},${NO_PROXY:-}," in
*,\\*,* | *,127.0.0.1,localhost,::1,*) ;;
*) no_proxy=${no_proxy:+$no_proxy,}${NO_PROXY:+$NO_PROXY,}127.0.0.1,localhost,::1 NO_PROXY=$no_proxy ;;
esac
export no_proxy NO_PROXY no_grpc_proxy=127.0.0.1,localhost,::1"""


def write(layout: Layout, parts: Iterable[Ready]) -> None:
    """Write `.lab/env.sh` and `.lab/environment.json`, and make what they name.

    The JSON document is `{"path": [folder, …], "variables": {name: value}, "unset": [name, …]}`: folders go before
    PATH; what is unset would have Pulumi look elsewhere.
    """
    parts = list(parts)
    layout.state.mkdir(parents=True, exist_ok=True)
    for sidecar in layout.state.rglob("*.attrs"):
        # An older checkout's; Pulumi goes on reading them, half written ones too.
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
    """Write the environment for a POSIX shell; sourcing it twice is the same as once."""
    lines = ["# Made by lab/toolchain; to use it: . .lab/env.sh"]
    for folder in reversed(list(path)):
        quoted = shlex.quote(str(folder))
        lines.append(f'case ":$PATH:" in *:{quoted}:*) ;; *) PATH={quoted}:$PATH ;; esac')
    lines.append("export PATH")
    lines += [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    lines += [f"unset {name}" for name in _UNSET]
    lines += [_NO_PROXY]
    return "\n".join(lines) + "\n"
