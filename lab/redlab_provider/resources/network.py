"""docker:index/network:Network."""

from __future__ import annotations

import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any, Final

from redlab_provider import diff, labels, ownership, schema, traits
from redlab_provider.engine import MISSING, EngineError
from redlab_provider.errors import ResourceError
from redlab_provider.operation import Existing, Operation, ReadResult
from redlab_provider.values import complete, is_zero, sort_key

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESOURCE: Final = traits.NETWORK
_NULL_AFTER_CREATE: Final = ("ipamOptions",)
_ENDPOINTS_LEAVE_SECONDS: Final = 30.0
"""How long a removal waits until containers leave the network (as long as the official plugin)."""
_LOOK_AGAIN_SECONDS: Final = 1.0
"""The longest pause between two attempts when no event comes."""


def request(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the client's `create_network`."""
    configs = [
        {
            "Subnet": config.get("subnet"),
            "IPRange": config.get("ipRange"),
            "Gateway": config.get("gateway"),
            "AuxiliaryAddresses": config.get("auxAddress"),
        }
        for config in inputs.get("ipamConfigs") or []
    ]
    return {
        "name": inputs["name"],
        "check_duplicate": True,
        "driver": inputs.get("driver") or "bridge",
        "options": inputs.get("options") or {},
        "ipam": {
            "Driver": inputs.get("ipamDriver") or "default",
            "Config": [{key: value for key, value in config.items() if value} for config in configs],
            "Options": inputs.get("ipamOptions") or {},
        },
        "internal": inputs.get("internal", False),
        "labels": labels.to_map(inputs.get("labels")),
        "enable_ipv6": inputs.get("ipv6", False),
        "attachable": inputs.get("attachable", False),
        "ingress": inputs.get("ingress", False),
    }


def state_of(inspected: dict[str, Any], inputs: Mapping[str, Any], *, refreshed: bool) -> dict[str, Any]:
    """Return the recorded state of a network as the engine describes it."""
    ipam = inspected.get("IPAM") or {}
    configs = [
        {
            "auxAddress": config.get("AuxiliaryAddresses") or {},
            "gateway": config.get("Gateway", ""),
            "ipRange": config.get("IPRange", ""),
            "subnet": config.get("Subnet", ""),
        }
        for config in ipam.get("Config") or []
    ]
    state = {
        "attachable": inspected.get("Attachable", False),
        "driver": inspected["Driver"],
        "ingress": inspected.get("Ingress", False),
        "internal": inspected.get("Internal", False),
        "ipamConfigs": sorted(configs, key=sort_key),
        "ipamDriver": ipam.get("Driver") or "default",
        "ipamOptions": ipam.get("Options") or {},
        "ipv6": inspected.get("EnableIPv6", False),
        "labels": labels.to_list(inspected.get("Labels")),
        "name": inspected["Name"],
        "options": inspected.get("Options") or {},
        "scope": inspected["Scope"],
        "id": inspected["Id"],
        "__meta": traits.META[traits.NETWORK],
    }
    if not refreshed:
        for name in _NULL_AFTER_CREATE:
            if not inputs.get(name):
                state[name] = None
        if inputs.get("ipamConfigs"):
            prop = schema.resources()[_RESOURCE].inputs["ipamConfigs"]
            for config in state["ipamConfigs"]:
                if is_zero(config["auxAddress"]):
                    config["auxAddress"] = None
            state["ipamConfigs"] = complete(state["ipamConfigs"], prop, refreshed=False)
    return state


def inputs_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that would create this network (for an import)."""
    inputs = {
        name: state[name]
        for name in schema.resources()[_RESOURCE].inputs
        if not is_zero(state.get(name)) and (name, state[name]) != ("driver", "bridge")
    }
    if "ipamConfigs" in inputs:
        inputs["ipamConfigs"] = [
            {key: value for key, value in config.items() if not is_zero(value) and not _is_default(key, config)}
            for config in inputs["ipamConfigs"]
        ]
    return inputs


def _is_default(name: str, config: Mapping[str, Any]) -> bool:
    """Tell whether this is the default gateway, the subnet's first address. Engines since 29 list that one, too."""
    if name != "gateway" or not config["subnet"]:
        return False
    return bool(config["gateway"] == str(ip_network(config["subnet"], strict=False).network_address + 1))


def overlapping(inputs: Mapping[str, Any], networks: list[dict[str, Any]]) -> list[str]:
    """Return names and subnets of the networks whose addresses overlap with the wanted ones. Pure."""
    wanted = [ip_network(config["subnet"]) for config in inputs.get("ipamConfigs") or [] if config.get("subnet")]
    return [
        f"{network['Name']} ({config['Subnet']})"
        for network in networks
        for config in (network.get("IPAM") or {}).get("Config") or []
        if config.get("Subnet") and any(_overlap(ip_network(config["Subnet"]), other) for other in wanted)
    ]


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and one.overlaps(other)


class NetworkHandler:
    """Create, read and delete networks."""

    def create(self, operation: Operation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create the network, or take over the one that an interrupted update left behind."""
        name = inputs["name"]
        existing = self._same_name(operation, name)
        if existing is not None and not self._adoptable(operation, existing, inputs):
            existing = None
        if existing is None:
            operation.cancellation.check()
            try:
                with operation.engine.call() as client:
                    response = client.create_network(**request(inputs))
            except EngineError as error:
                message = f'network "{name}": {error}'
                raise EngineError(message + self._overlaps(operation, inputs), error.status) from error
            existing = operation.engine.network(response["Id"])
            if existing is None:
                raise ResourceError(f'network "{name}" disappeared while it was being created')
        operation.registry.claim(f"network {existing['Id']}", operation.urn)
        return existing["Id"], state_of(existing, inputs, refreshed=False)

    def _same_name(self, operation: Operation, name: str) -> dict[str, Any] | None:
        with operation.engine.call() as client:
            found = [network for network in client.networks(names=[name]) if network["Name"] == name]
        return operation.engine.network(found[0]["Id"]) if found else None

    def _overlaps(self, operation: Operation, inputs: dict[str, Any]) -> str:
        """Name the networks that use the wanted addresses, as an addition to a message."""
        with operation.engine.call() as client:
            found = overlapping(inputs, client.networks())
        return f" (addresses in use by the network {', '.join(found)})" if found else ""

    def _adoptable(self, operation: Operation, existing: dict[str, Any], inputs: dict[str, Any]) -> bool:
        """Tell whether the leftover can be used unchanged; a leftover with other properties is removed first."""
        wanted = labels.to_map(inputs.get("labels"))
        if not ownership.is_leftover(existing.get("Labels") or {}, wanted):
            identity = f"network {existing['Id'][:12]}"
            raise ownership.refuse("network", inputs["name"], identity, existing.get("Labels"))
        state = state_of(existing, inputs, refreshed=True)
        if not diff.diff(schema.resources()[_RESOURCE], state, inputs, inputs).changes:
            return True
        self.delete(operation, Existing(existing["Id"], state))
        return False

    def read(self, operation: Operation, existing: Existing) -> ReadResult | None:
        """Return the network's current state."""
        inspected = operation.engine.network(existing.resource_id)
        if inspected is None:
            return None
        outputs = state_of(inspected, existing.inputs, refreshed=True)
        return ReadResult(inspected["Id"], existing.inputs or inputs_of(outputs), outputs)

    def update(self, operation: Operation, existing: Existing, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the state. A network is replaced when a property changes, so an update has nothing to change."""
        inspected = operation.engine.network(existing.resource_id)
        if inspected is None:
            raise ResourceError(f'network "{inputs["name"]}" is gone; run `pulumi refresh`')
        return state_of(inspected, inputs, refreshed=False)

    def delete(self, operation: Operation, existing: Existing) -> None:
        """Remove the network as soon as the last container has left it."""
        resource_id = existing.resource_id
        deadline = operation.deadline(_ENDPOINTS_LEAVE_SECONDS)
        with operation.events.watch(resource_id) as watch:
            while not self._removed(operation, resource_id):
                operation.cancellation.check()
                rest = deadline - time.monotonic()
                if rest <= 0:
                    name = existing.outputs.get("name", resource_id)
                    raise ResourceError(self._still_used(operation, resource_id, name))
                watch.wait(min(rest, _LOOK_AGAIN_SECONDS))
        operation.registry.release(f"network {resource_id}")

    def _removed(self, operation: Operation, resource_id: str) -> bool:
        try:
            with operation.engine.call() as client:
                client.remove_network(resource_id)
        except EngineError as error:
            if error.status == MISSING:
                return True
            if "active endpoints" in str(error):
                return False
            raise
        return True

    def _still_used(self, operation: Operation, resource_id: str, name: str) -> str:
        inspected = operation.engine.network(resource_id) or {}
        users = ", ".join(sorted(item["Name"] for item in (inspected.get("Containers") or {}).values()))
        return f'network "{name}" cannot be removed: it is in use by {users or "containers that are not running"}'
