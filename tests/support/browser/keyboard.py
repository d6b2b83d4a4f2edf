"""Driving a page with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

MOST_STOPS = 30


def tab_to(target: Locator) -> None:
    """Press the tabulator until the target has the focus, once at least. Raises AssertionError when it never has.

    Going away from a list and back ends what was typed into it.
    """
    expect(target).to_be_enabled()
    for _ in range(MOST_STOPS):
        target.page.keyboard.press("Tab")
        if has_focus(target):
            return
    raise AssertionError(f"{target} cannot be reached with the keyboard")


def has_focus(target: Locator) -> bool:
    """Whether the target has the keyboard's focus."""
    return bool(target.evaluate("(node) => node === document.activeElement"))
