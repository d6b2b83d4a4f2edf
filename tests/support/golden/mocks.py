"""What a program would create, without an engine: type, name, inputs and parent of every resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers every registration with its inputs, and remembers it."""

    registered: list[dict[str, Any]]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.registered.append({"type": args.typ, "name": args.name, "inputs": args.inputs})
        outputs = dict(args.inputs)
        if args.typ.endswith(":RemoteImage"):
            outputs["imageId"] = f"image-of-{args.name}"
        return f"{args.name}-id", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[Any, Any]:
        raise NotImplementedError(args.token)
