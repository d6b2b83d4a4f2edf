"""What the global load balancer registers, and what of it another declared site changes."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from redundancy import loading
from redundancy.addressing import AddressPlan
from redundancy.naming import Names
from redundancy.nodes.global_load_balancer import GlobalLoadBalancer, remembered_site
from redundancy.nodes.lab import Lab, Secrets
from redundancy.sites.network import networks
from tests.support.golden.mocks import Recorder

STACK = Path(__file__).parents[2] / "stacks" / "distributed-ha.yaml"
CONTAINER, SETTER = "g-glb1", "g-glb1-declaration"


def build(active_site: str = "dc1", *, automatic: bool = False) -> dict[str, dict[str, Any]]:
    """Return the inputs of what the component registers, by type and name."""
    source = loading.parse(STACK.read_text(), STACK.name)
    source.document["globalLoadBalancer"] = {"activeSite": active_site, "automatic": automatic}
    topology = loading.load(source, "g")
    recorder = Recorder([])
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(recorder, project="redundancy-lab", stack="g", preview=False)

    @pulumi.runtime.test
    def run() -> None:
        assert topology.global_load_balancer
        names, plan = Names("g", "DistributedHighAvailability", "owner"), AddressPlan(topology)
        made = networks(pulumi.ComponentResource("t:t:T", "t"), "g", names, plan, ["dc1", "dc2"])
        secrets = Secrets(*map(pulumi.Output.secret, ("password", "token-of-the-test", "of-no-container-x")))
        images = {("globalLoadBalancer", ""): pulumi.Output.from_input("image-of-the-glb")}
        lab = Lab(topology, names, plan, secrets, images, made, pulumi.Output.from_input("dc1"))
        GlobalLoadBalancer(CONTAINER, lab, topology.global_load_balancer.node)

    run()
    return {f"{made['type'].rsplit(':', 1)[-1]} {made['name']}": made["inputs"] for made in recorder.registered}


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, Any]]:
    return build()


@pytest.mark.parametrize(("site", "automatic", "mode"), [("dc2", False, "manual"), ("dc1", True, "automatic")])
def test_another_declaration_replaces_the_setter_alone(
    made: dict[str, dict[str, Any]], site: str, automatic: bool, mode: str
) -> None:
    changed = build(site, automatic=automatic)
    # The label of the volume says the first declaration; the engine is told to ignore that it changes.
    remembered = {key for key in made if key.startswith("Volume ")}
    assert {key for key in made if made[key] != changed[key]} - remembered == {f"Container {SETTER}"}
    before, after = made[f"Container {SETTER}"], changed[f"Container {SETTER}"]
    assert {name for name in before if before[name] != after[name]} == {"command"}
    assert after["command"] == [site, mode]


def test_the_setter_runs_once_on_the_same_volume_and_reaches_nobody(made: dict[str, dict[str, Any]]) -> None:
    setter, balancer = made[f"Container {SETTER}"], made[f"Container {CONTAINER}"]
    assert (setter["attach"], setter["mustRun"], setter["restart"]) == (True, False, "no")
    assert setter["image"] == balancer["image"]
    assert setter["volumes"] == balancer["volumes"]
    assert setter["networkMode"] == "none"
    assert not setter.get("networksAdvanced")


def test_sweep_finds_the_setter_and_nothing_takes_it_for_a_node(made: dict[str, dict[str, Any]]) -> None:
    labels = {label["label"]: label["value"] for label in made[f"Container {SETTER}"]["labels"]}
    assert labels["io.redundancy-lab.lab"] == "g"
    assert labels["io.redundancy-lab.owner"] == "owner"
    assert "io.redundancy-lab.node" not in labels


def test_both_are_confined(made: dict[str, dict[str, Any]]) -> None:
    for name in (CONTAINER, SETTER):
        inputs = made[f"Container {name}"]
        assert inputs["capabilities"]["drops"] == ["ALL"], name
        assert not inputs["capabilities"].get("adds"), name
        assert inputs["securityOpts"] == ["no-new-privileges"], name
        assert inputs["memory"] == inputs["memorySwap"], name
    assert {port["ip"] for port in made[f"Container {CONTAINER}"]["ports"]} == {"127.0.0.1"}


def test_its_configuration_names_the_virtual_ips_of_both_sites(made: dict[str, dict[str, Any]]) -> None:
    reserved = made["Network g-access"]["ipamConfigs"][0]["auxAddress"]
    (upload,) = made[f"Container {CONTAINER}"]["uploads"]
    for site in ("dc1", "dc2"):
        assert f"server {site} {reserved[f'{site}-collectors']}:8080\n" in upload["content"]
        assert f"server {site} {reserved[f'{site}-users']}:8081\n" in upload["content"]


@pytest.mark.parametrize(
    ("labels", "first"),
    [
        ([("io.redundancy-lab.lab", "g"), ("io.redundancy-lab.first-site", "prod")], "prod"),
        ([("io.redundancy-lab.lab", "g")], "dr"),  # made before it was remembered: the first one by name
        (None, "dr"),
    ],
)
def test_where_a_lab_began_is_read_from_the_volume(labels: list[tuple[str, str]] | None, first: str) -> None:
    text = "pattern: DisasterRecovery\nsites: {prod: {}, dr: {}}\nglobalLoadBalancer: {activeSite: prod}\n"
    topology = loading.load(loading.parse(text, "dr.yaml"), "g")
    found = None if labels is None else [SimpleNamespace(label=label, value=value) for label, value in labels]
    assert remembered_site(found, topology) == first
