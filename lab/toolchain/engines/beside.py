"""An engine beside the machine's own: in a network namespace, a mount namespace and a Debian root of its own.

Builds reach the package registry by slirp4netns, a program that carries connections without touching the machine's
firewall. The ports that the engine publishes are on the 127.0.0.1 of its own network namespace: what uses them has to
enter it, see :attr:`Engine.enter`.
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
"""Environment variable: where roots, programs and data of engines are kept, 2 GB each; by default `.lab/engines`."""
_SCRIPT = Path(__file__).parent / "run-engine"
_READY_DEADLINE_SECONDS = 90.0
_LOAD_DEADLINE_SECONDS = 300.0
_POLL_SECONDS = 0.2
_BRIDGED_PACKETS = "net.bridge.bridge-nf-call-iptables"


@dataclass(frozen=True)
class Engine:
    """An engine that runs: how its network namespace is entered, and what tells programs where it is."""

    release: Release
    namespace: str
    socket: Path
    version: str

    @property
    def enter(self) -> tuple[str, ...]:
        """What stands before a command that is to run in the engine's network namespace."""
        return ("nsenter", f"--net=/run/netns/{self.namespace}")

    @property
    def variables(self) -> Mapping[str, str]:
        """Environment of programs that are to use this engine."""
        return {"DOCKER_HOST": f"unix://{self.socket}"}


@contextmanager
def running(context: Context, release: Release) -> Iterator[Engine]:
    """Get an engine, start it, put the base image into it; end it afterwards. Its data stays for the next time.

    Raises SetupError: not root, or what is missing and cannot be got.
    """
    if not context.machine.is_root:
        raise SetupError("Starting another Docker engine needs root.", "Run the same command as root.")
    folder = Path(context.machine.environ.get(FOLDER) or context.layout.lab / "engines").absolute()
    for program, package in {"slirp4netns": "slirp4netns", "ip": "iproute2"}.items():
        if context.machine.which(program) is None:
            debian_packages.install(context, f"engine {release.name}", [package])

    def say_waiting(holder: str) -> None:
        context.progress.say(f"engine {release.name}", f"waits for process {holder} …")

    # A set-up of this checkout removes what it finds of one that was killed: it must not run meanwhile.
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
        """Start everything and wait until the engine answers and has the base image."""
        for place in (data, self._folder):
            place.mkdir(parents=True, exist_ok=True)
        self._ask("ip", "netns", "add", self._namespace)
        enter = ["nsenter", f"--net=/run/netns/{self._namespace}"]
        self._ask(*enter, "ip", "link", "set", "lo", "up")
        # What the engine's rules do to packets between containers of one network depends on it.
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
        """End what runs, by process id, and remove the network namespace."""
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
                raise SetupError(f"{name} of {self._noun} does not get ready.", f"Why: {self._end_of_log(name)}")
            time.sleep(_POLL_SECONDS)

    def _version(self) -> str:
        form = "{{.Server.Version}}, API {{.Server.APIVersion}} (from {{.Server.MinAPIVersion}})"
        answer = self._context.machine.ask("docker", "--host", f"unix://{self._socket}", "version", "--format", form)
        return answer.output if answer.ok else ""

    def _load_base_image(self) -> None:
        """Copy the base image from the machine's own engine where it is missing."""
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
