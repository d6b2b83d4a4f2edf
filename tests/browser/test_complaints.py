"""The check that fails a test because of its page can fail, for each kind of complaint; and the browser is shut in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from redlab.stack import checkout
from tests.support.browser.complaints import Complaints

pytest_plugins = ("pytester",)
POLICY = """<meta http-equiv="Content-Security-Policy" content="script-src 'none'">"""
TEST_OF_A_BAD_PAGE = """
def test_passes_but_for_what_its_page_says(page):
    page.set_content("<script>console.error('oh')</script><h1>fine</h1>")
    assert page.get_by_role("heading").inner_text() == "fine"

def test_of_a_good_page(page):
    page.set_content("<h1>fine</h1>")
"""


@pytest.fixture
def apart(browser: Browser) -> Iterator[BrowserContext]:
    """A context whose complaints are nobody's but the test's."""
    made = browser.new_context()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("<script>console.error('oh')</script>", "console: oh"),
        ("<script>throw new Error('oh')</script>", "uncaught: .*oh"),
        ("<script>Promise.reject(new Error('oh'))</script>", "uncaught: .*oh"),
        (f"{POLICY}<script>1</script>", "console: .*Content Security Policy"),
        # Also by its number an address outside is unknown to the browser.
        ("<img src='http://192.0.2.1/'>", r"request: GET http://192\.0\.2\.1/: net::ERR_NAME_NOT_RESOLVED"),
        ("<script src='http://example.invalid/x.js'></script>", "ERR_NAME_NOT_RESOLVED"),
    ],
)
def test_a_complaint_is_heard(apart: BrowserContext, document: str, complaint: str) -> None:
    complaints = Complaints(apart)
    apart.new_page().set_content(document)
    with pytest.raises(AssertionError, match=f"the page complained:\n(.*\n)*.*{complaint}"):
        complaints.check()
    complaints.expect(".")
    complaints.check()


def test_what_is_expected_has_to_come(apart: BrowserContext) -> None:
    complaints = Complaints(apart)
    apart.new_page().set_content("<script>console.log('well')</script>")
    complaints.tolerate("502")
    complaints.check()
    complaints.expect("503")
    with pytest.raises(AssertionError, match="expected, but nothing of the kind was complained of: 503"):
        complaints.check()


def test_a_test_fails_at_its_end_and_a_picture_is_kept(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(checkout.ROOT))
    folder = pytester.path / "pictures"
    pytester.makeconftest(
        f"from pathlib import Path\nfrom tests.browser import conftest\nfrom tests.browser.conftest import *\n"
        f"conftest.ARTEFACTS = Path({str(folder)!r})\n"
    )
    pytester.makepyfile(TEST_OF_A_BAD_PAGE)
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*the page complained:*", "*console: oh*"])
    names = {file.name for file in folder.iterdir()}
    assert names == {"test_passes_but_for_what_its_page_says.png", "test_of_a_good_page.png"}
