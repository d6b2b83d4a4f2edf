"""The users' page. Pure."""

import base64
import hashlib
from html import escape
from typing import Any

_STYLE = """
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #223 }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem }
  tr + tr { border-top: 1px solid #dde } .notice { padding: .6rem; background: #fdecea; border-left: 4px solid #a3161a }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy."""
_COLUMNS = ("collector", "seq", "gateway", "processed_at", "dps", "epoch")


def render(recent: dict[str, Any] | None, reason: str | None) -> str:
    """Return the page; `recent` is the active DPS's answer, `reason` explains a missing answer."""
    notice = f'<p class="notice">Users are not served: {escape(reason)}.</p>' if reason else ""
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Last events</title>
<link rel="icon" href="data:,"><style>{_STYLE}</style></head>
<body>
<h1>Last events</h1>
{notice}
{_events(recent)}
<p><a href="/system-health">System Health</a></p>
</body>
</html>
"""


def _events(recent: dict[str, Any] | None) -> str:
    if recent is None:
        return "<p>Not available.</p>"
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(event.get(key, '')))}</td>" for key in _COLUMNS) + "</tr>"
        for event in recent.get("events", [])
    )
    head = "".join(f"<th>{column.replace('_', ' ')}</th>" for column in _COLUMNS)
    return f"<table><tr>{head}</tr>{rows}</table>"
