import multiprocessing
import signal
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

from toolchain import lock


def hold(path: Path, holding: Event) -> None:
    with lock.held(path, lambda _: None):
        holding.set()
        signal.pause()


def test_the_second_set_up_waits_names_the_first_and_continues_after_its_end(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    holding = spawn.Event()
    first = spawn.Process(target=hold, args=(tmp_path / "lock", holding))
    first.start()
    assert holding.wait(60)
    waits: list[str] = []
    waiting, done = threading.Event(), threading.Event()

    def on_wait(holder: str) -> None:
        waits.append(holder)
        waiting.set()

    def second() -> None:
        with lock.held(tmp_path / "lock", on_wait):
            done.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert waiting.wait(60)
    assert waits == [str(first.pid)]
    assert not done.is_set()
    first.kill()
    assert done.wait(60)
    thread.join()
    first.join()
