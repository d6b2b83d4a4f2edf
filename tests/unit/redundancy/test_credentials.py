"""A secret that some way it takes would change is refused, and not shown."""

from __future__ import annotations

import pytest

from redundancy import credentials
from redundancy.reading import DocumentError


def test_what_redlab_makes_and_any_printable_ascii() -> None:
    for secret in ("x", "aZ09-_", "!\"#$%&'()*+,-./:;<=>?@[]^`{|}~\\", "x" * 256):
        assert credentials.checked(secret, "x") == secret


def test_what_anybody_may_guess_at_is_long() -> None:
    with pytest.raises(DocumentError, match="found 15 characters; allowed: 16 to 256"):
        credentials.checked("x" * 15, "config redundancy:adminToken", credentials.LEAST_TOKEN_CHARACTERS)
    assert credentials.checked("x" * 16, "x", credentials.LEAST_TOKEN_CHARACTERS)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "found 0 characters"),
        ("to€ken", "found U+20AC as character 3 of 6"),
        ("token\n", "found U+000A as character 6 of 6"),
        ("to ken", "found U+0020 as character 3 of 6"),
        ("x" * 257, "found 257 characters"),
    ],
)
def test_another_is_refused(secret: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        credentials.checked(secret, "config redundancy:adminToken")
    assert str(caught.value).startswith(f"config redundancy:adminToken: {said}; allowed: 1 to 256 characters")
    assert "ken" not in str(caught.value).replace("adminToken", "")


def test_what_is_derived_differs_by_purpose_and_by_secret_and_tells_neither() -> None:
    made = {credentials.derived(secret, purpose) for secret in ("a", "b") for purpose in ("x", "y")}
    assert len(made) == 4
    for one in made:
        assert credentials.checked(one, "x") == one
        assert len(one) == 64
    assert credentials.derived("a", "x") == credentials.derived("a", "x")
