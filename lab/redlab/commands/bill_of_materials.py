"""`redlab sbom`: the software bill of materials of a lab's images."""

from __future__ import annotations

import typer

from redlab.commands.arguments import TopologyArgument, topology_of
from redlab.model.inventory import parse
from redlab.output import print_json
from redlab.stack import bill_of_materials
from redlab.stack.declaration import planned_inventory


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("sbom")(sbom)


def sbom(stack: TopologyArgument = "") -> None:
    """Print the packages of each image of a lab with their versions (CycloneDX 1.5, JSON).

    When the lab is not up, the images are those that `redlab up` would use; all of them must be on this machine.
    """
    topology = topology_of(stack)
    print_json(bill_of_materials.of_stack(topology, parse(planned_inventory(topology))))
