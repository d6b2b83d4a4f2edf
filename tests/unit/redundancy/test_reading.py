"""Any bytes in a file give a value or one message: bounds of the readers, and what YAML means here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redundancy import source
from redundancy.reading import (
    MAXIMUM_BYTES,
    DocumentError,
    NoDocumentError,
    parse_json,
    read_json,
    read_text,
    shown,
    told,
)
from redundancy.yaml_reading import MAXIMUM_VALUES, parse_yaml


def document(text: str) -> object:
    return source.parse(text, "x.yaml").sound().document


def test_words_are_what_yaml_1_2_says() -> None:
    text = "{a: true, b: null, c: ~, d: -7, e: 0x1F, f: 1.5, g: 1e3, h: .5, i: 'no', j: \"010\", k: 1.2.3, l: ' y'}"
    expected = {"a": True, "b": None, "c": None, "d": -7, "e": 31, "f": 1.5, "g": 1000.0, "h": 0.5}
    assert document(text) == {**expected, "i": "no", "j": "010", "k": "1.2.3", "l": " y"}


def test_an_alias_stands_for_a_copy_and_a_merge_key_for_its_parts() -> None:
    text = "a: &a {x: 1, z: [1]}\nb: *a\nc: {<<: *a, x: 2}\nd: {<<: [{x: 3}, *a]}\n"
    found = source.parse(text, "x.yaml").sound().document
    one = {"x": 1, "z": [1]}
    assert found == {"a": one, "b": one, "c": {"x": 2, "z": [1]}, "d": {"x": 3, "z": [1]}}
    assert found["a"]["z"] is not found["b"]["z"]


def test_a_key_may_have_an_anchor_and_no_tag() -> None:
    assert document("&a dc1: {}\nb: *a") == {"dc1": {}, "b": "dc1"}
    with pytest.raises(DocumentError, match=r"x\.yaml:1: no: found the tag"):
        document("!!str no: {}")


def test_files_of_other_programs_keep_words_as_text() -> None:
    found = parse_yaml("{owner: 123e45678901, a: yes, b: 010, c: .nan, d: 2}", "x.yaml", strict=False)
    assert found.value == {"owner": "123e45678901", "a": "yes", "b": "010", "c": ".nan", "d": 2}
    assert not found.faults


@pytest.mark.parametrize(
    "text",
    ["[" * 500_000, "{" * 500_000, "- " * 500_000, "? " * 500_000, "\n".join(" " * n + "a:" for n in range(1000))],
)
def test_a_deep_document_is_read_to_the_bound_only(text: str) -> None:
    with pytest.raises(DocumentError, match=r"nested too deep|a key that is no text"):
        source.parse(text, "x.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"k{n}: 1\n" for n in range(200_000)),
        "a: [" + "1," * 400_000 + "]",
        "a: &a [" + "1," * (MAXIMUM_VALUES // 2) + "]\nb: [*a, *a]",
    ],
)
def test_a_document_of_many_values_is_read_to_the_bound_only(text: str) -> None:
    with pytest.raises(DocumentError, match="found more than 5,000 values"):
        source.parse(text, "x.yaml")


def test_an_alias_counts_as_what_it_stands_for() -> None:
    half = MAXIMUM_VALUES // 2 - 10
    assert document("a: &a [" + "1," * half + "]\nb: *a")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"#" * (MAXIMUM_BYTES + 1))
    with pytest.raises(DocumentError, match="found more than 1,048,576 bytes"):
        read_text(file)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path, said in ((pipe, "this is no file"), (tmp_path, "this is no file")):
        with pytest.raises(DocumentError, match=said):
            read_text(path)
    with pytest.raises(DocumentError, match=r"x\.\.\.: cannot be read: File name too long"):
        read_text(Path("x" * 300))
    with pytest.raises(NoDocumentError, match="no such file"):
        read_text(tmp_path / "nothing")


def test_a_byte_order_mark_is_no_part_of_a_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert source.read(file).document == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x: broken JSON: nothing"),
        ("{", "x: broken JSON: Expecting property name"),
        ("{\n7", "x:2: broken JSON: Expecting property name"),
        ('{\n"a": NaN}', "x: broken JSON: found NaN"),
        ("9" * 5000, "x: broken JSON: Exceeds the limit"),
        ("[" * 100_000, "x: broken JSON: nested too deep"),
        ("[" * 50 + "]" * 50, "x: nested too deep; allowed: 40 levels"),
        ('{"a": 1} x', "x: broken JSON: Extra data"),
    ],
)
def test_json_that_means_nothing(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_json(text, "x")
    assert str(caught.value).startswith(said)


def test_a_json_file_holds_an_object(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("[1]")
    with pytest.raises(DocumentError, match=r"document: found \[1\]; allowed: an object"):
        read_json(file)


def test_long_paths_are_shown_short() -> None:
    place = source.Source("x.yaml", {}).place(["x" * 300] * 30)
    assert place.count("xxx...") == 10
    assert source.Source("x.yaml", {}).place(list("abcdefghijkl")) == "x.yaml: a.b.c.d.e.....h.i.j.k.l"


def test_values_are_shown_short() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert shown("x" * 1000) == '"' + "x" * 56 + "..."
    assert shown(10**5000 - 1) == "a number of about 5,000 digits"
    assert shown(endless) == "a list"


def test_of_very_many_faults_the_first_are_told() -> None:
    assert told(["one", "one", "two"]) == "one\ntwo"
    assert told(map(str, range(25))).split("\n")[-2:] == ["19", "and 5 more faults"]
