"""The Docker engine: a running one is used; otherwise Debian's is installed and started."""

from dataclasses import dataclass

from toolchain import debian_packages, provider_plugin, started_engine
from toolchain.context import Context, Ready
from toolchain.errors import SetupError
from toolchain.machine import Machine

NOUN = "docker engine"
DEFAULT_ENDPOINT = "unix:///var/run/docker.sock"
_INSTALL_HELP = """\
Install one: https://docs.docker.com/engine/install/ (Debian, Ubuntu: sudo apt-get install docker.io),
then join the group that may use it: sudo usermod -aG docker "$USER", and log in again.
Or point DOCKER_HOST, or a docker context, at an engine that runs."""


@dataclass(frozen=True)
class Endpoint:
    """The docker client's engine address, and the answer from there; `version` is None without an answer."""

    address: str
    version: str | None
    errors: str

    @property
    def is_default(self) -> bool:
        """True when this is the default address, which is not a user's choice: an engine may be started for it."""
        return self.address in {"", DEFAULT_ENDPOINT}


def ensure(context: Context) -> Ready:
    """Find an engine that answers, or install and start one where that is allowed."""
    endpoint = look(context.machine)
    if endpoint.version is None:
        _refuse_if_not_allowed(context.machine, endpoint)
        _install_missing_packages(context)
        # A package that starts its own service has made the engine answer by now.
        if look(context.machine).version is None:
            started_engine.start(context, lambda: look(context.machine).version is not None)
        endpoint = look(context.machine)
    # This project's programs follow the current context themselves. The official plugin knows only DOCKER_HOST.
    official = context.machine.environ.get(provider_plugin.CHOICE) == "official"
    variables = {"DOCKER_HOST": endpoint.address} if official and not endpoint.is_default else {}
    return Ready(f"{endpoint.version} at {endpoint.address}", variables=variables)


def look(machine: Machine) -> Endpoint:
    """Ask the docker client for its engine's address, and that engine for its version."""
    address = machine.ask("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    version = machine.ask("docker", "version", "--format", "{{.Server.Version}}")
    return Endpoint(address.output, version.output if version.ok and version.output else None, version.errors)


def _refuse_if_not_allowed(machine: Machine, endpoint: Endpoint) -> None:
    """Raise SetupError, with the remedy, in every case in which no engine may be installed or started."""
    if not endpoint.is_default:
        raise SetupError(
            f"The Docker engine at {endpoint.address} does not answer: {endpoint.errors}",
            "Start that engine; or unset DOCKER_HOST and run `docker context use default` to use this machine's own.",
        )
    if "permission denied" in endpoint.errors.lower():
        raise SetupError(
            "A Docker engine runs here, but this user may not use it.",
            'Join the group that may use it: sudo usermod -aG docker "$USER", and log in again (or: newgrp docker).',
        )
    if not machine.is_root:
        if machine.which("dockerd") is not None and machine.which("docker") is not None:
            raise SetupError(
                "A Docker engine is installed but does not answer.",
                "Start it: sudo systemctl start docker (without systemd: sudo service docker start). "
                "Docker Desktop: start the application.",
            )
        raise SetupError("No Docker engine is reachable, and installing one needs root.", _INSTALL_HELP)


def _install_missing_packages(context: Context) -> None:
    machine = context.machine
    wanted = {"dockerd": "docker.io", "docker": "docker.io", "iptables": "iptables"}
    packages = sorted({package for program, package in wanted.items() if machine.which(program) is None})
    if not packages:
        return
    if not debian_packages.available(machine):
        raise SetupError(
            "No Docker engine is reachable, and this machine has no apt-get to install one.", _INSTALL_HELP
        )
    debian_packages.install(context, NOUN, packages)
