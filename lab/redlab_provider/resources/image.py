"""docker:index/remoteImage:RemoteImage: an image that the engine pulls, or builds from a directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redlab_provider import image_build, schema, traits
from redlab_provider.engine import MISSING, EngineError
from redlab_provider.errors import ResourceError
from redlab_provider.operation import Existing, Operation, ReadResult
from redlab_provider.values import complete

if TYPE_CHECKING:
    from collections.abc import Mapping


def state_of(inspected: dict[str, Any], inputs: Mapping[str, Any], *, refreshed: bool) -> dict[str, Any]:
    """Return the recorded state of an image as the engine describes it."""
    build = schema.resources()[traits.IMAGE].inputs["build"]
    digests = inspected.get("RepoDigests") or []
    return {
        "build": complete(inputs.get("build"), build, refreshed=refreshed),
        "forceRemove": inputs.get("forceRemove"),
        "imageId": inspected["Id"],
        "keepLocally": inputs.get("keepLocally"),
        "name": inputs["name"],
        "platform": inputs.get("platform"),
        "pullTriggers": inputs.get("pullTriggers"),
        "repoDigest": digests[0] if digests else "",
        "triggers": inputs.get("triggers"),
        "id": inspected["Id"] + inputs["name"],
        "__meta": traits.META[traits.IMAGE],
    }


class ImageHandler:
    """Create, read, update and delete images."""

    def create(self, operation: Operation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Build the image, or pull it unless the engine already has it."""
        name = inputs["name"]
        if inputs.get("build"):
            image_build.build(operation, name, inputs["build"])
        elif operation.engine.image(name) is None or inputs.get("pullTriggers"):
            self._pull(operation, name, inputs.get("platform"))
        inspected = operation.engine.image(name)
        if inspected is None:
            raise ResourceError(f'image "{name}" is not on the engine after it was made')
        state = state_of(inspected, inputs, refreshed=False)
        return state["id"], state

    def _pull(self, operation: Operation, name: str, platform: str | None) -> None:
        repository, tag = split_name(name)
        registry = repository.split("/", 1)[0]
        login = next((item for item in operation.engine.configuration.logins if registry in item.address), None)
        credentials = {"username": login.username, "password": login.password} if login else None
        operation.log(f"pulling {name}", passing=True)
        operation.cancellation.check()
        try:
            image_build.follow(
                operation,
                lambda client: client.pull(
                    repository, tag, stream=True, decode=True, auth_config=credentials, platform=platform
                ),
            )
        except EngineError as error:
            raise EngineError(f'image "{name}" cannot be pulled: {error}', error.status) from error

    def read(self, operation: Operation, existing: Existing) -> ReadResult | None:
        """Return the image that the name refers to now. For an import the id is `<image id><name>` or only the name."""
        name = existing.inputs.get("name") or existing.outputs.get("name") or name_of(existing.resource_id)
        inspected = operation.engine.image(name)
        if inspected is None:
            return None
        inputs = existing.inputs or {"name": name}
        outputs = state_of(inspected, inputs, refreshed=True)
        return ReadResult(outputs["id"], inputs, outputs)

    def update(self, operation: Operation, existing: Existing, inputs: dict[str, Any]) -> dict[str, Any]:
        """Record the new options. No option that can change in place affects the image itself."""
        inspected = operation.engine.image(existing.outputs.get("imageId") or inputs["name"])
        if inspected is None:
            raise ResourceError(f'image "{inputs["name"]}" is gone; run `pulumi refresh`')
        return state_of(inspected, inputs, refreshed=False)

    def delete(self, operation: Operation, existing: Existing) -> None:
        """Remove the name, and the image if nothing else uses it. With `keepLocally` nothing is removed.

        If the name refers to a newer image now (a replacement), only the old image is removed, and only if no other
        name refers to it.
        """
        name, image_id = existing.outputs["name"], existing.outputs["imageId"]
        if existing.outputs.get("keepLocally"):
            return
        current = operation.engine.image(name)
        old = operation.engine.image(image_id)
        if current is not None and current["Id"] == image_id:
            target = name
        elif old is not None and not old.get("RepoTags"):
            target = image_id
        else:
            return
        try:
            with operation.engine.call() as client:
                client.remove_image(target, force=bool(existing.outputs.get("forceRemove")))
        except EngineError as error:
            if error.status != MISSING:
                raise EngineError(f'image "{name}" cannot be removed: {error}', error.status) from error


def split_name(name: str) -> tuple[str, str]:
    """Return repository and tag (or digest) of an image name; the default tag is `latest`."""
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository, digest
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, "latest")


def name_of(resource_id: str) -> str:
    """Return the image name in a resource id (`sha256:<64 digits><name>`); an id without that prefix is the name."""
    prefix = len("sha256:") + 64
    return resource_id[prefix:] if resource_id.startswith("sha256:") and len(resource_id) > prefix else resource_id
