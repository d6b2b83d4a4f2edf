# ruff: noqa: N802 - the methods' names are those of the protocol
"""The provider's gRPC interface: it unpacks requests, calls the resource types and packs answers.

Pulumi's own Python layer (`pulumi.provider.experimental`) is not used: it cannot return unknown values, drops the
old inputs, has no partial state and shows a stack trace with each error.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from redlab_provider import check, configuration, diff, preview, schema, wire
from redlab_provider.errors import InitializationError
from redlab_provider.failures import answered
from redlab_provider.operation import Existing
from redlab_provider.operations import HANDLERS, Operations, name_of, resource, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = "5.2.0"
"""The version of the official plugin that this provider replaces."""

_KINDS: Final = {
    (diff.Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (diff.Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (diff.Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (diff.Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (diff.Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (diff.Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers Pulumi's engine. Each call runs in a thread of its own."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    @answered
    def Handshake(self, _request: provider_pb2.ProviderHandshakeRequest) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on the protocol."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @answered
    def GetPluginInfo(self, _request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        """Return the version of the plugin."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @answered
    def GetSchema(self, _request: provider_pb2.GetSchemaRequest) -> provider_pb2.GetSchemaResponse:
        """Return the schema of the resources (used by `pulumi import` and `pulumi package`)."""
        return provider_pb2.GetSchemaResponse(schema=schema.document())

    @answered
    def CheckConfig(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Check the provider's own configuration."""
        failures = configuration.violations(wire.reveal(wire.load(request.news)))
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=[provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in failures],
        )

    @answered
    def DiffConfig(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Tell whether the configuration changed. No resource is replaced: a refresh shows what another engine has."""
        changed = wire.load(request.old_inputs) != wire.load(request.news)
        response = provider_pb2.DiffResponse
        return response(changes=response.DIFF_SOME if changed else response.DIFF_NONE)

    @answered
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Choose the engine. The first operation that needs the engine connects to it."""
        self._operations.configure(configuration.from_properties(wire.reveal(wire.load(request.args))))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @answered
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Check the inputs of a resource, and fill in defaults."""
        inputs, failures = check.check(
            resource(request.urn),
            wire.load(request.news),
            wire.load(request.olds),
            name_of(request.urn),
            request.randomSeed,
        )
        return provider_pb2.CheckResponse(
            inputs=wire.dump(inputs),
            failures=[provider_pb2.CheckFailure(property=item.path, reason=item.reason) for item in failures],
        )

    @answered
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Return the properties that an update would change, and those that would replace the resource."""
        state, old_inputs, news = (
            wire.reveal(wire.load(struct)) for struct in (request.olds, request.old_inputs, request.news)
        )
        found = diff.diff(resource(request.urn), state, old_inputs, news, list(request.ignoreChanges))
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if found.changes else response.DIFF_NONE,
            diffs=found.names,
            replaces=found.replaces,
            detailedDiff={
                change.name: provider_pb2.PropertyDiff(
                    kind=_KINDS[change.kind, change.replaces], inputDiff=change.from_inputs
                )
                for change in found.changes
            },
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_before_replace,
        )

    @answered
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Create a resource, or return its expected outputs in a preview."""
        hidden = wire.load(request.properties)
        inputs = wire.reveal(hidden)
        if request.preview:
            outputs = preview.created(resource(request.urn), inputs)
            return provider_pb2.CreateResponse(properties=wire.dump(wire.hide_like(outputs, hidden)))
        operation = self._operations.begin(request.urn, request.timeout)
        with _partial_state_of(hidden):
            resource_id, outputs = HANDLERS[token_of(request.urn)].create(operation, inputs)
        return provider_pb2.CreateResponse(id=resource_id, properties=wire.dump(wire.hide_like(outputs, hidden)))

    @answered
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """Return a resource's current state, for a refresh or (without inputs) an import. An empty id: it is gone."""
        hidden_inputs, hidden_state = wire.load(request.inputs), wire.load(request.properties)
        operation = self._operations.begin(request.urn, request.timeout)
        kind = resource(request.urn)
        existing = Existing(request.id, wire.reveal(hidden_state), wire.reveal(hidden_inputs))
        found = HANDLERS[kind.token].read(operation, existing)
        if found is None:
            return provider_pb2.ReadResponse()
        inputs = hidden_inputs or check.with_defaults(found.inputs, kind.as_property())
        outputs = wire.hide_like(wire.hide_like(found.outputs, hidden_inputs), hidden_state)
        return provider_pb2.ReadResponse(id=found.resource_id, inputs=wire.dump(inputs), properties=wire.dump(outputs))

    @answered
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or return its expected outputs in a preview."""
        hidden = wire.load(request.news)
        state, old_inputs, inputs = (
            wire.reveal(values) for values in (wire.load(request.olds), wire.load(request.old_inputs), hidden)
        )
        if request.preview:
            outputs = preview.updated(resource(request.urn), state, inputs)
        else:
            operation = self._operations.begin(request.urn, request.timeout)
            with _partial_state_of(hidden):
                existing = Existing(request.id, state, old_inputs)
                outputs = HANDLERS[token_of(request.urn)].update(operation, existing, inputs)
        return provider_pb2.UpdateResponse(properties=wire.dump(wire.hide_like(outputs, hidden)))

    @answered
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """Remove a resource; it is no error if the resource does not exist."""
        operation = self._operations.begin(request.urn, request.timeout)
        existing = Existing(request.id, wire.reveal(wire.load(request.properties)))
        HANDLERS[resource(request.urn).token].delete(operation, existing)
        return empty_pb2.Empty()

    @answered
    def Cancel(self, _request: empty_pb2.Empty) -> empty_pb2.Empty:
        """Stop the operations in progress: waits end at once, builds and pulls are cut off."""
        self._operations.cancellation.cancel()
        return empty_pb2.Empty()


@contextmanager
def _partial_state_of(inputs: dict[str, Any]) -> Iterator[None]:
    """Add the inputs to an error that carries partial state, and hide the values that are secret in the inputs."""
    try:
        yield
    except InitializationError as error:
        outputs = wire.hide_like(error.outputs, inputs)
        raise InitializationError(error.resource_id, outputs, str(error), inputs) from error
