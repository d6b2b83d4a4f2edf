"""The client of the management API keeps the administrator's token to itself."""

from __future__ import annotations

from redlab.management import Management


def test_the_token_is_not_shown() -> None:
    assert "http://127.0.0.1:1" in repr(Management(("http://127.0.0.1:1",), "the-token"))
    assert "the-token" not in repr(Management(("http://127.0.0.1:1",), "the-token"))
