from pathlib import Path

import pytest

from redlab import checkout
from redlab.automation import Automation
from redlab.errors import RedlabError
from redlab.faults import journal


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "RUN", tmp_path)


def test_a_fault_is_found_until_it_is_healed() -> None:
    entry = journal.record("ha", "crash", "gw1", "redlab-ha-gw1", 60)
    assert journal.entries("ha") == [entry]
    assert journal.entries("other") == []
    entry.file.unlink()
    assert journal.entries("ha") == []


@pytest.mark.parametrize("before", [Automation(services=False), Automation(services=True, clients=False)])
def test_what_acts_by_itself_is_remembered_until_it_is_set_back(before: Automation) -> None:
    assert journal.remembered_automation("ha") is None
    journal.remember_automation("ha", before)
    assert journal.remembered_automation("ha") == before
    journal.forget_automation("ha")
    assert journal.remembered_automation("ha") is None


def test_one_drill_at_a_time() -> None:
    with journal.exclusive("ha"):
        with pytest.raises(RedlabError, match="a drill is running on lab ha"), journal.exclusive("ha"):
            pass
        with journal.exclusive("other"):
            pass
    with journal.exclusive("ha"):
        pass
