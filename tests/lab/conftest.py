"""The nodes of the shared lab as testinfra hosts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.support.lab import wiring
from tests.support.lab.stand_ins import BUILDS, TAG

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.control.lab import Laboratory


@pytest.fixture(scope="session")
def images() -> None:
    """Build the images of the stand-ins."""
    import docker

    client = docker.from_env()
    for image, (context, dockerfile) in BUILDS.items():
        client.images.build(path=str(context), dockerfile=dockerfile, tag=f"{image}:{TAG}", rm=True)
    client.close()


@pytest.fixture
def inside(ha_lab: Laboratory) -> Callable[[str], Host]:
    """Return the inside of a node, by its name."""
    return partial(wiring.inside, ha_lab)
