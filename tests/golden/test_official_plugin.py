"""What the components send is what the official plugin 5.2.0 reads back, letter for letter.

It compares texts where the native provider compares meanings. What it reads back differently is a change for it at
every second update, and most changes replace the container. Measured: `"90s"` came back as `"1m30s"`, and a device
without permissions with `"rwm"`; every container, and the router, was replaced.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from redlab_provider import check, container_request, container_state, schema, wire
from redlab_provider.diff import diff
from redlab_provider.durations import format_nanoseconds, parse_nanoseconds
from redlab_provider.traits import CONTAINER
from redlab_provider.values import is_zero, sort_key
from redundancy.nodes.duration import go_duration
from tests.golden.test_high_availability import NAMES, build, containers, parsed, stack_arguments

RESOURCE = schema.resources()[CONTAINER]
THE_PROVIDERS_OWN = {"attach", "mustRun", "start", "wait", "waitTimeout"}
"""What tells the provider how to work; the engine never hears of it."""
DURATIONS = ("interval", "timeout", "startPeriod", "startInterval")


@pytest.fixture(scope="module", params=NAMES)
def made(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return build(stack_arguments(request.param), request.param, parsed(request.param).document["pattern"])


def checked(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs as Pulumi's engine keeps them, with the provider's defaults."""
    found, failures = check.check(RESOURCE, wire.load(wire.dump(inputs)), {}, "it", b"seed")
    assert not failures
    return found


def read_back(inputs: dict[str, Any]) -> dict[str, Any]:
    """What a provider reads of the container that the engine makes from these inputs."""
    body = container_request.create_body(inputs, (1, 44))
    state = {"Running": True, "Status": "running"}
    inspected = {"Id": "0" * 64, "Name": f"/{inputs['name']}", "Image": "sha256:1", "State": state}
    return container_state.engine_view(inspected | {"Config": body, "HostConfig": body["HostConfig"]})


def plain(value: Any) -> Any:
    """Without what says nothing, and with lists in one order: the plugin compares them as sets."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if not key.startswith("__") and not is_zero(item)}
    return sorted((plain(item) for item in value), key=sort_key) if isinstance(value, list) else value


def test_everything_is_read_back_as_it_was_sent(made: list[dict[str, Any]]) -> None:
    for name, inputs in containers(made).items():
        sent = checked(inputs)
        view = {key: plain(value) for key, value in read_back(sent).items() if not is_zero(value)}
        told = {key: value for key, value in view.items() if key in sent and key not in THE_PROVIDERS_OWN}
        assert {"healthcheck", "devices", "capabilities", "securityOpts", "memory"} & set(sent) <= set(told), name
        assert told == {key: plain(sent[key]) for key in told}, name


def test_every_duration_is_in_gos_own_form(made: list[dict[str, Any]]) -> None:
    sent = [
        inputs["healthcheck"][name]
        for inputs in containers(made).values()
        for name in DURATIONS
        if name in (inputs.get("healthcheck") or {})
    ]
    assert sent
    assert sent == [format_nanoseconds(parse_nanoseconds(text)) for text in sent]


@pytest.mark.parametrize("interval_seconds", [1, 57])
def test_every_health_check_interval_is_in_gos_own_form(interval_seconds: int) -> None:
    made = build(stack_arguments(health_check_interval_seconds=interval_seconds))
    sent = {inputs["healthcheck"]["interval"] for inputs in containers(made).values()}
    assert sent == {format_nanoseconds(interval_seconds * 1_000_000_000)}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.25, "250ms"), (0.0015, "1.5ms"), (1e-6, "1µs"), (5, "5s"), (20, "20s"), (1.5, "1.5s"), (60, "1m0s"),
     (90, "1m30s"), (600, "10m0s"), (3600, "1h0m0s"), (5400.5, "1h30m0.5s")],
)  # fmt: skip
def test_durations_are_written_as_go_writes_them(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text
    assert format_nanoseconds(round(seconds * 1e9)) == text


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        go_duration(-1)


def test_no_provider_replaces_the_router_the_other_one_made(made: list[dict[str, Any]]) -> None:
    routers = [inputs for name, inputs in containers(made).items() if inputs.get("devices")]
    for inputs in routers:
        (device,) = inputs["devices"]
        wanted = checked(inputs)
        # In turn: the official plugin's state, that of a lab made before the default was known, either one's inputs.
        for permissions in ("rwm", "", None):
            before = copy.deepcopy(wanted) | {"devices": [{**device, "permissions": permissions}]}
            assert not diff(RESOURCE, before, before, wanted).changes
            assert not diff(RESOURCE, before, inputs, wanted).changes
        narrow = wanted | {"devices": [{**device, "permissions": "r"}]}
        assert diff(RESOURCE, wanted, wanted, narrow).replaces == ["devices"]
    assert bool(routers) == any(made["type"].endswith(":WanLink") for made in made)


def test_stand_ins_are_known_by_their_name_whose_tag_is_their_content(made: list[dict[str, Any]]) -> None:
    built = {m["inputs"]["name"] for m in made if m["type"].endswith(":RemoteImage") and m["inputs"].get("build")}
    assert built
    assert {inputs["image"] for inputs in containers(made).values()} == built


def test_an_image_that_the_topology_names_is_known_by_its_id() -> None:
    made = build(stack_arguments(images={"gateway": "registry.example/gateway:1"}))
    images = {inputs["image"] for name, inputs in containers(made).items() if "-gw" in name}
    assert images == {"image-of-ha-image-gateway"}


def test_nodes_of_a_role_may_have_different_images() -> None:
    sites = {"dc1": {"gateways": {"nodes": {"gw2": {"image": "registry.example/gateway:2"}}}}}
    made = build(stack_arguments(images={"gateway": "registry.example/gateway:1"}, sites=sites))
    images = {name: inputs["image"] for name, inputs in containers(made).items() if "-gw" in name}
    named = {m["name"]: m["inputs"]["name"] for m in made if m["type"].endswith(":RemoteImage")}
    other = images["ha-dc1-gw2"].removeprefix("image-of-")
    assert images["ha-dc1-gw1"] == "image-of-ha-image-gateway"
    assert (named["ha-image-gateway"], named[other]) == ("registry.example/gateway:1", "registry.example/gateway:2")
    assert other.startswith("ha-image-gateway-")


def test_a_site_may_have_images_of_its_own() -> None:
    args = stack_arguments("dr")
    args["sites"]["dc2"]["images"] = {"gateway": "registry.example/gateway:2"}
    made = containers(build(args, "dr", "DisasterRecovery"))
    images = {name: inputs["image"] for name, inputs in made.items() if "-gw" in name}
    assert images["dr-dc2-gw1"] == images["dr-dc2-gw2"] != images["dr-dc1-gw1"] == images["dr-dc1-gw2"]
    assert images["dr-dc1-gw1"].startswith("redlab/gateway:")
