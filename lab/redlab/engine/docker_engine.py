"""One Docker engine: everything that redlab asks of it, and nothing of its SDK or its JSON comes out."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from redlab.engine import copying, description, shell
from redlab.engine.attached import Attached
from redlab.engine.errors import EngineError, MissingError, engine_errors
from redlab.engine.model import About, Answer, Container, Endpoint, Image, Kind, Thing
from redlab.errors import RedlabError
from redundancy import claims
from redundancy.addressing import Subnet
from redundancy.claims import Seen

if TYPE_CHECKING:
    import docker

_HARDENED: Mapping[str, Any] = {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}


class Engine:
    """The engine of one host; containers are named as the engine names them.

    Every method raises EngineError with the engine's words when it is refused, and MissingError for what is not there.
    ``connect`` gives the SDK's client; it is asked for when it is needed.
    """

    def __init__(self, connect: Callable[[], docker.DockerClient]) -> None:
        self._connect = connect

    @property
    def _api(self) -> Any:
        return self._connect().api

    # The engine itself

    def about(self) -> About:
        """Return what the engine says of itself."""
        with engine_errors():
            return description.about(self._api.version(), self._api.info())

    def now(self) -> float:
        """Return the time by the engine's clock, in Unix seconds."""
        with engine_errors():
            return description.instant(self._api.info()["SystemTime"])

    def is_here(self) -> bool:
        """Whether the engine is on this machine (its base URL is the SDK's): what it publishes is reached here then."""
        return urlparse(self._api.base_url).hostname in ("localhost", "127.0.0.1")

    # What it has

    def container(self, name: str) -> Container:
        """Return a container as it is now."""
        with engine_errors(missing=_gone(name)):
            return description.container(self._api.inspect_container(name))

    def containers(self, labels: Mapping[str, str]) -> list[Container]:
        """Return the containers that have all of these labels, running or not; '' stands for any value."""
        found = []
        with engine_errors():
            for each in self._api.containers(all=True, filters=_having(labels)):
                try:
                    found.append(self.container(each["Id"]))
                except MissingError:  # removed since it was listed
                    continue
        return found

    def things(self, labels: Mapping[str, str], kinds: Iterable[Kind] = tuple(Kind)) -> list[Thing]:
        """Return the things of these kinds that have all of these labels, in the order of their removal."""
        reads = {Kind.CONTAINER: self._containers, Kind.NETWORK: self._networks, Kind.VOLUME: self._volumes}
        with engine_errors():
            return [thing for kind in kinds for thing in reads[kind](labels)]

    def _containers(self, labels: Mapping[str, str]) -> Iterator[Thing]:
        return map(description.thing_of, self.containers(labels))

    def _networks(self, labels: Mapping[str, str]) -> Iterator[Thing]:
        return map(description.network, self._api.networks(filters=_having(labels)))

    def _volumes(self, labels: Mapping[str, str]) -> Iterator[Thing]:
        return map(description.volume, self._api.volumes(filters=_having(labels))["Volumes"] or ())

    def image(self, name: str) -> Image:
        """Return an image by its name or id."""
        with engine_errors(missing=f"the engine has no image {name}"):
            return description.image(self._api.inspect_image(name))

    def claims(self, lab: str, owner: str) -> Seen:
        """Return the addresses, ports and names that are taken: by this owner's lab, and by others."""
        with engine_errors():
            return claims.of_engine(self._api.networks(), self._api.containers(all=True), lab, owner)

    def bridges(self) -> frozenset[str]:
        """Return the names of the bridges of its networks, as its machine calls them."""
        with engine_errors():
            return frozenset(map(description.bridge, self._api.networks()))

    def published_ports(self) -> set[int]:
        """Return the ports that its containers publish."""
        with engine_errors():
            return description.public_ports(self._api.containers())

    # The state of a container

    def start(self, name: str) -> None:
        """Start a container; one that runs goes on."""
        with engine_errors():
            self._api.start(name)

    def stop(self, name: str, seconds: int) -> None:
        """Ask a container to end, and kill it after so many seconds."""
        with engine_errors():
            self._api.stop(name, timeout=seconds)

    def restart(self, name: str, seconds: int) -> None:
        """Stop a container as :meth:`stop` does, and start it."""
        with engine_errors():
            self._api.restart(name, timeout=seconds)

    def kill(self, name: str) -> None:
        """End a container at once (SIGKILL)."""
        with engine_errors():
            self._api.kill(name, "SIGKILL")

    def pause(self, name: str) -> None:
        """Freeze all processes of a container."""
        with engine_errors():
            self._api.pause(name)

    def unpause(self, name: str) -> None:
        """Let a paused container go on."""
        with engine_errors():
            self._api.unpause(name)

    def wait(self, name: str, seconds: int) -> int:
        """Return the exit code of a container that ends within so many seconds."""
        with engine_errors():
            return int(self._api.wait(name, timeout=seconds)["StatusCode"])

    def connect(self, name: str, endpoint: Endpoint) -> None:
        """Connect a container to a network, exactly as the endpoint says."""
        pairs = [link.partition(":") for link in endpoint.links]
        with engine_errors():
            self._api.connect_container_to_network(
                name,
                endpoint.network,
                ipv4_address=endpoint.ipv4_address or None,
                ipv6_address=endpoint.ipv6_address or None,
                aliases=list(endpoint.aliases) or None,
                links=[(target, alias or None) for target, _, alias in pairs] or None,
                link_local_ips=list(endpoint.link_local_addresses) or None,
                driver_opt=dict(endpoint.driver_options) if endpoint.driver_options else None,
            )

    def disconnect(self, name: str, network: str) -> None:
        """Disconnect a container from a network; it goes on running."""
        with engine_errors():
            self._api.disconnect_container_from_network(name, network)

    # Inside a container

    def run(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> Answer:
        """Run a command inside a container that runs, once."""
        found = self.container(name)
        with engine_errors(missing=_gone(name)):
            return shell.run(self._api, found, command, environment or {})

    def execute(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> str:
        """Run a command as :meth:`run` does, and return its standard output. Raises RedlabError when it fails."""
        try:
            answer = self.run(name, command, environment)
        except MissingError:
            raise
        except EngineError as error:  # it is stopped or paused
            raise EngineError(error.words, f"{name}: {error.words}") from None
        if answer.code != 0:  # None: the container ended while the command was running
            said = (answer.err or answer.out).decode(errors="replace").strip()
            raise RedlabError(f"{' '.join(command[:3])} in {name} ended with {answer.code}: {said}")
        return answer.out.decode()

    def stream(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> Iterator[bytes]:
        """Run a command inside a container; yields its standard output as it comes. Raises RedlabError."""
        said = b""
        with engine_errors(missing=_gone(name)):
            begun = self._api.exec_create(name, command, environment=dict(environment or {}))["Id"]
            for out, err in self._api.exec_start(begun, stream=True, demux=True):
                said += err or b""
                if out:
                    yield out
            code = self._api.exec_inspect(begun)["ExitCode"]
        if code != 0:
            told = said.decode(errors="replace").strip()
            raise RedlabError(f"{command[0]} in {name} ended with {code}: {told}")

    def attach(self, name: str, command: list[str]) -> Attached:
        """Start a process in a container that has its standard streams here."""
        with engine_errors(missing=_gone(name)):
            return Attached(self._api, name, command)

    def logs(self, name: str, *, tail: int | None = None, since: int | None = None, stamps: bool = False) -> bytes:
        """Return what a container wrote, or the end of it: so many lines, or those since a Unix time.

        ``stamps``: each line begins with its instant.
        """
        with engine_errors():
            return bytes(self._api.logs(name, timestamps=stamps, since=since, tail="all" if tail is None else tail))

    def archive(self, name: str, path: str) -> Iterator[bytes]:
        """Return a file or folder of a container that runs or is stopped, as a tar archive in parts."""
        with engine_errors():
            content, _ = self._api.get_archive(name, path)
        return iter(content)

    def unpack(self, name: str, folder: str, archive: bytes | Iterator[bytes]) -> None:
        """Unpack a tar archive into a folder of a container that runs or is stopped."""
        with engine_errors():
            done = self._api.put_archive(name, folder, archive)
        if not done:
            raise EngineError(f"it did not write {folder} of {name}")

    def read_file(self, name: str, path: str) -> bytes:
        """Return the content of a file of a container that runs or is stopped; nothing when there is none."""
        self.container(name)
        try:
            content = b"".join(self.archive(name, path))
        except MissingError:
            return b""
        with tarfile.open(fileobj=io.BytesIO(content)) as packed:
            file = packed.extractfile(packed.getmembers()[0])
            return file.read() if file else b""

    def write_file(self, name: str, path: str, content: bytes, mode: int = 0o644, user: int = 0) -> None:
        """Write a file of a container that runs or is stopped; ``user`` owns it, root by default."""
        place = PurePosixPath(path)
        self.unpack(name, str(place.parent), _packed({place.name: content}, mode, user).getvalue())

    # Containers, networks and volumes

    def remove(self, kind: Kind, name: str) -> None:
        """Remove a thing by its name or id; a container is killed, and its anonymous volumes go with it."""
        with engine_errors():
            if kind is Kind.CONTAINER:
                self._api.remove_container(name, force=True, v=True)
            elif kind is Kind.NETWORK:
                self._api.remove_network(name)
            else:
                self._api.remove_volume(name, force=True)

    def create_network(
        self,
        name: str,
        labels: Mapping[str, str],
        options: Mapping[str, str],
        *,
        subnet: Subnet | None = None,
        internal: bool = False,
    ) -> None:
        """Create a bridge network; with ``subnet`` its default route is kept free for a router."""
        from docker.types import IPAMConfig, IPAMPool

        pools = []
        if subnet:
            kept = {"DefaultGatewayIPv4": subnet.default_route}
            pools = [IPAMPool(subnet=str(subnet.network), gateway=subnet.host, aux_addresses=kept)]
        with engine_errors():
            self._api.create_network(
                name,
                driver="bridge",
                options=dict(options),
                ipam=IPAMConfig(pool_configs=pools) if pools else None,
                labels=dict(labels),
                internal=internal,
            )

    def create(
        self,
        name: str,
        image: str,
        command: list[str],
        *,
        network: str,
        address: str,
        labels: Mapping[str, str],
        sysctls: Mapping[str, str] | None = None,
        capabilities: Iterable[str] = (),
    ) -> None:
        """Create a small container with one address, which can write nowhere and has only the capabilities named."""
        with engine_errors():
            self._connect().containers.create(
                image,
                command,
                name=name,
                network=network,
                networking_config={network: self._api.create_endpoint_config(ipv4_address=address)},
                labels=dict(labels),
                cap_add=list(capabilities),
                sysctls=dict(sysctls or {}),
                read_only=True,
                init=True,
                dns=["127.0.0.1"],
                mem_limit="32m",
                stop_signal="SIGKILL",
                **_HARDENED,
            )

    def copy(
        self, original: str, name: str, *, labels: Mapping[str, str], network: str, alias: str, unknown: Iterable[str]
    ) -> None:
        """Create a copy of a container, not started, in one network alone; its volumes are new ones and empty.

        It has few processor shares: an original serves meanwhile. ``unknown``: the names of hosts that the original has
        addresses for, and the copy is to find in the network.
        """
        with engine_errors():
            said = self._api.inspect_container(original)
            folders = copying.volume_folders(said)
            for _ in folders:
                self._api.create_volume(name, labels=dict(labels))
            binds = [f"{name}:{folder}" for folder in folders]
            made = copying.described(said, labels=labels, network=network, alias=alias, unknown=unknown, binds=binds)
            self._api.create_container_from_config(made, name)

    def run_once(
        self,
        image: str,
        command: list[str],
        *,
        entrypoint: str,
        labels: Mapping[str, str] | None = None,
        volumes_from: Iterable[str] = (),
        read_only: bool = False,
    ) -> str:
        """Run a throw-away container without a network to its end, and return its standard output.

        Its anonymous volumes go with it, which `containers.run(remove=True)` of docker-py leaves behind. Raises
        EngineError also when the command fails, with what it said.
        """
        with engine_errors():
            container = self._connect().containers.create(
                image,
                command,
                entrypoint=entrypoint,
                network_mode="none",
                labels=dict(labels or {}),
                volumes_from=list(volumes_from),
                read_only=read_only,
                **_HARDENED,
            )
            try:
                container.start()
                code = container.wait()["StatusCode"]
                if code:
                    said = bytes(container.logs(stdout=False)).decode(errors="replace").strip()
                    raise EngineError(f"{' '.join(command[:3])} in image {image} ended with {code}: {said}")
                return bytes(container.logs(stderr=False)).decode(errors="replace")
            finally:
                container.remove(force=True, v=True)

    def erase_volumes(self, name: str) -> None:
        """Erase what the volumes of a container hold, which does not run; they are as new then.

        A throw-away container of the same image does it, without a network.
        """
        found = self.container(name)
        places = [volume.folder for volume in found.volumes]
        self.run_once(
            found.image,
            [*places, "-mindepth", "1", "-delete"],
            entrypoint="find",
            volumes_from=[name],
            labels=found.labels,
        )

    def limit_processes(self, names: Iterable[str], most: int) -> None:
        """Let no container of these have more processes; one that is made anew has no limit until then."""
        # The SDK's update_container does not know it. An engine whose kernel cannot limit them says so, and goes on.
        command = ["docker", "update", "--pids-limit", str(most), *names]
        subprocess.run(command, check=False, capture_output=True)

    # Images

    def pull(self, image: str) -> None:
        """Pull an image; without a tag, the latest."""
        with engine_errors():
            self._connect().images.pull(*_split(image))

    def tag(self, image: str, name: str) -> None:
        """Give an image another name, with a tag."""
        repository, _, tag = name.rpartition(":")
        with engine_errors():
            self._api.tag(image, repository, tag)

    def build(self, name: str, files: Mapping[str, bytes]) -> None:
        """Build an image from these files, `Dockerfile` among them; they can all be executed."""
        with engine_errors():
            self._connect().images.build(fileobj=_packed(files, 0o755), custom_context=True, tag=name, rm=True)

    def remove_image(self, name: str) -> None:
        """Remove a name of an image, and the image with its last name."""
        with engine_errors():
            self._api.remove_image(name)


def _gone(name: str) -> str:
    return f"container {name} is gone; `redlab up` makes it again"


def _having(labels: Mapping[str, str]) -> dict[str, list[str]]:
    return {"label": [f"{key}={value}" if value else key for key, value in labels.items()]}


def _packed(files: Mapping[str, bytes], mode: int, user: int = 0) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            described = tarfile.TarInfo(name)
            described.size, described.mode, described.uid, described.gid = len(content), mode, user, user
            archive.addfile(described, io.BytesIO(content))
    packed.seek(0)
    return packed


def _split(image: str) -> tuple[str, str | None]:
    if "@" in image:
        return image, None
    head, colon, tag = image.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (image, "latest")
