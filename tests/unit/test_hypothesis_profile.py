"""How long an example takes says how busy the machine is: no property has a deadline, whichever tests are run."""

import re

from hypothesis import settings

from redlab.stack import checkout


def test_no_property_has_a_deadline_of_its_own_or_by_default() -> None:
    assert settings().deadline is None
    tests = checkout.ROOT / "tests"
    own = [file.name for file in tests.rglob("*.py") if re.search(r"\bdeadline=", file.read_text(encoding="utf-8"))]
    assert own == ["conftest.py"]
