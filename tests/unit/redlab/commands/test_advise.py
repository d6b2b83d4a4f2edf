"""The command `advise`: its exit codes, its JSON, the file that it writes, and what it says of bad input."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from redlab import cli
from redlab.stack import checkout
from redundancy import loading, rules

FEW = ("--years", "1000")
NEAR = ("--rto", "1h", "--rpo", "0", "--sites", "2", "--distance-km", "200", "--latency-ms", "3", "--survive-site-loss")


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def advise(*arguments: str) -> Done:
    """Run the command in this process, which has imported all that it needs."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["redlab", "advise", *arguments]),
        mock.patch.dict(os.environ, {"COLUMNS": "250"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def test_as_a_process_it_says_the_same() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("redlab"), "advise", *NEAR, *FEW, "--format", "json"],
        cwd=checkout.ROOT,
        env=checkout.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == advise(*NEAR, *FEW, "--format", "json").stdout


def test_json_has_the_component_s_name_and_every_candidate_s_reasons() -> None:
    done = advise(*NEAR, *FEW, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["recommended"]["pattern"] == "DistributedHighAvailability"
    assert len(document["candidates"]) == 6
    for candidate in document["candidates"]:
        assert {"nodes", "licences", "collectors", "configurations"} <= candidate["cost"].keys()
        assert all(reason["why"] and reason["source"] for reason in candidate["reasons"])
        down = candidate["availability"]["downtime_minutes"]
        assert candidate["lab"]["predicted"]["rto_seconds"] > 0
        for said in (*candidate["advantages"], *candidate["drawbacks"]):
            assert said["says"]
            assert said["source"].startswith("best practices, chapter ")
        assert down["low"] <= down["mean"] <= down["high"]


def test_a_table_names_the_cheapest_its_conditions_and_what_it_costs() -> None:
    done = advise(*NEAR, *FEW)
    conditions = "rpo, dedicatedFiber"
    pattern = "Distributed High Availability"
    named = f"recommended: {pattern}, the cheapest that satisfies all needs, on a condition: {conditions}"
    assert named in done.stdout
    assert done.stderr == ""
    (row,) = (line for line in done.stdout.splitlines() if "below 5 ms between" in line)
    assert "best practices, chapter 2, disadvantages" in row


def test_when_nothing_satisfies_the_exit_code_is_1_and_it_says_what_to_relax() -> None:
    done = advise("--rto", "1m", "--sites", "1", *FEW)
    assert done.returncode == 1
    assert "would do with rto 15m to 1h" in " ".join(done.stdout.split())


def test_a_file_of_needs_and_options_over_it(tmp_path: Path) -> None:
    file = tmp_path / "needs.yaml"
    file.write_text("rto: 1d\nrpo: 1d\nsurviveSiteLoss: true\nsites: 2\ndistanceKilometers: 1500\n")
    document = json.loads(advise(str(file), *FEW, "--format", "json").stdout)
    assert document["recommended"]["pattern"] == "DisasterRecovery"
    document = json.loads(advise(str(file), "--rto", "1m", *FEW, "--format", "json").stdout)
    assert document["recommended"]["pattern"] == "BusinessContinuity"


@pytest.mark.parametrize(
    ("needs", "pattern"),
    [
        (NEAR, "DistributedHighAvailability"),
        (("--survive-disaster", "--distance-km", "900", "--existing-ucmdb"), "DisasterRecovery"),
        (("--survive-disaster", "--rto", "1m", "--custom-integration"), "BusinessContinuity"),
        ((), "HighAvailability"),
    ],
)
def test_what_it_writes_is_a_topology_that_is_allowed(tmp_path: Path, needs: tuple[str, ...], pattern: str) -> None:
    file = tmp_path / "mine.yaml"
    done = advise(*needs, *FEW, "--write", str(file))
    assert done.returncode == 0, done.stderr
    written = file.read_text()
    chapter = 1 + ["HighAvailability", "DistributedHighAvailability", "DisasterRecovery", "BusinessContinuity"].index(
        pattern
    )
    for section in ("advantages", "disadvantages"):
        assert f"(best practices, chapter {chapter}, {section})" in " ".join(written.replace("#", "").split())
    assert ("# On a condition: duplicateConfiguration.\n" in written) == (pattern == "BusinessContinuity")
    source = loading.parse(written, "mine.yaml")
    topology = rules.accept(source, "mine")
    assert topology.pattern == pattern
    again = advise(*needs, *FEW, "--write", str(file))
    assert again.returncode == 2
    assert "is not overwritten" in " ".join(again.stderr.split())


def test_a_link_faster_than_light_is_warned_of() -> None:
    done = advise("--distance-km", "600", "--latency-ms", "3", "--survive-site-loss", *FEW)
    assert done.returncode == 0
    said = " ".join(done.stderr.split())
    assert "the round trip of light in 600 km of fiber takes 6 ms; 3 ms was given" in said


@pytest.mark.parametrize("link", [("--distance-km", "20000"), ("--latency-ms", "2000"), ("--latency-ms", "0")])
def test_the_ends_of_what_a_link_may_be(link: tuple[str, ...]) -> None:
    assert advise(*link, "--survive-site-loss", *FEW).returncode == 0


def test_bad_input_is_named_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "needs.yaml"
    file.write_text("sites: 2\nrto: soon\n")
    for arguments, message in (
        ((str(file),), 'needs.yaml:2: rto: found "soon"; allowed: a duration'),
        (("--rto", "soon"), 'rto: found "soon"; allowed: a duration'),
        ((str(tmp_path / "none.yaml"),), "no such file"),
        (("--ask",), "--ask needs a terminal"),
        (("--rto", "9" * 400), 'rto: found "999'),
        (("--site-mtbf-hours", "1", "--site-mttr-hours", "0.001"), "failures of a server and a data center"),
        (("--write", str(tmp_path / "none" / "mine.yaml")), "there is no folder"),
    ):
        done = advise(*arguments)
        assert done.returncode == 2
        assert message in "".join(done.stderr.split("\n"))
        assert "Traceback" not in done.stderr


def test_a_topology_in_the_place_of_needs_is_told_from_them(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("pattern: HighAvailability\nsites: {dc1: {}}\n")
    done = advise(str(file), *FEW)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{file} is a topology; advise takes a file of needs" in " ".join(done.stderr.split())
