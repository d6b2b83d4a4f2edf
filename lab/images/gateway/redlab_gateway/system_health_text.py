"""The text of the System Health page: its HTML, with its styles and scripts inside, because it loads nothing."""

from pathlib import Path

_STYLES = ("shared.css", "system_health.css")
_SCRIPTS = ("shared.js", "system_health.js", "system_health_configuration.js")


def page() -> str:
    """Return the page in one piece, with `{{nonce}}` in the places for the nonce of an answer."""
    text, style, script = (
        "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)
        for names in (("system_health.html",), _STYLES, _SCRIPTS)
    )
    return text.replace("{{style}}", style).replace("{{script}}", script)
