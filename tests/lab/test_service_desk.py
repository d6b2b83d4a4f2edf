"""Service Manager acts once for each custom attribute (CMA), whoever asks, however often, whatever dies meanwhile."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import docker
import pytest
import requests
from tests.support.lab.stand_ins import BUILDS, TAG, TOKEN, StandIns, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker
IMAGES = ("redlab/database", "redlab/service-manager")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[StandIns]:
    """A database server with the one database, and two Service Managers on it."""
    client = docker.from_env()
    for image in IMAGES:
        context, dockerfile = BUILDS[image]
        client.images.build(path=str(context), dockerfile=dockerfile, tag=f"{image}:{TAG}", rm=True)
    client.close()
    stand_ins = StandIns(tmp_path_factory.mktemp("secrets"))
    request.addfinalizer(stand_ins.close)
    stand_ins.start_database(REDLAB_LOGICAL_DATABASES="service_manager")
    eventually(lambda: stand_ins.healthy("db"), 60)
    for name in ("sm1", "sm2"):
        stand_ins.start_service_manager(name)
    eventually(lambda: stand_ins.healthy("sm1") and stand_ins.healthy("sm2"), 60)
    yield stand_ins


def actions(*cmas: str, requested_by: str = "dc1") -> dict[str, Any]:
    return {"actions": [{"cma": cma, "collector": "c", "seq": 1, "requested_by": requested_by} for cma in cmas]}


def ask(desk: StandIns, body: Any, server: str = "sm1", token: str = TOKEN) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(desk.url(server, 8110, "/v1/incidents"), json=body, headers=headers, timeout=10)


def numbers(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [action["id"] for action in answer.json()["actions"]]


def count(desk: StandIns, prefix: str) -> int:
    return int(desk.sql(f"SELECT count(*) FROM actions WHERE starts_with(cma, '{prefix}')", "service_manager"))


def test_only_the_databases_asked_for_are_there(desk: StandIns) -> None:
    found = desk.sql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1", "service_manager")
    assert found.splitlines() == ["postgres", "service_manager"]


def test_one_action_for_each_cma(desk: StandIns) -> None:
    first = ask(desk, actions("once/1", "once/2", "once/1"))
    assert [one["created"] for one in first.json()["actions"]] == [True, True, True]
    assert numbers(first)[0] == numbers(first)[2] != numbers(first)[1]
    again = ask(desk, actions("once/2", "once/1", requested_by="dc2"), "sm2")
    assert [one["created"] for one in again.json()["actions"]] == [False, False]
    assert numbers(again) == [numbers(first)[1], numbers(first)[0]]
    assert numbers(first)[0].startswith("IM") and len(numbers(first)[0]) == 9
    assert count(desk, "once/") == 2


def test_one_action_although_everybody_asks_at_once(desk: StandIns) -> None:
    cmas = [f"race/{number}" for number in range(50)]

    def asked(turn: int) -> list[str]:
        order = cmas if turn % 2 else cmas[::-1]
        found = numbers(ask(desk, actions(*order), f"sm{1 + turn % 2}"))
        return found if turn % 2 else found[::-1]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(asked, range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert count(desk, "race/") == 50


def test_what_was_answered_survives_a_kill(desk: StandIns) -> None:
    (number,) = numbers(ask(desk, actions("kill/1")))
    for node, sign in (("sm1", signal.SIGKILL), ("db", signal.SIGKILL)):
        desk.nodes[node].kill(sign)
    assert ask(desk, actions("kill/2"), "sm2").status_code == 503
    for node in ("db", "sm1"):
        desk.nodes[node].start()
    eventually(lambda: desk.healthy("sm1") and desk.healthy("sm2"), 60)
    assert numbers(ask(desk, actions("kill/1"))) == [number]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "actions: a list of 1 to 1000"),
        ({"actions": []}, "actions: a list of 1 to 1000"),
        ({"actions": [{"cma": "", "collector": "c", "seq": 1, "requested_by": "dc1"}]}, "cma ''"),
        ({"actions": [{"cma": "a", "collector": "c", "seq": -1, "requested_by": "dc1"}]}, "seq -1"),
        ({"actions": [7]}, "an action is no object"),
    ],
)
def test_a_bad_request_is_explained(desk: StandIns, body: Any, said: str) -> None:
    answer = ask(desk, body)
    assert (answer.status_code, said in answer.json()["error"]) == (400, True)


def test_nobody_acts_without_the_token(desk: StandIns) -> None:
    assert ask(desk, actions("forged/1"), token="guess").status_code == 401
    assert count(desk, "forged/") == 0


def test_the_page_escapes_what_others_have_said(desk: StandIns) -> None:
    numbers(ask(desk, actions("<script>alert(1)</script>")))
    shown = requests.get(desk.url("sm1", 8110, "/"), timeout=5)
    assert shown.status_code == 200
    assert "&lt;script&gt;" in shown.text
    assert "<script>" not in shown.text
