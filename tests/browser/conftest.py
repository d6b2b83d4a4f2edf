"""A browser for all tests of pages, and a page for each, whose complaints fail the test and whose last look is kept."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from redlab.stack import checkout
from tests.support.browser.chromium import launched
from tests.support.browser.complaints import Complaints

ARTEFACTS = checkout.LAB / "artefacts" / "browser"
PATIENCE_MILLISECONDS = 20_000


class Screenshot(Protocol):
    """Keeps a picture of the page, as the test's name, with a suffix if one is given; returns the file."""

    def __call__(self, suffix: str = "") -> Path: ...


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, which ends with this package's tests: meanwhile nobody else in this process can run an event loop."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright) as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile of the test's own: nothing is left of another test's."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    made.set_default_timeout(PATIENCE_MILLISECONDS)
    yield made
    made.close()


@pytest.fixture
def complaints(context: BrowserContext) -> Complaints:
    return Complaints(context)


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    return context.new_page()


@pytest.fixture
def screenshot(page: Page, request: pytest.FixtureRequest) -> Screenshot:
    def keep(suffix: str = "") -> Path:
        return _keep(page, request.node.name + (f"-{suffix}" if suffix else ""))

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None, None, None]:
    """Keep a picture of how the test ended, and fail it when the page complained."""
    page = item.funcargs.get("page")
    try:
        yield
    finally:
        if isinstance(page, Page) and not page.is_closed():
            _keep(page, item.name)
    if isinstance(complaints := item.funcargs.get("complaints"), Complaints):
        complaints.check()


def _keep(page: Page, name: str) -> Path:
    file = ARTEFACTS / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
    page.screenshot(path=file, full_page=True)
    return file
