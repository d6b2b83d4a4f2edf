"""The bill of materials names each package of each image once, with where it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from redlab.engine.model import Image
from redlab.errors import RedlabError
from redlab.model.inventory import parse
from redlab.stack.bill_of_materials import document, of_stack
from redlab.stack.declaration import planned_inventory, validated
from redundancy import stand_ins
from tests.support.fake_engine import FakeEngine

SAID = """\
deb libpq5 15.14-0+deb12u1 amd64
deb tzdata 2025b-0+deb12u2 all
deb broken
pypi aiohttp-3.14.5.dist-info
pypi typing_extensions-4.16.0.dist-info
pypi *.dist-info
pypi aiohttp-3.14.5.dist-info
"""


def test_packages_of_debian_and_of_python_are_there_once() -> None:
    (image,) = document("ha", {"redlab/gateway:1 sha256:7": SAID})["components"]
    assert (image["type"], image["name"]) == ("container", "redlab/gateway:1 sha256:7")
    assert {one["purl"]: one["version"] for one in image["components"]} == {
        "pkg:deb/debian/libpq5@15.14-0%2Bdeb12u1?arch=amd64": "15.14-0+deb12u1",
        "pkg:deb/debian/tzdata@2025b-0%2Bdeb12u2?arch=all": "2025b-0+deb12u2",
        "pkg:pypi/aiohttp@3.14.5": "3.14.5",
        "pkg:pypi/typing-extensions@4.16.0": "4.16.0",
    }
    assert len(image["components"]) == 4


def test_images_are_sorted_and_the_document_says_what_it_is() -> None:
    made = document("ha", {"b": "", "a": ""})
    assert [one["name"] for one in made["components"]] == ["a", "b"]
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.5")


def said_of(image: str, _: list[str]) -> str:
    return f"deb of-{image} 1 all\n"


@pytest.fixture(params=["ha", "dr", "dr-ucmdb", "distributed-ha", "business-continuity"])
def topology(request: pytest.FixtureRequest) -> Any:
    return validated(request.param, {})


def test_of_a_lab_that_is_not_up_the_images_are_asked_that_up_takes(
    monkeypatch: pytest.MonkeyPatch, topology: Any
) -> None:
    inventory = parse(planned_inventory(topology))
    names = {stand_ins.image(role) for role in topology.image_roles}
    assert len(names) >= 5
    fake = FakeEngine(answer=said_of).used(monkeypatch)
    fake.images = {name: Image(f"id-{name}") for name in names}
    found = of_stack(topology, inventory)["components"]
    assert {one["name"] for one in found} == {f"{name} id-{name}" for name in names}
    assert all(len(one["components"]) == 1 for one in found)

    first = min(names)
    del fake.images[first]
    with pytest.raises(RedlabError, match=f"no image {first}; `redlab up"):
        of_stack(topology, inventory)


def test_of_a_lab_that_is_up_its_containers_say_what_they_were_made_from(
    monkeypatch: pytest.MonkeyPatch, topology: Any
) -> None:
    inventory = parse(planned_inventory(topology))
    fake = FakeEngine.of_lab(inventory, said_of).used(monkeypatch)
    of_stack(topology, inventory)
    assert sorted(fake.ran_once) == sorted({f"image-of-{node.role}" for node in inventory.nodes})
