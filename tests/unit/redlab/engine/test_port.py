"""The port: the engine's words come out as its errors, each node has its engine, and the fake is one like the real."""

from __future__ import annotations

import inspect
from unittest import mock

import docker
import pytest
import requests

from redlab import engine
from redlab.engine import Engine, EngineError, Kind, MissingError
from redlab.engine.errors import engine_errors
from redlab.engine.model import Endpoint
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from tests.support.fake_engine import FakeEngine, of_node
from tests.support.unit.inventories import inventory_of

DHA = inventory_of("distributed-ha")


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (docker.errors.NotFound("404", explanation="No such container: x"), MissingError, "No such container: x"),
        (docker.errors.ImageNotFound("404", explanation="No such image: x"), MissingError, "No such image: x"),
        (docker.errors.APIError("500", explanation="Address already in use"), EngineError, "Address already in use"),
        (docker.errors.DockerException("no socket"), EngineError, "no socket"),
        (requests.ConnectionError("it hung up"), EngineError, "it hung up"),
    ],
)
def test_the_engines_words_come_out(raised: Exception, kind: type[EngineError], words: str) -> None:
    with pytest.raises(EngineError) as caught, engine_errors():
        raise raised
    assert (type(caught.value), caught.value.words, str(caught.value)) == (kind, words, f"the Docker engine: {words}")


def test_an_error_that_is_not_the_engines_stays_what_it_is() -> None:
    with pytest.raises(RedlabError, match=r"^mine$"), engine_errors():
        raise RedlabError("mine")


def test_a_container_that_is_gone_is_named_with_the_way_back() -> None:
    client = mock.Mock()
    client.api.inspect_container.side_effect = docker.errors.NotFound("404", explanation="No such container: gw1")
    with pytest.raises(MissingError, match=r"^container gw1 is gone; `redlab up` makes it again$"):
        Engine(lambda: client).container("gw1")


def test_an_endpoint_is_made_as_it_is_written_down() -> None:
    client = mock.Mock()
    Engine(lambda: client).connect("gw1", Endpoint("dc1", "10.0.1.41", aliases=("gw1",), links=("db1:db", "lb1")))
    client.api.connect_container_to_network.assert_called_once_with(
        "gw1",
        "dc1",
        ipv4_address="10.0.1.41",
        ipv6_address=None,
        aliases=["gw1"],
        links=[("db1", "db"), ("lb1", None)],
        link_local_ips=None,
        driver_opt=None,
    )


def test_what_was_removed_since_it_was_listed_is_left_out() -> None:
    client = mock.Mock()
    client.api.containers.return_value = [{"Id": "1"}, {"Id": "2"}]
    gone = docker.errors.NotFound("404", explanation="No such container")
    there = {"Id": "2", "Name": "/gw2", "State": {"Status": "running", "Running": True}}
    client.api.inspect_container.side_effect = [gone, there]
    assert [one.name for one in Engine(lambda: client).containers({"a": "b", "c": ""})] == ["gw2"]
    client.api.containers.assert_called_once_with(all=True, filters={"label": ["a=b", "c"]})


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Kind.CONTAINER, mock.call.remove_container("x", force=True, v=True)),
        (Kind.NETWORK, mock.call.remove_network("x")),
        (Kind.VOLUME, mock.call.remove_volume("x", force=True)),
    ],
)
def test_a_thing_is_removed_with_what_belongs_to_it(kind: Kind, asked: object) -> None:
    client = mock.Mock()
    Engine(lambda: client).remove(kind, "x")
    assert client.api.mock_calls == [asked]


def test_several_engines_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab over two hosts, told apart by site in the one place that knows."""
    engines = {site.name: FakeEngine() for site in DHA.sites}
    for node in DHA.nodes:
        host = engines.get(node.site, engines["dc1"])
        host.there[node.container] = of_node(DHA, node)

    def of(place: Node | str = "") -> FakeEngine:
        return engines.get(place.site, engines["dc1"]) if isinstance(place, Node) else engines["dc1"]

    monkeypatch.setattr(engine, "of", of)
    assert engine.containers(DHA).keys() == {node.name for node in DHA.nodes}
    there = DHA.node("dc2-gw1")
    engine.of(there).kill(there.container)
    assert engine.container(there).condition == "stopped"
    assert [host.done for host in engines.values() if host.done] == [["kill redlab-distributed-ha-dc2-gw1"]]
    engines["dc2"].change(DHA.node("dc2-db1").container, most_processes=None)
    engine.limit_processes(DHA)
    assert {one.most_processes for one in engine.containers(DHA).values()} == {engine.MOST_PROCESSES}


def overridden() -> list[str]:
    return [name for name in vars(FakeEngine) if not name.startswith("_") and name in vars(Engine)]


@pytest.mark.parametrize("name", overridden())
def test_the_engine_in_memory_is_called_as_the_real_one(name: str) -> None:
    assert inspect.signature(getattr(FakeEngine, name)) == inspect.signature(getattr(Engine, name))
