from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redlab_provider import uploads, wire
from redlab_provider.cancellation import Cancellation, CancelledError
from redlab_provider.durations import format_nanoseconds, parse_nanoseconds
from redlab_provider.errors import ResourceError
from redlab_provider.ownership import Registry, is_leftover
from redlab_provider.resources.image import name_of, split_name
from redlab_provider.traits import OWNER_LABEL
from redlab_provider.wire import UNKNOWN, Secret

DIGEST = "sha256:" + "0" * 64
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.just(UNKNOWN)
    | st.builds(Secret, st.text()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), plain))
def test_values_survive_the_wire(values: dict[str, object]) -> None:
    assert wire.load(wire.dump(values)) == values


def test_outputs_are_secret_where_the_inputs_are() -> None:
    inputs = {"uploads": [{"file": "/a", "content": Secret("x")}], "envs": [Secret("A=1")], "name": "n"}
    outputs = {"uploads": [{"file": "/a", "content": "x"}], "envs": ["A=1", "B=2"], "name": "n", "id": "1"}
    assert wire.hide_like(outputs, inputs) == {
        "uploads": [{"file": "/a", "content": Secret("x")}],
        "envs": Secret(["A=1", "B=2"]),
        "name": "n",
        "id": "1",
    }
    assert "x" not in repr(Secret("x"))


@given(st.integers(0, 10**15))
def test_durations_survive_being_written(nanoseconds: int) -> None:
    assert parse_nanoseconds(format_nanoseconds(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1_000_000_000, "1s"),
        (90_000_000_000, "1m30s"),
        (3_600_000_000_000, "1h0m0s"),
        (250_000_000, "250ms"),
        (123_456_789, "123.456789ms"),
        (1_500, "1.5µs"),
    ],
)
def test_durations_are_written_as_docker_does(nanoseconds: int, text: str) -> None:
    assert format_nanoseconds(nanoseconds) == text


@pytest.mark.parametrize("text", ["10", "s", "1 s", "1d", "-1s", "1s2"])
def test_text_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_nanoseconds(text)


def test_uploads_carry_content_and_permissions() -> None:
    files = [
        {"file": "/etc/a", "content": "é", "permissions": "0400"},
        {"file": "/etc/b", "contentBase64": "AAE=", "executable": True},
    ]
    (archive,) = uploads.archives({"uploads": files}).values()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert {member.name: member.mode for member in tar} == {"etc/a": 0o400, "etc/b": 0o744}
        contents = [content.read() for member in tar if (content := tar.extractfile(member))]
    assert contents == ["é".encode(), b"\0\1"]


def test_uploads_have_an_owner_and_a_group() -> None:
    files = [{"file": "/a", "content": ""}, {"file": "/b", "content": "", "owner": "70", "group": "root"}]
    (archive,) = uploads.archives({"uploads": files}).values()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert {member.name: (member.uid, member.gid) for member in tar} == {"a": (0, 0), "b": (70, 0)}


@pytest.mark.parametrize("kind", ["owner", "group"])
def test_an_unknown_file_owner_is_named(kind: str) -> None:
    with pytest.raises(ResourceError, match=rf"/etc/a .* {kind} 'nobody-here', .* number"):
        uploads.archives({"uploads": [{"file": "/etc/a", "content": "x", kind: "nobody-here"}]})


def test_uploads_into_a_read_only_container_go_to_its_writable_mounts() -> None:
    inputs = {
        "readOnly": True,
        "volumes": [{"containerPath": "/etc/lab", "volumeName": "v"}],
        "uploads": [{"file": "/etc/lab/a", "content": "x"}],
    }
    assert list(uploads.archives(inputs)) == ["/etc/lab"]
    assert list(uploads.archives(inputs | {"readOnly": False})) == ["/"]
    with pytest.raises(ResourceError, match="cannot upload /etc/other: the container's root is read-only"):
        uploads.archives(inputs | {"uploads": [{"file": "/etc/other", "content": "x"}]})


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("debian", ("debian", "latest")),
        ("debian:12", ("debian", "12")),
        ("registry:5000/a/b", ("registry:5000/a/b", "latest")),
        ("registry:5000/a/b:1", ("registry:5000/a/b", "1")),
        (f"debian@{DIGEST}", ("debian", DIGEST)),
    ],
)
def test_image_names_are_split(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_an_image_is_imported_by_name_or_by_id() -> None:
    assert name_of(f"{DIGEST}debian:12") == name_of("debian:12") == "debian:12"


def test_only_an_object_with_the_owners_labels_is_a_leftover() -> None:
    wanted = {OWNER_LABEL: "one", "role": "gateway"}
    assert is_leftover(dict(wanted), wanted)
    assert not is_leftover({**wanted, "more": "x"}, wanted)
    assert is_leftover({**wanted, "from-image": "x"}, wanted, exact=False)
    assert not is_leftover({**wanted, OWNER_LABEL: "two"}, wanted, exact=False)
    assert not is_leftover({"role": "gateway"}, {"role": "gateway"})
    assert not is_leftover({}, {})


def test_two_resources_cannot_share_an_object() -> None:
    registry = Registry()
    registry.claim("network 1", "urn:a")
    registry.claim("network 1", "urn:a")
    with pytest.raises(ResourceError, match="urn:a"):
        registry.claim("network 1", "urn:b")
    registry.release("network 1")
    registry.claim("network 1", "urn:b")


def test_cancellation_runs_the_actions_of_earlier_and_later_waiters() -> None:
    cancellation, calls = Cancellation(), []
    cancellation.check()
    with cancellation.on_cancel(lambda: calls.append("gone")):
        pass
    with cancellation.on_cancel(lambda: calls.append("early")):
        cancellation.cancel()
    with cancellation.on_cancel(lambda: calls.append("late")):
        assert calls == ["early", "late"]
    with pytest.raises(CancelledError):
        cancellation.check()
