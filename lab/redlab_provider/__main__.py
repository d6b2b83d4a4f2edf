"""Run the provider: `python -m redlab_provider ENGINE_ADDRESS`."""

import gc
import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _bare_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported without the rest of Pulumi's SDK, which a provider has no use for.

    Every `pulumi up` waits for this process to start, and the rest is two thirds of that time.
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
    gc.disable()  # imports go a fifth faster, and what they make stays
    _bare_sdk()
    from redlab_provider.server import serve

    gc.freeze()
    gc.enable()
    serve(sys.argv[1:])
