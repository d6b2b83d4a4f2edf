"""What is made of the models: the files are current, and a model reads back what it writes."""

from pathlib import Path

import pytest

from redundancy import model, schemas
from redundancy.topology import Resources, Topology

FILES = schemas.files()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_file_is_current(file: Path) -> None:
    current = file.read_text(encoding="utf-8") == FILES[file]
    assert current, "a model has changed: `python -m redundancy.schemas` writes the files anew"


def test_what_a_mapping_leaves_out_is_as_in_the_default_of_the_whole() -> None:
    resources = {"gateways": {"resources": {"cpuShares": 2048}}}
    topology = model.read(Topology, {"pattern": "HighAvailability", "sites": {"b": resources, "a": {}}})
    first, second = topology.sites
    assert (first.name, second.name) == ("a", "b")
    assert first.gateways.resources == Resources(memory_mebibytes=192, cpu_shares=1024)
    assert second.gateways.resources == Resources(memory_mebibytes=192, cpu_shares=2048)
    assert second.database.resources == Resources(memory_mebibytes=384, cpu_shares=2048)
