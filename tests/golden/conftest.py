"""What is built here is never made: neither the engine nor what other tests have built counts."""

from collections.abc import Iterator

import pytest

from redundancy.sites import taken


@pytest.fixture(scope="session", autouse=True)
def nobody_has_anything() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(taken, "connect", lambda: None)
        patched.setattr(taken, "_labs_of_this_run", dict)
        yield
