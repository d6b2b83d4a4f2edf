from pathlib import Path

import pytest

from toolchain import pins
from toolchain.layout import Layout


def test_the_checkouts_own_pins_can_be_read() -> None:
    layout = Layout.of_this_checkout()
    assert pins.parse_version(pins.pulumi_version(layout)) is not None
    assert pins.parse_version(pins.docker_plugin_version(layout)) is not None


def test_a_missing_pin_is_named(tmp_path: Path) -> None:
    go_mod = tmp_path / "go.mod"
    go_mod.write_text("module x\n\nrequire example.org/other v1.0.0\n")
    with pytest.raises(ValueError, match=r"requires no example\.org/wanted"):
        pins.go_module(go_mod, "example.org/wanted")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["pulumi-docker>=5"]\n')
    with pytest.raises(ValueError, match="pins no pulumi-docker"):
        pins.docker_plugin_version(Layout(tmp_path))


@pytest.mark.parametrize(
    ("text", "version"), [("v3.259.0", (3, 259, 0)), ("3.1.2-dev", (3, 1, 2)), ("v3", None), ("", None)]
)
def test_parse_version(text: str, version: tuple[int, int, int] | None) -> None:
    assert pins.parse_version(text) == version
