"""Run the provider: `python -m redlab_provider ENGINE_ADDRESS`."""

import gc
import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _bare_sdk() -> None:
    """Make `pulumi.runtime.proto` importable without the rest of Pulumi's SDK, which a provider does not need.

    Every `pulumi up` waits until this process has started. Importing the rest would take two thirds of that time.
    """
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None:
        return
    root = Path(spec.origin).parent
    for name, place in (("pulumi", root), ("pulumi.runtime", root / "runtime")):
        package = ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package


if __name__ == "__main__":
    gc.disable()  # imports are a fifth faster; the objects they make live as long as the process
    _bare_sdk()
    from redlab_provider.server import serve

    gc.freeze()
    gc.enable()
    serve(sys.argv[1:])
