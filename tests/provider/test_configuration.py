from __future__ import annotations

import json

import pytest

from redlab_provider.configuration import from_properties, violations
from redlab_provider.errors import ResourceError
from redlab_provider.operations import name_of, resource, token_of
from redlab_provider.traits import CONTAINER

URN = f"urn:pulumi:ha::redundancy-lab::redundancy:index:Site$redundancy:index:Node${CONTAINER}::gw1"


def test_the_host_is_that_of_the_configuration_or_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert from_properties({}).host is None
    monkeypatch.setenv("DOCKER_HOST", "tcp://one:2375")
    assert from_properties({}).host == "tcp://one:2375"
    assert from_properties({"host": "unix:///two.sock"}).host == "unix:///two.sock"
    assert from_properties({"context": "three"}).host is None


def test_a_registrys_password_is_not_shown() -> None:
    login = {"address": "registry.example", "username": "me", "password": "hunter2"}
    configuration = from_properties({"registryAuth": json.dumps([login])})
    assert configuration.logins[0].password == "hunter2"
    assert "hunter2" not in repr(configuration)


def test_unsupported_configuration_is_refused() -> None:
    found = dict(violations({"hots": "x", "keyMaterial": "x", "host": "unix:///x", "version": "5.2.0"}))
    assert set(found) == {"hots", "keyMaterial"}


def test_the_type_of_a_resource_in_components_is_found() -> None:
    assert (token_of(URN), name_of(URN)) == (CONTAINER, "gw1")
    with pytest.raises(ResourceError, match="has no docker:index/image:Image"):
        resource("urn:pulumi:a::b::docker:index/image:Image::c")
