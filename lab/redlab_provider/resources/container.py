"""docker:index/container:Container."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from redlab_provider import container_request, container_update, health, labels, ownership, uploads
from redlab_provider.cancellation import CancelledError
from redlab_provider.container_import import inputs_of
from redlab_provider.container_state import state_of
from redlab_provider.engine import CONFLICT, MISSING, EngineError
from redlab_provider.errors import InitializationError, ResourceError
from redlab_provider.operation import Existing, Operation, ReadResult

if TYPE_CHECKING:
    from collections.abc import Iterator


class ContainerHandler:
    """Create, read, update and delete containers."""

    def create(self, operation: Operation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create the container, connect it, copy its files, start it, and wait for it if asked to.

        A failure before the start removes the container again. A failure after the start leaves it, recorded with the
        reason: a person can examine it, and the next update tries again.
        """
        name = inputs["name"]
        try:
            archives = uploads.archives(inputs)
        except ResourceError as error:
            raise ResourceError(f'container "{name}": {error}') from error
        resource_id = self._make(operation, inputs)
        operation.registry.claim(f"container {resource_id}", operation.urn)
        with self._removed_on_failure(operation, resource_id, name):
            self._connect(operation, resource_id, inputs)
            for directory, archive in archives.items():
                operation.cancellation.check()
                with operation.engine.call() as client:
                    client.put_archive(resource_id, directory, archive)
            operation.cancellation.check()
            if inputs.get("start", True):
                with operation.engine.call() as client:
                    client.start(resource_id)
        self._settle(operation, resource_id, inputs)
        return resource_id, self._state(operation, resource_id, inputs, refreshed=False)

    def _make(self, operation: Operation, inputs: dict[str, Any]) -> str:
        name = inputs["name"]
        body = container_request.create_body(inputs, operation.engine.api_version())
        operation.cancellation.check()
        try:
            return self._create(operation, name, body, inputs.get("platform"))
        except EngineError as error:
            if error.status != CONFLICT or not self._leftover_removed(operation, inputs):
                raise EngineError(f'container "{name}": {error}', error.status) from error
        return self._create(operation, name, body, inputs.get("platform"))

    def _create(self, operation: Operation, name: str, body: dict[str, Any], platform: str | None) -> str:
        with operation.engine.call() as client:
            created = client.create_container_from_config(body, name, platform)
        for warning in created.get("Warnings") or []:
            if operation.engine.first_time(warning):
                operation.log(f"the engine warns about this container, and perhaps others: {warning}", warning=True)
        return str(created["Id"])

    def _leftover_removed(self, operation: Operation, inputs: dict[str, Any]) -> bool:
        """Remove the container that has the wanted name, if an interrupted update of this stack left it behind."""
        existing = operation.engine.container(inputs["name"])
        if existing is None:
            return False
        actual = existing["Config"].get("Labels") or {}
        if not ownership.is_leftover(actual, labels.to_map(inputs.get("labels")), exact=False):
            identity = f"container {existing['Id'][:12]}"
            raise ownership.refuse("container", inputs["name"], identity, actual)
        operation.registry.claim(f"container {existing['Id']}", operation.urn)
        operation.log(f"removing the container {inputs['name']} that an interrupted update left behind")
        self._remove(operation, existing["Id"], volumes=True)
        return True

    @contextlib.contextmanager
    def _removed_on_failure(self, operation: Operation, resource_id: str, name: str) -> Iterator[None]:
        try:
            yield
        except (ResourceError, CancelledError) as error:
            self._remove(operation, resource_id, volumes=True)
            if isinstance(error, ResourceError):
                raise ResourceError(f'container "{name}": {error}') from error
            raise

    def _connect(self, operation: Operation, resource_id: str, inputs: dict[str, Any]) -> None:
        """Connect the container to its networks, and to no other, before it starts."""
        networks = inputs.get("networksAdvanced") or []
        if not networks:
            return
        if inputs.get("networkMode", "bridge") in ("bridge", "default", ""):
            with operation.engine.call() as client:
                client.disconnect_container_from_network(resource_id, "bridge")
        for network in networks:
            operation.cancellation.check()
            with operation.engine.call() as client:
                client.connect_container_to_network(resource_id, network["name"], **container_request.endpoint(network))

    def _settle(self, operation: Operation, resource_id: str, inputs: dict[str, Any], *, again: bool = False) -> None:
        """Wait until the started container is in the wanted state; raise InitializationError if it never is."""
        if not inputs.get("start", True):
            return
        name = inputs["name"]
        try:
            if inputs.get("attach"):
                health.wait_until_ended(operation, resource_id, name)
            elif inputs.get("wait"):
                timeout_seconds = inputs.get("waitTimeout") or 60
                health.wait_until_healthy(operation, resource_id, name, timeout_seconds, again=again)
            elif inputs.get("mustRun", True):
                health.require_running(operation, resource_id, name)
        except (ResourceError, CancelledError) as error:
            outputs = self._state(operation, resource_id, inputs, refreshed=False)
            raise InitializationError(resource_id, outputs, str(error)) from error

    def _state(
        self, operation: Operation, resource_id: str, inputs: dict[str, Any], *, refreshed: bool
    ) -> dict[str, Any]:
        inspected = operation.engine.container(resource_id)
        if inspected is None:
            raise ResourceError(f'container "{inputs["name"]}" ({resource_id[:12]}) is gone; run `pulumi refresh`')
        return state_of(inspected, inputs, refreshed=refreshed, discarded=operation.engine.discarded_limits())

    def read(self, operation: Operation, existing: Existing) -> ReadResult | None:
        """Return the container's current state. A stopped one reads `mustRun: false`, as with the official plugin."""
        inspected = operation.engine.container(existing.resource_id)
        if inspected is None:
            return None
        inputs = existing.inputs or inputs_of(inspected, operation.engine.image(inspected["Image"]))
        discarded = operation.engine.discarded_limits()
        return ReadResult(inspected["Id"], inputs, state_of(inspected, inputs, refreshed=True, discarded=discarded))

    def update(self, operation: Operation, existing: Existing, inputs: dict[str, Any]) -> dict[str, Any]:
        """Change limits and restart policy in place; start the container if it should run but does not."""
        resource_id = existing.resource_id
        before = self._state(operation, resource_id, inputs, refreshed=True)
        arguments = container_update.arguments(before, inputs, existing.inputs)
        if arguments:
            operation.cancellation.check()
            with operation.engine.call() as client:
                client.update_container(resource_id, **arguments)
        for name in container_update.unchangeable(before, inputs):
            operation.log(
                f"Docker cannot change {name} of an existing container; it takes effect when the container is "
                f"replaced: pulumi up --replace '{operation.urn}' (or the resource option replace_on_changes)",
                warning=True,
            )
        if inputs.get("start", True) and inputs.get("mustRun", True) and not before["mustRun"]:
            with operation.engine.call() as client:
                client.start(resource_id)
        if inputs.get("mustRun", True):
            self._settle(operation, resource_id, inputs, again=True)
        return self._state(operation, resource_id, inputs, refreshed=False)

    def delete(self, operation: Operation, existing: Existing) -> None:
        """Stop the container if it has a grace period, then remove it with its anonymous volumes."""
        resource_id = existing.resource_id
        grace_seconds = existing.outputs.get("destroyGraceSeconds") or 0
        if grace_seconds > 0:
            try:
                with operation.engine.waiting_call() as client:
                    client.stop(resource_id, timeout=grace_seconds)
            except EngineError as error:
                if error.status != MISSING:
                    raise
        self._remove(operation, resource_id, volumes=existing.outputs.get("removeVolumes") is not False)
        operation.registry.release(f"container {resource_id}")

    def _remove(self, operation: Operation, resource_id: str, *, volumes: bool) -> None:
        """Remove the container; if another removal is in progress, wait for its end."""
        with operation.events.watch(resource_id) as watch:
            while True:
                try:
                    with operation.engine.call() as client:
                        client.remove_container(resource_id, v=volumes, force=True)
                except EngineError as error:
                    if error.status == MISSING:
                        return
                    if error.status != CONFLICT or "already in progress" not in str(error):
                        raise
                    watch.wait(1.0)
                else:
                    return
