"""The files that are made of the models: ``python -m redundancy.schemas`` writes them."""

from __future__ import annotations

from pathlib import Path

from redundancy import argument_types, json_schema
from redundancy.inventory import Inventory
from redundancy.topology import Topology
from redundancy.traits import PatternName

HOME = Path(__file__).parent
FOLDER = HOME.parents[1] / "schemas"


def files() -> dict[Path, str]:
    """Return every file that is made of a model, with its content."""
    topology = json_schema.document(Topology, "topology", for_people=True)
    inventory = json_schema.document(Inventory, "inventory", for_people=False)
    return {
        FOLDER / "topology.schema.json": json_schema.text(topology),
        FOLDER / "inventory.schema.json": json_schema.text(inventory),
        HOME / "patterns" / "arguments.py": argument_types.source(PatternName),
    }


if __name__ == "__main__":
    for file, content in files().items():
        file.write_text(content, encoding="utf-8")
