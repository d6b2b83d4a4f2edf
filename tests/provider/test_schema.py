"""The schema has every property of the pinned SDK: the provider understands every program."""

from __future__ import annotations

import inspect
import json
import re
from importlib.metadata import version
from typing import Any

import pulumi_docker
import pytest

from redlab_provider import schema

DOCUMENT: dict[str, Any] = json.loads(schema.document())
SDK: dict[str, Any] = vars(pulumi_docker)


def written(arguments: type) -> set[str]:
    """The wire names of an SDK class's arguments."""
    names = set(inspect.signature(arguments).parameters)
    return {re.sub(r"_+(\w)", lambda found: found[1].upper(), name.rstrip("_")) for name in names}


@pytest.mark.parametrize("token", sorted(DOCUMENT["resources"]))
def test_a_resource_has_every_property_of_the_sdk(token: str) -> None:
    arguments = SDK[f"{token.rpartition(':')[2]}Args"]
    assert set(DOCUMENT["resources"][token]["inputProperties"]) == written(arguments)


@pytest.mark.parametrize("token", sorted(DOCUMENT["types"]))
def test_a_nested_type_has_every_property_of_the_sdk(token: str) -> None:
    arguments = SDK.get(f"{token.rpartition(':')[2]}Args")
    if arguments is None:  # a part of outputs only, or of another resource
        assert token not in json.dumps([spec["inputProperties"] for spec in DOCUMENT["resources"].values()])
    else:
        assert set(DOCUMENT["types"][token]["properties"]) == written(arguments)


def test_the_schema_is_that_of_the_pinned_sdk() -> None:
    assert DOCUMENT["version"] == version("pulumi-docker")
