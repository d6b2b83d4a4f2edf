"""Every table of the stand-ins that grows is swept."""

import re
from pathlib import Path

IMAGES = Path(__file__).parents[3] / "lab" / "images"
STORES = [file for folder in ("common", "data_processing_server") for file in (IMAGES / folder).rglob("*.py")]
SOURCE = "".join(file.read_text() for file in STORES)
GROWS_NOT = {
    # A row for each service, setting, configured item or collector without a twin, and not for each event.
    "lease", "settings", "configuration_items", "untwinned",
    # Emptied by the exchange itself.
    "sightings",
}  # fmt: skip


def test_no_table_is_left_to_grow() -> None:
    made = set(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", SOURCE))
    swept = set(re.findall(r'Kept\(\s*"(\w+)"', SOURCE))
    assert {"events", "metrics", "topology_log", "audit", "lease_history", "actions"} <= made
    assert made - swept == GROWS_NOT


def test_swept_rows_can_be_deleted_under_logical_replication() -> None:
    """Logical replication refuses deletes from a table without a key: no old row would ever be deleted."""
    for table in sorted(set(re.findall(r'Kept\(\s*"(\w+)"', SOURCE))):
        definitions = re.findall(rf"CREATE TABLE IF NOT EXISTS {table} \((.*?)\n? *\);", SOURCE, re.DOTALL)
        assert definitions, table
        keyed = all("PRIMARY KEY" in one for one in definitions)
        assert keyed or f"ALTER TABLE {table} REPLICA IDENTITY FULL" in SOURCE, table
