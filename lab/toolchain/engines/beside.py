"""An engine beside the machine's own, with its own network namespace, mount namespace and Debian root.

Builds reach the package registry through slirp4netns, a program that forwards connections without changing the
machine's firewall. The engine publishes ports on the 127.0.0.1 of its network namespace: a program that uses them must
enter that namespace, see :attr:`Engine.enter`.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain import base_image, debian_packages, lock, started_process
from toolchain.context import Context
from toolchain.engines import files
from toolchain.engines.releases import Release
from toolchain.errors import SetupError

FOLDER = "REDLAB_ENGINES"
"""Environment variable: the folder for engines' roots, programs and data, 2 GB each; by default `.lab/engines`."""
_SCRIPT = Path(__file__).parent / "run-engine"
_READY_DEADLINE_SECONDS = 90.0
_LOAD_DEADLINE_SECONDS = 300.0
_POLL_SECONDS = 0.2
_BRIDGED_PACKETS = "net.bridge.bridge-nf-call-iptables"


@dataclass(frozen=True)
class Engine:
    """A running engine: how to enter its network namespace, and the environment that leads programs to it."""

    release: Release
    namespace: str
    socket: Path
    version: str

    @property
    def enter(self) -> tuple[str, ...]:
        """The prefix of a command that runs it in the engine's network namespace."""
        return ("nsenter", f"--net=/run/netns/{self.namespace}")

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment for programs that use this engine."""
        return {"DOCKER_HOST": f"unix://{self.socket}"}


@contextmanager
def running(context: Context, release: Release) -> Iterator[Engine]:
    """Install an engine, start it with the base image, and end it afterwards. Its data stays for the next run.

    Raises SetupError without root, or when a part is missing and cannot be installed.
    """
    if not context.machine.is_root:
        raise SetupError("Starting another Docker engine needs root.", "Run the same command as root.")
    folder = Path(context.machine.environ.get(FOLDER) or context.layout.lab / "engines").absolute()
    for program, package in {"slirp4netns": "slirp4netns", "ip": "iproute2"}.items():
        if context.machine.which(program) is None:
            debian_packages.install(context, f"engine {release.name}", [package])

    def say_waiting(holder: str) -> None:
        context.progress.say(f"engine {release.name}", f"waiting for process {holder} …")

    # A set-up of this checkout removes scratch folders as leftovers: it must not run meanwhile.
    with lock.held(context.layout.lab / "setup.lock", say_waiting):
        root, programs = files.root(context, folder, release), files.programs(context, folder, release)
    with lock.held(folder / "running" / f"{release.name}.lock", say_waiting):
        place = _Place(context, release, folder / "running" / release.name)
        place.end()
        try:
            yield place.start(root, programs, folder / "data" / release.name)
        finally:
            place.end()


class _Place:
    """The folder of one engine's socket, logs and process ids, and its network namespace."""

    def __init__(self, context: Context, release: Release, folder: Path) -> None:
        self._context, self._release, self._folder = context, release, folder
        self._namespace = f"redlab-{release.name}"
        self._socket = folder / "docker.sock"
        self._noun = f"engine {release.name}"

    def start(self, root: Path, programs: Path | None, data: Path) -> Engine:
        """Start all processes, and wait until the engine answers and has the base image."""
        for place in (data, self._folder):
            place.mkdir(parents=True, exist_ok=True)
        self._ask("ip", "netns", "add", self._namespace)
        enter = ["nsenter", f"--net=/run/netns/{self._namespace}"]
        self._ask(*enter, "ip", "link", "set", "lo", "up")
        # This setting decides whether the engine's firewall rules see packets between containers of one network.
        self._ask(*enter, "sysctl", "-qw", f"{_BRIDGED_PACKETS}=1")
        uplink = ["slirp4netns", "--netns-type=path", "--configure", "--mtu=1400", "--disable-host-loopback"]
        self._run("slirp4netns", [*uplink, f"/run/netns/{self._namespace}", "tap0"])
        self._wait("slirp4netns", lambda: "tap0" in self._ask(*enter, "ip", "-brief", "link"))
        isolated = [*enter, "unshare", "--mount", "--propagation", "private"]
        described = [str(_SCRIPT), str(root), str(data), str(self._socket), str(programs or "-")]
        self._run("dockerd", [*isolated, *described, *self._release.options], self._release.variables)
        self._wait("dockerd", lambda: bool(self._version()))
        engine = Engine(self._release, self._namespace, self._socket, self._version())
        self._context.progress.say(self._noun, f"{engine.version} answers")
        self._load_base_image()
        return engine

    def end(self) -> None:
        """End the recorded processes and remove the network namespace."""
        for name in ("dockerd", "slirp4netns"):
            started_process.stop(self._record(name), name, self._log(name))
        if Path("/run/netns", self._namespace).exists():
            self._ask("ip", "netns", "delete", self._namespace)
        self._socket.unlink(missing_ok=True)

    def _run(self, name: str, command: list[str], variables: Mapping[str, str] | None = None) -> None:
        with self._log(name).open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**self._context.machine.child_environ, **(variables or {})},
                start_new_session=True,
            )
        started_process.remember(self._record(name), process.pid)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_DEADLINE_SECONDS
        while not ready():
            if started_process.remembered(self._record(name)) is None or time.monotonic() > deadline:
                raise SetupError(f"{name} of {self._noun} does not become ready.", f"Why: {self._end_of_log(name)}")
            time.sleep(_POLL_SECONDS)

    def _version(self) -> str:
        form = "{{.Server.Version}}, API {{.Server.APIVersion}} (from {{.Server.MinAPIVersion}})"
        answer = self._context.machine.ask("docker", "--host", f"unix://{self._socket}", "version", "--format", form)
        return answer.output if answer.ok else ""

    def _load_base_image(self) -> None:
        """Copy the base image from the machine's own engine if this engine lacks it."""
        there = ["docker", "--host", f"unix://{self._socket}"]
        if self._context.machine.ask(*there, "image", "inspect", "--format", "{{.Id}}", base_image.IMAGE).ok:
            return
        environ = self._context.machine.child_environ
        with subprocess.Popen(["docker", "save", base_image.IMAGE], stdout=subprocess.PIPE, env=environ) as saved:
            done = subprocess.run(
                [*there, "load"],
                stdin=saved.stdout,
                capture_output=True,
                text=True,
                env=environ,
                timeout=_LOAD_DEADLINE_SECONDS,
                check=False,
            )
        if done.returncode or saved.returncode:
            raise SetupError(
                f"{base_image.IMAGE} cannot be put into {self._noun}.", done.stderr or "docker save failed"
            )

    def _ask(self, *command: str) -> str:
        answer = self._context.machine.ask(*command)
        if not answer.ok:
            raise SetupError(f"{self._noun}: `{' '.join(command)}` failed.", answer.errors)
        return answer.output

    def _record(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _end_of_log(self, name: str) -> str:
        return os.linesep.join(self._log(name).read_text(errors="replace").splitlines()[-5:])
