"""The config of a stack is read as Pulumi writes it; whatever else is in the file is said in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from redlab.stack import checkout, pulumi
from redlab.stack.declaration import validated
from redlab.stack.pulumi import Stack
from redundancy.reading import DocumentError

HA = "pattern: HighAvailability\nsites: {dc1: {}}\n"


@pytest.fixture(autouse=True)
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checkout, "STACKS", tmp_path)
    (tmp_path / "mine.yaml").write_text(HA)
    return tmp_path


def config(stacks: Path, content: bytes) -> Stack:
    (stacks / "Pulumi.mine.yaml").write_bytes(content)
    return Stack("mine")


def test_a_new_stack_has_none(stacks: Path) -> None:
    assert Stack("mine").config() == {}
    assert config(stacks, b"").config() == {}
    assert config(stacks, b"encryptionsalt: v1:abc\n").config() == {}


def test_what_pulumi_writes(stacks: Path) -> None:
    # Pulumi has no quotes around a text of digits and an e that is no number to it.
    overrides = b'  redundancy:overrides:\n    objectives:\n      rtoSeconds: "0.9"\n'
    written = b"config:\n  redundancy:owner: 123e45678901\n" + overrides
    stack = config(stacks, written)
    assert stack.config()["redundancy:owner"] == "123e45678901"
    assert validated("mine", stack.config()).objectives.rto_seconds == 0.9


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- a\n", 'found ["a"]; allowed: a mapping'),
        (b"config: hello\n", 'found "hello"; allowed: a mapping'),
        (b"config: [\n", "broken YAML"),
        (b"\xff\xfe", "found UTF-16"),
        (b"config:\n  a: 1\n  a: 2\n", "given twice"),
        (b"config: &a [*a]\n", "values that do not hold themselves"),
    ],
)
def test_a_broken_config_is_named(stacks: Path, content: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        config(stacks, content).config()
    assert str(caught.value).startswith(f"{stacks}/Pulumi.mine.yaml:")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("redundancy:overrides: hello", 'config redundancy:overrides: found "hello"; allowed: a mapping'),
        ("redundancy:overrides: [a]", 'config redundancy:overrides: found ["a"]; allowed: a mapping'),
        ("redundancy:topology: {a: 1}", 'no topology {"a": 1}; there are: mine'),
        ("redundancy:topology: nothing", "no topology "),
        ("redundancy:topology: " + "x" * 300, "cannot be read: File name too long"),
        ("redundancy:addressPool: {secure: abc}", "addressPool: found "),
        ("redundancy:addressPool: 127.0.0.0/20", "config redundancy: addressPool: found 127.0.0.0/20"),
    ],
)
def test_values_that_mean_nothing(stacks: Path, values: str, said: str) -> None:
    stack = config(stacks, f"config:\n  {values}\n".encode())
    with pytest.raises(DocumentError) as caught:
        validated("mine", stack.config())
    assert said in str(caught.value)


def test_a_fault_of_an_override_is_told_as_such(stacks: Path) -> None:
    (stacks / "mine.yaml").write_text(HA + "objectives: {rtoSeconds: 5}\ncollectors: {count: 9}\n")
    stack = config(stacks, b"config:\n  redundancy:overrides:\n    objectives: {rtoSeconds: soon}\n")
    with pytest.raises(DocumentError) as caught:
        validated("mine", stack.config())
    name = f"{stacks.name}/mine.yaml"
    assert [line.partition(": found")[0] for line in str(caught.value).split("\n")] == [
        f"{name}:4: collectors.count",
        f"config redundancy:overrides (over {name}): objectives.rtoSeconds",
    ]


def test_a_secret_is_without_the_end_of_the_line_that_pulumi_prints(
    stacks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi, "_run", lambda *_, stdin=None: "the secret\n")
    made = config(stacks, b"config:\n  redundancy:internalSecret:\n    secure: v1:x\n")
    assert made.secret("redundancy:internalSecret") == "the secret"
    assert made.secret("redundancy:adminToken") is None
