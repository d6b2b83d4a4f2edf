"""The CI recipe calls only commands and options that there are."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from redlab.stack import checkout

RECIPE = checkout.ROOT / "docs" / "ci" / "resilience.yml"


def test_its_commands_are_understood() -> None:
    (job,) = yaml.safe_load(RECIPE.read_text())["jobs"].values()
    runs = [shlex.split(step["run"]) for step in job["steps"] if "run" in step]
    (redlab,) = [words for words in runs if words[0] == "./redlab"]
    shown = subprocess.run(
        [Path(sys.executable).with_name("redlab"), redlab[1], "--help"],
        cwd=checkout.ROOT,
        env={**checkout.environment(), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = [word for word in redlab if word.startswith("--")]
    assert options
    assert [option for option in options if option not in shown] == []
    assert ["make", "setup"] in runs
