"""Entry point of ``python3 lab/toolchain``; refuses a Python that is too old for the other modules."""

import sys
from pathlib import Path

MINIMUM_PYTHON = (3, 11)

if __name__ == "__main__":
    if sys.version_info[:2] < MINIMUM_PYTHON:
        print("Python 3.11 or newer is needed; to choose one: make PYTHON=python3.12 …", file=sys.stderr)
        sys.exit(2)
    # When Python runs a folder, the folder itself is on the path; the modules need its parent there instead.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from toolchain.cli import main

    sys.exit(main(sys.argv[1:]))
