"""The System Health page. Pure."""

from html import escape
from typing import Any

_STYLE = """
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #223 }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem }
  tr + tr { border-top: 1px solid #dde } .good { color: #176b32 } .bad { color: #a3161a } .notice { padding: .6rem;
  background: #fdecea; border-left: 4px solid #a3161a }
"""
_GOOD = {"ready", "active", "standby"}


def render(health: dict[str, Any], recent: dict[str, Any] | None, reason: str | None) -> str:
    """Return the page; `reason` says why users are not served, `recent` is the active DPS's answer when they are."""
    services = health["services"]
    automatic = {True: "on", False: "off", None: "unknown"}[health["controller"]["automatic_failover"]]
    notice = f'<p class="notice">Users are not served: {escape(reason)}.</p>' if reason else ""
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>System Health</title>
<style>{_STYLE}</style></head>
<body>
<h1>System Health</h1>
{notice}
<h2>Services</h2>
<p>{_state(services["state"])}, assigned to <b>{escape(str(services["assigned_to"] or "nobody"))}</b>,
epoch {services["epoch"]}. High Availability Controller (automatic failover): <b>{automatic}</b>.</p>
<h2>Nodes</h2>
<table><tr><th>Node</th><th>Role</th><th>State</th><th>Details</th></tr>{"".join(map(_node, health["nodes"]))}</table>
<h2>Last events</h2>
{_events(recent)}
</body>
</html>
"""


def _node(node: dict[str, Any]) -> str:
    details = ", ".join(
        f"{key.replace('_', ' ')}: {value}"
        for key, value in node.items()
        if key not in ("name", "role", "state") and value not in ("", None)
    )
    role = str(node["role"]).replace("_", " ")
    cells = (escape(str(node["name"])), escape(role), _state(str(node["state"])), escape(details))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _state(state: str) -> str:
    return f'<span class="{"good" if state in _GOOD else "bad"}">{escape(state)}</span>'


def _events(recent: dict[str, Any] | None) -> str:
    if recent is None:
        return "<p>Not available.</p>"
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(event.get(key, '')))}</td>" for key in _COLUMNS) + "</tr>"
        for event in recent.get("events", [])
    )
    head = "".join(f"<th>{column.replace('_', ' ')}</th>" for column in _COLUMNS)
    return f"<table><tr>{head}</tr>{rows}</table>"


_COLUMNS = ("collector", "seq", "gateway", "processed_at", "dps", "epoch")
