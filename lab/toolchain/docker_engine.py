"""A Docker engine: the one that answers already, else Debian's, started here."""

from dataclasses import dataclass

from toolchain import debian_packages, provider_plugin, started_engine
from toolchain.context import Context, Ready
from toolchain.errors import SetupError
from toolchain.machine import Machine

NOUN = "docker engine"
DEFAULT_ENDPOINT = "unix:///var/run/docker.sock"
_INSTALL_HELP = """\
Install one: https://docs.docker.com/engine/install/ (Debian, Ubuntu: sudo apt-get install docker.io),
then let yourself use it: sudo usermod -aG docker "$USER", and log in again.
Or point DOCKER_HOST, or a docker context, at an engine that runs."""


@dataclass(frozen=True)
class Endpoint:
    """Where the docker client looks for its engine, and what it heard there; `version` is None if nothing."""

    address: str
    version: str | None
    errors: str

    @property
    def is_default(self) -> bool:
        """Whether nobody chose this endpoint, so that an engine may be started for it."""
        return self.address in {"", DEFAULT_ENDPOINT}


def ensure(context: Context) -> Ready:
    """Find an engine that answers, or install and start one where that is allowed."""
    endpoint = look(context.machine)
    if endpoint.version is None:
        _refuse_what_is_not_ours(context.machine, endpoint)
        _install_what_is_missing(context)
        # A package that starts its own service has an answering engine by now.
        if look(context.machine).version is None:
            started_engine.start(context, lambda: look(context.machine).version is not None)
        endpoint = look(context.machine)
    # All that is this project's follows the current context itself. The official plugin knows DOCKER_HOST alone.
    official = context.machine.environ.get(provider_plugin.CHOICE) == "official"
    variables = {"DOCKER_HOST": endpoint.address} if official and not endpoint.is_default else {}
    return Ready(f"{endpoint.version} at {endpoint.address}", variables=variables)


def look(machine: Machine) -> Endpoint:
    """Ask the docker client which engine it uses, and whether that one answers."""
    address = machine.ask("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    version = machine.ask("docker", "version", "--format", "{{.Server.Version}}")
    return Endpoint(address.output, version.output if version.ok and version.output else None, version.errors)


def _refuse_what_is_not_ours(machine: Machine, endpoint: Endpoint) -> None:
    """Say what to do in every case in which this program must not install or start an engine."""
    if not endpoint.is_default:
        raise SetupError(
            f"The Docker engine at {endpoint.address} does not answer: {endpoint.errors}",
            "Start that engine; or unset DOCKER_HOST and run `docker context use default` to use this machine's own.",
        )
    if "permission denied" in endpoint.errors.lower():
        raise SetupError(
            "A Docker engine runs here, but this user may not use it.",
            'Let yourself use it: sudo usermod -aG docker "$USER", and log in again (or: newgrp docker).',
        )
    if not machine.is_root:
        if machine.which("dockerd") is not None and machine.which("docker") is not None:
            raise SetupError(
                "A Docker engine is installed but does not answer.",
                "Start it: sudo systemctl start docker (without systemd: sudo service docker start). "
                "Docker Desktop: start the application.",
            )
        raise SetupError("No Docker engine is reachable, and installing one needs root.", _INSTALL_HELP)


def _install_what_is_missing(context: Context) -> None:
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
