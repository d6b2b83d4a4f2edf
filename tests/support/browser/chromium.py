"""Starts this machine's Chromium so that it talks to the pages under test, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Playwright

from toolchain import browser
from toolchain.machine import Machine

THIS_MACHINE = "127.0.0.1"
REBOUND = "rebound.invalid"
"""A name of somebody else's that leads to this machine, as a DNS rebinding would have it."""


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Start Chromium, with a profile of its own; every address but 127.0.0.1 is unknown to it.

    Fails the test, with what to run, where there is no Chromium.
    """
    program = browser.find(Machine.this())
    if program is None:
        pytest.fail("no Chromium on PATH: run `make browser`", pytrace=False)
    rules = [f"MAP {REBOUND} {THIS_MACHINE}", "MAP * ~NOTFOUND", f"EXCLUDE {THIS_MACHINE}"]
    started = playwright.chromium.launch(
        executable_path=program,
        # Root has no sandbox of Chromium's, and the pages are this checkout's own.
        chromium_sandbox=False,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            f"--host-resolver-rules={', '.join(rules)}",
        ],
    )
    try:
        yield started
    finally:
        started.close()
