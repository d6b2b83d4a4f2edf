import pytest

from tests.support.unit.workbench import Workbench
from toolchain import base_image
from toolchain.errors import SetupError

NO_REGISTRY = 'echo "dial tcp: no such host" >&2; exit 1'


def docker(
    bench: Workbench, *, inspect: str = "exit 1", pull: str = NO_REGISTRY, load: str = "cat > /dev/null"
) -> None:
    bench.program("docker", f'case "$1" in image) {inspect} ;; pull) {pull} ;; import) {load} ;; esac')


def debootstrap(bench: Workbench, body: str = 'for target; do :; done; mkdir -p "$3"; touch "$3/marker"') -> None:
    bench.program("unshare", 'shift; exec "$@"')
    bench.program("debootstrap", body)


def test_a_present_image_is_neither_pulled_nor_built(bench: Workbench) -> None:
    docker(bench, inspect="echo sha256:0")
    assert base_image.ensure(bench.context()).detail == base_image.IMAGE
    assert len(bench.calls) == 1


def test_an_image_that_can_be_pulled_is_not_built(bench: Workbench) -> None:
    docker(bench, pull="exit 0")
    debootstrap(bench)
    base_image.ensure(bench.context(root=True))
    assert bench.calls[-1] == f"docker pull {base_image.IMAGE}"


def test_without_root_the_message_tells_how_to_get_the_image(bench: Workbench) -> None:
    docker(bench)
    with pytest.raises(SetupError, match=r"building it needs root.\n.*docker pull"):
        base_image.ensure(bench.context())
    assert "no such host" in bench.said


def test_without_debootstrap_and_apt(bench: Workbench) -> None:
    docker(bench)
    with pytest.raises(SetupError, match="neither debootstrap nor apt-get"):
        base_image.ensure(bench.context(root=True))


def test_debootstrap_is_installed_used_with_the_machines_mirror_and_its_folder_removed(bench: Workbench) -> None:
    kept = bench.folder / "image.tar"
    docker(bench, load=f"cat > {kept}")
    debootstrap(bench)
    (bench.bin / "debootstrap").rename(bench.folder / "debootstrap")
    bench.program("apt-get", f'case "$*" in *install*) cp {bench.folder}/debootstrap {bench.bin} ;; esac')
    (bench.folder / "apt" / "sources.list").write_text("deb http://mirror.example/debian bookworm main\n")
    base_image.ensure(bench.context(root=True))
    made = next(call for call in bench.calls if call.startswith("debootstrap"))
    assert made.endswith("http://mirror.example/debian")
    assert b"marker" in kept.read_bytes()
    assert not list(bench.layout.lab.glob("tmp-*"))


def test_a_debootstrap_that_fails_leaves_no_image(bench: Workbench) -> None:
    docker(bench)
    debootstrap(bench, "echo E: no space; exit 1")
    with pytest.raises(SetupError, match="no space"):
        base_image.ensure(bench.context(root=True))
    assert not [call for call in bench.calls if call.startswith("docker import")]
    assert not list(bench.layout.lab.glob("tmp-*"))


def test_an_import_that_fails_is_reported_in_the_engines_words(bench: Workbench) -> None:
    docker(bench, load='cat > /dev/null; echo "no space left on device" >&2; exit 1')
    debootstrap(bench)
    with pytest.raises(SetupError, match="no space left on device"):
        base_image.ensure(bench.context(root=True))
