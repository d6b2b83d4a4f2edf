"""Tables are readable on narrow terminals, use wide ones, and keep a row on a line where there is none."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from redlab import output

COLUMNS = ("node", "role", "site", "state", "addresses")
ROWS = [
    ("central-data-ce-ucmdb1", "ucmdb", "central-data-ce", "running (healthy)", "10.206.227.71"),
    ("northern-europe-lb1", "loadBalancer", "northern-europe", "running (healthy)", "10.206.224.41, 10.206.225.41"),
    ("central-data-ce-oo1", "operationsOrchestration", "central-data-ce", "exited", "10.206.227.85"),
]


def printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int | None, *, terminal: bool = True
) -> list[str]:
    monkeypatch.delenv("COLUMNS", raising=False)
    if width is not None:
        monkeypatch.setenv("COLUMNS", str(width))
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
    else:
        monkeypatch.delenv("FORCE_COLOR", raising=False)
    output.print_table("bc: nodes", COLUMNS, ROWS)
    return re.sub("\x1b[^m]*m", "", capsys.readouterr().out).splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_word_is_broken_at_any_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    text = "\n".join(printed(capsys, monkeypatch, width))
    for row in ROWS:
        for word in " ".join(row).split():
            assert word in text


def test_a_narrow_terminal_gets_paragraphs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(capsys, monkeypatch, 80)[:6] == [
        "bc: nodes",
        "central-data-ce-ucmdb1",
        "  role: ucmdb",
        "  site: central-data-ce",
        "  state: running (healthy)",
        "  addresses: 10.206.227.71",
    ]


@pytest.mark.parametrize("width", [80, 200])
def test_long_cells_are_no_towers_and_use_the_width_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    long = "what was found takes many words " * 6
    output.print_table(
        "checks", ("check", "verdict", "found", "remedy"), [("network-pools-of-hosts", "ok", long, long)]
    )
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) in range(width - 12, width + 1)
    assert len(lines) < 14


@pytest.mark.parametrize(("width", "terminal"), [(200, True), (None, False)])
def test_each_row_is_a_line_where_there_is_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int | None, terminal: bool
) -> None:
    lines = printed(capsys, monkeypatch, width, terminal=terminal)
    assert len(lines) == 1 + 3 + len(ROWS) + 1
    for row in ROWS:
        assert sum(all(cell in line for cell in row) for line in lines) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_a_keyboard_interrupt_also_in_a_background_job(how: signal.Signals) -> None:
    program = (
        "import signal, time\n"
        "from redlab.output import heed_interruptions\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "heed_interruptions()\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(how)
        assert process.stdout.read() == "interrupted\n"
