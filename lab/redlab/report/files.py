"""The files that a drill leaves for people and CI systems."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from redlab.report import datasheet, html, junit, plot
from redlab.results.documents import to_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redlab.measure.record import DrillRecord
    from redlab.measure.result import DrillResult
    from redlab.results.campaign import CampaignResult
    from redlab.results.datasheet import Datasheet

XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def write(outcome: DrillResult | CampaignResult, folder: Path, records: Sequence[DrillRecord] = ()) -> list[Path]:
    """Write result.json, junit.xml and report.html into `folder`, which is made if need be; return their paths.

    A single drill that came to its fault has its plot as timeline.svg too, for a wiki or a README.

    `records` are what the drills observed: without them the page leaves out the single operations. Each file is whole
    or not there, and none is written unless all could be made. Raises ResultError for a result that breaks its schema,
    OSError for a folder that cannot be written.
    """
    drawn = html.timelines(outcome, records)
    contents = {
        "result.json": json.dumps(to_document(outcome), indent=2, ensure_ascii=False) + "\n",
        "junit.xml": XML + junit.render(outcome),
        "report.html": html.page(outcome, drawn),
    }
    if outcome.kind == "drill" and (svg := drawn[outcome.drill_id]):
        contents["timeline.svg"] = plot.picture(svg)
    return _write_all(folder, contents)


def write_datasheet(sheet: Datasheet, folder: Path) -> list[Path]:
    """Write datasheet.json, datasheet.md, datasheet.html and junit.xml into `folder`, as :func:`write` does."""
    campaigns = [campaign for each in sheet.sheets for campaign in each.every_campaign]
    contents = {
        "datasheet.json": json.dumps(datasheet.document(sheet), indent=2, ensure_ascii=False) + "\n",
        "datasheet.md": datasheet.markdown(sheet),
        "datasheet.html": datasheet.page(sheet),
        "junit.xml": XML + junit.render(*campaigns),
    }
    return _write_all(folder, contents)


def _write_all(folder: Path, contents: dict[str, str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        replace(folder / name, text)
    return [folder / name for name in contents]


def replace(path: Path, text: str) -> None:
    """Write a file so that it is whole or as before, also when two write it at once."""
    # A file of its own beside the target, so that renaming it is atomic and two writers never share one.
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(text)
            file.flush()
            # Made for its writer alone; a report is as readable as any other new file.
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
