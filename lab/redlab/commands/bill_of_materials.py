"""`redlab sbom`: what the images of a lab are made of."""

from __future__ import annotations

import typer

from redlab import bill_of_materials
from redlab.commands.arguments import StackArgument
from redlab.laboratory import open_lab
from redlab.output import print_json


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("sbom")(sbom)


def sbom(stack: StackArgument = "ha") -> None:
    """Print the packages of each image of a running lab with their versions (CycloneDX 1.5, JSON)."""
    print_json(bill_of_materials.of_lab(open_lab(stack).inventory))
