"""The report files of a drill or a datasheet."""

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
    """Write result.json, junit.xml and report.html into `folder`, which is created if missing; return their paths.

    For a single drill with a fault, also write its plot as timeline.svg.

    `records` are the drills' records; without them the page does not plot individual operations. Each file is written
    atomically, and none before the contents of all exist. Raises ResultError for a result that breaks its schema,
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
    """Write a file atomically, even if two processes write it at the same time."""
    # A temporary file beside the target: renaming it is atomic, and two writers never share one.
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(text)
            file.flush()
            # A temporary file is readable only by its owner; a report has the permissions of any new file.
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
