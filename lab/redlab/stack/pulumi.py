"""The Pulumi CLI as this checkout uses it: stacks, their config, outputs, and what a killed run leaves locked."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from types import NoneType
from typing import Any
from urllib.parse import unquote, urlparse

from redlab.errors import RedlabError
from redlab.stack import checkout, logs
from redlab.stack.lock import Lock
from redlab.waiting import until
from redundancy.reading import DocumentError, NoDocumentError, read_text, shown, told
from redundancy.yaml_reading import parse_yaml

OVERRIDES = "redundancy:overrides"
SECRETS = ("redundancy:databasePassword", "redundancy:adminToken", "redundancy:internalSecret")
CERTIFICATE = "redundancy:userCertificate"
_THINGS = ("docker:index/container:Container", "docker:index/network:Network", "docker:index/volume:Volume")
Path = tuple[str, ...]
"""Where a value stands in the config: keys, from the outermost."""
_LOOK_SECONDS = 0.5
_CANCEL_SECONDS = 15
DYING_SECONDS = 3
"""How long the holder of a lock may take to vanish after it was killed."""


@dataclass(frozen=True)
class Stack:
    """One Pulumi stack of this checkout."""

    name: str

    @property
    def config_file(self) -> File:
        """The person's own config of the stack: salt, secrets, address pool, overrides; ignored by git."""
        return checkout.STACKS / f"Pulumi.{self.name}.yaml"

    def config(self) -> Mapping[str, Any]:
        """Return the raw config values (secrets encrypted), empty for a new stack."""
        try:
            text = read_text(self.config_file)
        except NoDocumentError:
            return {}
        name = str(self.config_file)
        parsed = parse_yaml(text, name, strict=False)  # Pulumi writes it, by rules of its own
        if parsed.faults:
            raise DocumentError(told(parsed.faults.values()))
        loaded = {} if parsed.value is None else parsed.value
        config = loaded.get("config") if isinstance(loaded, dict) else loaded
        if not isinstance(config, (dict, NoneType)):
            raise DocumentError(f"{name}: config: found {shown(config)}; allowed: a mapping")
        return config or {}

    def exists(self) -> bool:
        """Whether the backend has the stack."""
        return self.name in _resource_counts()

    def create(self) -> None:
        """Make the stack. Which one the person has selected stays as it is.

        Selecting would also write a file that all commands of a checkout share, not safely so (pulumi/pulumi#8186).
        """
        self.run("stack", "init", "--no-select", self.name)

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        """Set one config value; it goes through standard input, so that no process list shows it."""
        kind = "--secret" if secret else "--plaintext"
        self.run("config", "set", "--stack", self.name, kind, key, stdin=value)

    def overrides(self) -> Mapping[str, Any]:
        """Return the single values that the stack's config lays over its topology."""
        found: Mapping[str, Any] = self.config().get(OVERRIDES) or {}
        return found

    def set_overrides(self, wanted: Mapping[str, Any]) -> None:
        """Make the overrides these: what is new or another is set, what is not wanted any more removed."""
        to_set, to_remove = changes({OVERRIDES: self.overrides()}, {OVERRIDES: wanted} if wanted else {})
        if to_set:
            values = [part for path, value in to_set.items() for part in ("--plaintext", f"{_path(path)}={value}")]
            self.run("config", "set-all", "--stack", self.name, "--path", *values)
        if to_remove:
            self.run("config", "rm-all", "--stack", self.name, "--path", *map(_path, to_remove))

    def create_secrets(self) -> list[str]:
        """Make the secrets that the stack does not have yet, and return their keys."""
        missing = [key for key in SECRETS if key not in self.config()]
        for key in missing:
            self.set_config(key, secrets.token_urlsafe(24), secret=True)
        return missing

    def secret(self, key: str) -> str | None:
        """Return a secret of the config in clear, None when it is not set."""
        if key not in self.config():
            return None
        # Pulumi ends the line; another authority would come of it than the program makes of the same secret.
        return self.run("config", "get", "--stack", self.name, key).removesuffix("\n")

    def up(self, look: Callable[[], None] = lambda: None, *, refresh: bool = False) -> None:
        """Run `pulumi up`; what it says is progress, and goes to standard error.

        ``refresh``: look first what there is; without, the state is taken at its word.

        ``look`` is called now and then until it ends.

        When ``look`` raises RedlabError, the run is cancelled: what it has made stays, and the next one goes on.
        """
        self.release_stale_lock()
        looking = ("--refresh",) if refresh else ()
        arguments = ("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", self.name)
        self._stream(*arguments, *looking, look=look)

    def destroy(self) -> None:
        """Run `pulumi destroy`, and forget the empty stack and its config; what it says goes to standard error."""
        self.release_stale_lock()
        self._stream("destroy", "--yes", "--skip-preview", "--remove", "--stack", self.name)

    def interrupted(self) -> bool:
        """Whether a killed run was creating, changing or deleting something, so that the state may not know of it."""
        return bool(self._deployment().get("pending_operations"))

    def made_ids(self) -> set[str]:
        """Return the ids of what the state knows of: of containers, networks, volumes and images."""
        return {str(resource.get("id")) for resource in self._deployment().get("resources") or []}

    def made_things(self) -> dict[str, str]:
        """Return the names of the containers, networks and volumes that the state knows of, by their ids."""
        return {
            str(resource["id"]): str(resource["outputs"]["name"])
            for resource in self._deployment().get("resources") or []
            if resource.get("type") in _THINGS
        }

    def _deployment(self) -> Mapping[str, Any]:
        exported = json.loads(self.run("stack", "export", "--stack", self.name))
        deployment: Mapping[str, Any] = exported.get("deployment") or {}
        return deployment

    def outputs(self) -> Mapping[str, Any]:
        """Return the outputs of the last `up`, secrets included. Raises RedlabError when there are none."""
        try:
            outputs: Mapping[str, Any] = json.loads(
                self.run("stack", "output", "--json", "--show-secrets", "--stack", self.name)
            )
        except RedlabError as error:
            raise RedlabError(f"no lab {self.name!r}: {error}; stand it up with `redlab up {self.name}`") from None
        if "inventory" not in outputs:
            raise RedlabError(f"lab {self.name!r} is not up; stand it up with `redlab up {self.name}`")
        return outputs

    def release_stale_lock(self) -> None:
        """Release a lock in a local backend whose holder, a process of this machine, was killed.

        Raises RedlabError where it may be another machine's, which only a person can know.
        """
        url = urlparse(checkout.environment().get("PULUMI_BACKEND_URL", ""))
        if url.scheme != "file":
            return
        # In a URL a space or a letter that is not of ASCII is escaped.
        folder = File(unquote(url.netloc + url.path)).expanduser()
        locks = [Lock(file) for file in folder.joinpath(".pulumi", "locks").rglob(f"{self.name}/*.json")]
        dead = until(lambda: not any(lock.held() for lock in locks), DYING_SECONDS)
        if locks and dead:
            self.run("cancel", "--yes", "--stack", self.name)
        for lock in () if dead else locks:
            lock.refuse_another_machine(self.name)

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a Pulumi command and return its output. Raises RedlabError with what it said when it fails."""
        return _run(*arguments, stdin=stdin)

    def _stream(self, *arguments: str, look: Callable[[], None] = lambda: None) -> None:
        command = [_executable(), "--non-interactive", *arguments]
        with subprocess.Popen(
            command, cwd=checkout.ROOT, env=checkout.environment(), stdin=subprocess.DEVNULL, stdout=sys.stderr
        ) as process:
            try:
                while process.poll() is None:
                    look()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_LOOK_SECONDS)
            except BaseException:
                _cancel(process)
                raise
        logs.bound(checkout.LAB)
        if process.returncode:
            raise RedlabError(f"pulumi {arguments[0]} ended with {process.returncode}; its message is above")


def stacks_up() -> list[str]:
    """Return the names of this checkout's stacks that have anything: of the labs that are up."""
    return sorted(name for name, count in _resource_counts().items() if count)


def _resource_counts() -> dict[str, int]:
    """Return the number of resources of each stack in the backend."""
    listed = json.loads(_run("stack", "ls", "--json"))
    return {entry["name"].rsplit("/", 1)[-1]: entry.get("resourceCount") or 0 for entry in listed}


def _run(*arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        [_executable(), "--non-interactive", *arguments],
        cwd=checkout.ROOT,
        env=checkout.environment(),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    logs.bound(checkout.LAB)
    if done.returncode:
        # What it was about to change stands on standard output, why it failed on standard error.
        said = "\n".join(part.strip() for part in (done.stderr, done.stdout) if part.strip())
        raise RedlabError(f"pulumi {arguments[0]} failed: {said.removeprefix('error: ')}")
    return done.stdout


def _cancel(process: subprocess.Popen[bytes]) -> None:
    """Have Pulumi end what it is doing and write its state; a second signal does not wait for what still runs."""
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_CANCEL_SECONDS)
            return
    process.kill()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[Path, Any], list[Path]]:
    """Return what to set and what to remove (the topmost of each branch) to make one mapping of another. Pure."""
    return dict(_set_of(before, after, ())), list(_removed_of(before, after, ()))


def _set_of(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, Mapping):
            yield from _set_of(old if isinstance(old, Mapping) else {}, value, (*path, key))
        elif value != old:
            yield (*path, key), value


def _removed_of(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Path]:
    for key, value in before.items():
        if key not in after:
            yield (*path, key)
        elif isinstance(value, Mapping) and isinstance(after[key], Mapping):
            yield from _removed_of(value, after[key], (*path, key))


def _path(path: Path) -> str:
    """Write a path as Pulumi's config commands read it."""
    return path[0] + "".join(f'["{key}"]' if "-" in key else f".{key}" for key in path[1:])


def _executable() -> str:
    found = shutil.which("pulumi", path=checkout.environment().get("PATH"))
    if not found:
        raise RedlabError("pulumi is not installed: `make setup` gets it for this checkout")
    return found
