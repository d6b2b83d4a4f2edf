"""What the record of the images' Debian packages is compared by."""

from __future__ import annotations

from redundancy.roles import IMAGES
from tests.lab.test_image_packages import RECORD, debian, differences, read, written

SAID = "deb libpq5 15.14-0+deb12u1 amd64\ndeb zlib1g 1:1.2.13-1+b1 amd64\npypi aiohttp-3.14.5.dist-info\n"


def older(one: str, other: str) -> bool:
    return int(one) < int(other)


def test_what_came_what_went_and_what_is_older_is_named_and_newer_is_no_fault() -> None:
    recorded = {"gone": "1", "older": "2", "newer": "1", "same": "1"}
    found = {"come": "1", "older": "1", "newer": "2", "same": "1"}
    assert differences(recorded, found, older) == (
        ["come: not recorded", "gone: not there any more", "older: 2 is recorded, 1 is there"],
        ["newer: 1 is recorded, 2 is there"],
    )


def test_a_rebuild_for_one_processor_is_the_same_version() -> None:
    assert debian(SAID) == {"libpq5": "15.14-0+deb12u1", "zlib1g": "1:1.2.13-1"}


def test_what_is_written_is_read() -> None:
    found = {role: {"everywhere": "1", f"only-{role}": "2"} for role in IMAGES}
    assert "everywhere 1 all\n" in written(found)
    assert read(written(found)) == found


def test_every_image_is_recorded() -> None:
    recorded = read(RECORD.read_text())
    assert all({"libc6", "dpkg"} < packages.keys() for packages in recorded.values())
