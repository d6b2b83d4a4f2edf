"""Pulumi, built from pinned Go modules on a machine that can reach the module proxy but no download site."""

import shutil
from pathlib import Path

from toolchain import pins
from toolchain.context import Context
from toolchain.errors import SetupError

NOUN = "pulumi"
_DEADLINE_SECONDS = 2400.0
_VERSION_VARIABLE = f"{pins.SDK_MODULE}/go/common/version.Version"
SCRIPTS = Path(__file__).parent / "language-python"
"""Scripts, beside the host's go.mod, that adapt the older language host to the CLI."""


def build(context: Context, destination: Path) -> None:
    """Build the CLI and the Python language host into the new folder `destination`."""
    cli, host = context.layout.module("pulumi"), context.layout.module("language-python")
    _require_go(context, cli)
    destination.mkdir()
    # Building the CLI takes minutes on two cores, unless Go's build cache has it.
    _build(context, cli, f"{pins.PULUMI_MODULE}/cmd/pulumi", pins.PULUMI_MODULE, destination / "pulumi")
    package = f"{pins.SDK_MODULE}/python/cmd/pulumi-language-python"
    _build(context, host, package, pins.SDK_MODULE, destination / "pulumi-language-python-host")
    programs = destination / "virtualenv" / "bin"
    programs.mkdir(parents=True)
    for script, made in (
        ("pulumi-language-python", destination / "pulumi-language-python"),
        ("python", programs / "python"),
        ("python", programs / "python3"),
    ):
        shutil.copyfile(SCRIPTS / script, made)
        made.chmod(0o755)
    # The script that runs a program must have the CLI's version: it communicates with the Python SDK.
    runner = destination / "pulumi-language-python-exec"
    shutil.copyfile(_module_folder(context, cli, pins.SDK_MODULE) / "python" / "cmd" / runner.name, runner)
    runner.chmod(0o755)


def _require_go(context: Context, module: Path) -> None:
    """Raise SetupError where Go is missing, or older than the go.mod demands and not allowed to fetch a newer one."""
    answer = context.machine.ask("go", "version", cwd=module, timeout_seconds=120)
    if not answer.ok:
        raise SetupError(
            f"There is no Pulumi of version {pins.pulumi_version(context.layout)} or newer, its installer "
            f"did not work, and Go cannot build it: {answer.errors}",
            "Install Pulumi (https://www.pulumi.com/docs/install/), or Go 1.26 or newer (https://go.dev/doc/install), "
            "and put it on PATH.",
        )


def _build(context: Context, module: Path, package: str, versioned: str, program: Path) -> None:
    version = pins.go_module(module / "go.mod", versioned)
    flags = f"-s -w -X {_VERSION_VARIABLE}={version}"
    command = ["go", "build", "-v", "-trimpath", "-ldflags", flags, "-o", str(program), package]
    context.progress.run(
        context.machine,
        NOUN,
        f"building {package.rpartition('/')[2]} {version}",
        command,
        cwd=module,
        deadline_seconds=_DEADLINE_SECONDS,
    )


def _module_folder(context: Context, module: Path, name: str) -> Path:
    answer = context.machine.ask("go", "list", "-m", "-f", "{{.Dir}}", name, cwd=module, timeout_seconds=120)
    if not answer.ok or not answer.output:
        raise SetupError(f"Go does not say where it keeps {name}.", answer.errors)
    return Path(answer.output)
