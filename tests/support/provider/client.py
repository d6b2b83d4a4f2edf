"""A provider process as Pulumi runs it, and its calls with plain values."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from redlab_provider import wire
from tests.support import CHECKOUT

EXECUTABLE = CHECKOUT / "lab" / "redlab_provider" / "pulumi-resource-docker"


class CallError(Exception):
    """The provider answered with an error."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.code = error.code()
        self.partial: provider_pb2.ErrorResourceInitFailed | None = None
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self.partial = provider_pb2.ErrorResourceInitFailed()
                status_pb2.Status.FromString(value).details[0].Unpack(self.partial)


@dataclass
class Made:
    """A resource in the form of Pulumi's state."""

    urn: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass
class Difference:
    replaces: list[str] = field(default_factory=list)
    diffs: list[str] = field(default_factory=list)
    delete_before_replace: bool = False


def urn_of(token: str, name: str = "it") -> str:
    return f"urn:pulumi:test::test::{token}::{name}"


class Provider:
    """One provider process."""

    def __init__(self, config: dict[str, Any] | None = None, executable: Path = EXECUTABLE) -> None:
        self.process = subprocess.Popen([str(executable)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{self.port}"))
        self.stub.Configure(provider_pb2.ConfigureRequest(args=wire.dump(config or {}), acceptSecrets=True))

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def call(self, method: str, request: Any, timeout_seconds: float = 120) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=timeout_seconds)
        except grpc.RpcError as error:
            raise CallError(error) from None

    def check(
        self, token: str, news: dict[str, Any], olds: dict[str, Any] | None = None, name: str = "it"
    ) -> tuple[dict[str, Any], dict[str, str]]:
        request = provider_pb2.CheckRequest(
            urn=urn_of(token, name), news=wire.dump(news), olds=wire.dump(olds or {}), randomSeed=b"seed"
        )
        answer = self.call("Check", request)
        return wire.load(answer.inputs), {item.property: item.reason for item in answer.failures}

    def checked(self, token: str, news: dict[str, Any]) -> dict[str, Any]:
        inputs, failures = self.check(token, news)
        assert not failures, failures
        return inputs

    def diff(self, made: Made, news: dict[str, Any], ignore: tuple[str, ...] = ()) -> Difference:
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=wire.dump(made.outputs),
            old_inputs=wire.dump(made.inputs),
            news=wire.dump(news),
            ignoreChanges=ignore,
        )
        answer = self.call("Diff", request)
        return Difference(list(answer.replaces), list(answer.diffs), answer.deleteBeforeReplace)

    def create(self, token: str, news: dict[str, Any], *, name: str = "it", preview: bool = False) -> Made:
        inputs = self.checked(token, news)
        urn = urn_of(token, name)
        request = provider_pb2.CreateRequest(urn=urn, properties=wire.dump(inputs), preview=preview)
        answer = self.call("Create", request)
        return Made(urn, answer.id, inputs, wire.load(answer.properties))

    def read(self, made: Made) -> Made | None:
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=wire.dump(made.outputs), inputs=wire.dump(made.inputs)
        )
        answer = self.call("Read", request)
        if not answer.id:
            return None
        return Made(made.urn, answer.id, wire.load(answer.inputs), wire.load(answer.properties))

    def import_(self, token: str, resource_id: str) -> Made | None:
        return self.read(Made(urn_of(token), resource_id, {}, {}))

    def update(self, made: Made, news: dict[str, Any], *, preview: bool = False) -> Made:
        inputs, failures = self.check(made.urn.split("::")[2], news, made.inputs)
        assert not failures, failures
        request = provider_pb2.UpdateRequest(
            id=made.id,
            urn=made.urn,
            olds=wire.dump(made.outputs),
            old_inputs=wire.dump(made.inputs),
            news=wire.dump(inputs),
            preview=preview,
        )
        answer = self.call("Update", request)
        return Made(made.urn, made.id, inputs, wire.load(answer.properties))

    def delete(self, made: Made) -> None:
        self.call("Delete", provider_pb2.DeleteRequest(id=made.id, urn=made.urn, properties=wire.dump(made.outputs)))

    def cancel(self) -> None:
        self.call("Cancel", empty_pb2.Empty())
