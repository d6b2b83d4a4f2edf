"""Entry point of ``python3 lab/toolchain``; says so when this Python is too old for the rest."""

import sys
from pathlib import Path

MINIMUM_PYTHON = (3, 11)

if __name__ == "__main__":
    if sys.version_info[:2] < MINIMUM_PYTHON:
        print("Python 3.11 or newer is needed; to choose one: make PYTHON=python3.12 …", file=sys.stderr)
        sys.exit(2)
    # Run as a folder, Python puts the folder itself on the path: put its parent there instead.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from toolchain.cli import main

    sys.exit(main(sys.argv[1:]))
