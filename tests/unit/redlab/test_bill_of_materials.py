"""The bill of materials names each package of each image once, with where it comes from."""

from __future__ import annotations

from redlab.bill_of_materials import document

SAID = """\
deb libpq5 15.14-0+deb12u1 amd64
deb tzdata 2025b-0+deb12u2 all
deb broken
pypi aiohttp-3.14.5.dist-info
pypi typing_extensions-4.16.0.dist-info
pypi *.dist-info
pypi aiohttp-3.14.5.dist-info
"""


def test_packages_of_debian_and_of_python_are_there_once() -> None:
    (image,) = document("ha", {"redlab/gateway:1 sha256:7": SAID})["components"]
    assert (image["type"], image["name"]) == ("container", "redlab/gateway:1 sha256:7")
    assert {one["purl"]: one["version"] for one in image["components"]} == {
        "pkg:deb/debian/libpq5@15.14-0%2Bdeb12u1?arch=amd64": "15.14-0+deb12u1",
        "pkg:deb/debian/tzdata@2025b-0%2Bdeb12u2?arch=all": "2025b-0+deb12u2",
        "pkg:pypi/aiohttp@3.14.5": "3.14.5",
        "pkg:pypi/typing-extensions@4.16.0": "4.16.0",
    }
    assert len(image["components"]) == 4


def test_images_are_sorted_and_the_document_says_what_it_is() -> None:
    made = document("ha", {"b": "", "a": ""})
    assert [one["name"] for one in made["components"]] == ["a", "b"]
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.5")
