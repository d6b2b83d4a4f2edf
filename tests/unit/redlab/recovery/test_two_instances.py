"""The recovery procedure of two instances: its order, and its refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import replication
from redlab.probes.replication import DatabaseRole
from redlab.recovery import procedure, two_instances
from tests.support.unit.two_instances import KilledError, go, replaced, replicated


def test_a_failover_fences_first_and_sends_the_clients_last() -> None:
    world = replicated()
    go(world, "dc2", planned=False)
    assert world.done == [
        "mark dc1-db1", "kill (SIGKILL) dc1-db1", "promote dc2-db1", "clean up dc2-db1", "services to dc2-dps1",
        "clients to dc2",
    ]  # fmt: skip


def test_a_switchover_freezes_and_makes_the_former_production_a_standby() -> None:
    world = replicated()
    go(world, "dc2", planned=True)
    assert world.done == [
        "freeze dc1-db1", "mark dc1-db1", "stop within 30 s: dc1-db1", "promote dc2-db1", "clean up dc2-db1",
        "services to dc2-dps1", "clients to dc2", "start dc1-db1", "protect dc2-db1",
    ]  # fmt: skip
    assert world.servers["dc1-db1"].standby


def test_there_and_back_again() -> None:
    world = replicated()
    go(world, "dc2", planned=True)
    go(world, "dc1", planned=True)
    assert world.servers["dc1-db1"].serves
    assert world.servers["dc2-db1"].standby
    assert all(step.skipped for step in go(world, "dc1", planned=True))


def test_a_standby_that_does_not_catch_up_ends_a_switchover_without_a_change() -> None:
    world = replicated()
    with replaced(world) as lab, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            replication,
            "role",
            lambda node: DatabaseRole(node.name == "dc2-db1", False, 1, 100, 99, ("dc2-db1",), None),
        )
        with pytest.raises(RedlabError, match=r"dc2-db1 did not catch up .* writes are taken again"):
            procedure.perform(two_instances.steps(lab, "dc2", planned=True))
    assert world.done == ["freeze dc1-db1", "thaw dc1-db1"]
    assert world.servers["dc1-db1"].serves


def test_a_failover_that_was_killed_before_the_promotion_is_finished() -> None:
    world = replicated()
    world.killed_at = 4  # after the mark and the kill
    with pytest.raises(KilledError):
        go(world, "dc2", planned=False)
    assert world.done == ["mark dc1-db1", "kill (SIGKILL) dc1-db1"]
    world.killed_at = None
    with replaced(world) as lab:
        assert two_instances.resume(lab) == ["the interrupted failover to dc2 was finished"]
        assert two_instances.resume(lab) == []
    assert (world.clients, world.servers["dc2-db1"].serves) == ("dc2", True)


def test_a_switchover_that_was_killed_before_the_fence_is_taken_back() -> None:
    world = replicated()
    world.killed_at = 2
    with pytest.raises(KilledError):
        go(world, "dc2", planned=True)
    assert world.done == ["freeze dc1-db1"]
    world.killed_at = None
    with replaced(world) as lab:
        assert len(two_instances.resume(lab)) == 1
    assert world.servers["dc1-db1"].serves


def test_a_switchover_is_refused_while_nothing_is_replicated() -> None:
    world = replicated()
    world.servers["dc2-db1"].follow = ""
    with pytest.raises(RedlabError, match="does not follow dc1-db1, so a planned move would lose data"):
        go(world, "dc2", planned=True)
    assert world.done == []


def test_nothing_is_promoted_beside_a_primary_that_could_not_be_fenced() -> None:
    world = replicated()
    with replaced(world) as lab, pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "write_file", lambda *_: None)
        with pytest.raises(RedlabError, match=r"dc1-db1 could not be fenced: .* `--force` promotes all"):
            procedure.perform(two_instances.steps(lab, "dc2", planned=False))
        assert "promote dc2-db1" not in world.done
        procedure.perform(two_instances.steps(lab, "dc2", planned=False, force=True))
    assert world.servers["dc2-db1"].serves
    assert world.clients == "dc2"


def test_a_former_production_that_was_not_fenced_is_not_made_a_standby() -> None:
    world = replicated()
    with replaced(world) as lab, pytest.raises(RedlabError, match="dc1-db1 is not fenced"):
        procedure.perform([two_instances.reprotection(lab.inventory, "dc2")])


def test_the_services_do_not_move_to_an_instance_that_was_not_cleaned_up() -> None:
    world = replicated()
    with replaced(world) as lab:
        steps = [step for step in two_instances.steps(lab, "dc2", planned=False) if step.name != "clean-up"]
        with pytest.raises(RedlabError, match=r"clean up first: .*instance\.database_host is dc1-db1"):
            procedure.perform(steps)
    assert world.clients == "dc1"


def test_a_copy_that_is_not_complete_is_not_promoted() -> None:
    world = replicated(logical=True)
    world.servers["dc2-db1"].complete = False
    with pytest.raises(RedlabError, match="dc2-db1 has not copied everything from dc1-db1 yet"):
        go(world, "dc2", planned=False)
    assert world.done == []


def test_of_two_servers_that_stand_by_the_one_that_has_everything_is_promoted() -> None:
    world = replicated(logical=True)
    world.killed_at = 4  # after the mark and the kill
    with pytest.raises(KilledError):
        go(world, "dc2", planned=False)
    world.killed_at = None
    world.start(world.servers["dc1-db1"])  # a standby at once, of nobody who could be copied
    with replaced(world) as lab:
        assert two_instances.resume(lab) == ["the interrupted failover to dc2 was finished"]
    assert world.servers["dc2-db1"].serves


def test_a_standby_that_was_away_for_too_long_is_named_and_copied_anew() -> None:
    world = replicated()
    world.servers["dc2-db1"].away = True
    with replaced(world) as lab:
        assert "dc1-db1 gave up dc2_db1, slot lost" in replication.given_up(lab.inventory)
        procedure.perform([two_instances.reprotection(lab.inventory, "dc1")])
        assert replication.given_up(lab.inventory) == ""
    assert world.done == ["stop within 30 s: dc2-db1", "start dc2-db1", "protect dc1-db1"]


def test_a_standby_that_came_back_by_itself_is_waited_for_again_where_commits_wait() -> None:
    world = replicated()
    go(world, "dc2", planned=False)
    world.start(world.servers["dc1-db1"])
    streams = "dc2-db1 streams to dc1-db1"
    with replaced(world) as lab:
        asynchronous = lab.inventory
        assert asynchronous.replication
        waiting = replace(asynchronous, replication=replace(asynchronous.replication, synchronous=True))
        assert two_instances.reprotection(asynchronous, "dc2").check() == streams
        (done,) = procedure.perform([two_instances.reprotection(waiting, "dc2")])
        assert not done.skipped
        assert two_instances.reprotection(waiting, "dc2").check() == streams
    assert world.done[-1] == "protect dc2-db1"


def test_an_empty_server_is_given_the_time_to_ask_whom_it_follows() -> None:
    world = replicated()
    go(world, "dc2", planned=False)
    former = world.servers["dc1-db1"]
    former.follow, asked = "", []

    def follows(node: Node) -> str:
        asked.append(node)
        if len(asked) == 2:
            former.follow = "dc2-db1"
        return world.servers[node.name].follow

    with replaced(world) as lab, pytest.MonkeyPatch.context() as patch:
        patch.setattr(replication, "follows", follows)
        procedure.perform([two_instances.reprotection(lab.inventory, "dc2")])
    assert former.standby


def test_clients_are_led_to_the_primary_when_their_load_balancer_lost_its_volume() -> None:
    world = replicated()
    go(world, "dc2", planned=False)
    world.clients = "dc1"  # what the topology declares
    with replaced(world) as lab:
        assert two_instances.lead_clients(lab) == ["clients go to dc2, whose database is the primary"]
        assert two_instances.lead_clients(lab) == []
    assert (world.clients, world.servers["dc2-db1"].serves) == ("dc2", True)


def test_clients_are_left_where_they_are_while_both_may_accept_writes() -> None:
    world = replicated()
    world.clients = "dc2"
    world.servers["dc2-db1"].follow, world.servers["dc2-db1"].standby = "", False
    with replaced(world) as lab:
        assert two_instances.lead_clients(lab) == []
    assert world.clients == "dc2"
