"""The protocol of the event exchange, model-checked: the real rules, in a world where everything else may go wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redlab_dps import shared_event as rule
from redlab_dps.shared_event import Deed, Key, SharedEvent

SITES = ("dc1", "dc2")
SCHEDULES = 10_000
STEPS = 40
KEYS: tuple[Key, ...] = (("monitor", 1), ("monitor", 2), ("probe/1", 1))

EVENTS = st.builds(
    SharedEvent,
    st.just("monitor"),
    st.just(1),
    st.sampled_from(SITES),
    st.integers(1, 3),
    st.dictionaries(st.sampled_from(SITES), st.integers(0, 3)),
    st.sampled_from((None, "IM1")),
    st.sampled_from((None, "RUN1")),
    alerts=st.dictionaries(st.sampled_from(SITES), st.lists(st.sampled_from(("a", "b")), min_size=1, unique=True)),
    incident_by=st.sampled_from((None, *SITES)),
)
ALERT, ALERT_OF = "failed", ("monitor", 1)
"""An alert, and the only event for which it must fire."""


def content(event: SharedEvent) -> dict[str, object]:
    alerts = {site: sorted(names) for site, names in event.alerts.items()}
    return {**event.message(), "alerts": alerts, "incident_by": event.incident and event.incident_by}


def told(events: Iterable[SharedEvent]) -> dict[str, object]:
    return content(reduce(rule.merged, events))


@given(st.lists(EVENTS, min_size=2, max_size=4))
def test_the_order_of_messages_does_not_matter(events: list[SharedEvent]) -> None:
    # A missing count and a count of 0 are the same knowledge, written differently.
    same = [replace(one, sightings={site: one.sightings.get(site, 0) for site in SITES}) for one in events]
    assert all(told(order) == told(same) for order in permutations(same))


@given(EVENTS, EVENTS)
def test_a_repeated_message_changes_nothing(one: SharedEvent, other: SharedEvent) -> None:
    once = rule.merged(one, other)
    again = rule.merged(once, other)
    assert (content(again), again.version) == (content(once), once.version)


@given(EVENTS, EVENTS)
def test_a_record_only_grows(one: SharedEvent, other: SharedEvent) -> None:
    after = rule.merged(one, other)
    assert after.term >= max(one.term, other.term)
    assert after.counter >= max(one.counter, other.counter)
    assert after.version >= one.version


def test_two_events_never_have_one_custom_attribute() -> None:
    keys = [("a", 11), ("a1", 1), ("a/1", 1), ("a%2F1", 1), ("a", 1)]
    assert len({SharedEvent(*key, owner="dc1", term=1, sightings={}).cma for key in keys}) == len(keys)


class Desk:
    """Service Manager or Operations Orchestration: it acts once for each custom attribute."""

    def __init__(self) -> None:
        self.actions: list[str] = []
        self.requested_by: dict[str, str] = {}

    def act(self, cma: str, site: str) -> Deed:
        if cma not in self.actions:
            self.actions.append(cma)
        return Deed(f"{cma}#1", self.requested_by.setdefault(cma, site))


class Forgetful(Desk):
    """The saboteur: it does not check whether the custom attribute exists already."""

    def act(self, cma: str, site: str) -> Deed:
        self.actions.append(cma)
        return Deed(f"{cma}#{self.actions.count(cma)}", site)


class Flattering(Desk):
    """The saboteur: it tells every requester that it was the first."""

    def act(self, cma: str, site: str) -> Deed:
        return super().act(cma, site)._replace(requested_by=site)


@dataclass
class Instance:
    """One instance: the contents of its database survive every crash."""

    site: str
    inbox: list[Key] = field(default_factory=list)
    events: dict[Key, SharedEvent] = field(default_factory=dict)
    acknowledged: set[Key] = field(default_factory=set)
    alerts: tuple[str, ...] = (ALERT,)
    fired: set[tuple[Key, str]] = field(default_factory=set)

    def write(self, event: SharedEvent) -> None:
        """In one transaction."""
        self.events[event.key] = event
        self.fired |= {(event.key, alert) for alert in rule.fires(event, self.site)}

    def outbox(self) -> list[SharedEvent]:
        return [event for event in self.events.values() if event.version > event.told]


@dataclass(frozen=True)
class Message:
    """On its way: what ``sender`` tells, or the answer to what it was told (``versions`` of the one who had asked)."""

    to: str
    events: tuple[SharedEvent, ...]
    versions: tuple[tuple[Key, int], ...] = ()
    answer: bool = False


class World:
    """Two instances, what lies between them, and who acts. A step may stop half-way: that is a crash there."""

    def __init__(self, seed: int, desk: type[Desk] = Desk, merged: Callable[..., SharedEvent] = rule.merged) -> None:
        self.random = random.Random(seed)  # noqa: S311 - schedules, no secrets
        self.merged = merged
        self.instances = {site: Instance(site) for site in SITES}
        self.network: list[Message] = []
        self.desks = {"incident": desk(), "run": desk()}
        self.takes_over = True

    def step(self) -> None:
        """Do something that may happen at any time."""
        site = self.random.choice(SITES)
        self.random.choice((self.collect, self.take, self.tell, self.act, self.deliver, self.lose, self.repeat))(site)

    def collect(self, site: str) -> None:
        key, instance = self.random.choice(KEYS), self.instances[site]
        if key not in instance.acknowledged:
            # In one transaction with the event itself.
            instance.acknowledged.add(key)
            instance.inbox.append(key)

    def take(self, site: str) -> None:
        instance = self.instances[site]
        for key in instance.inbox:
            alerts = instance.alerts if key == ALERT_OF else ()
            instance.write(rule.seen(instance.events.get(key), key, site, alerts))
        instance.inbox.clear()

    def tell(self, site: str) -> None:
        batch = self.instances[site].outbox()
        # A part of them, in any order: a batch has a limit.
        batch = self.random.sample(batch, self.random.randint(0, len(batch)))
        versions = tuple((event.key, event.version) for event in batch)
        if batch:
            self.network.append(Message(other(site), tuple(batch), versions))

    def deliver(self, _: str) -> None:
        if self.network:
            self.receive(self.network.pop(self.random.randrange(len(self.network))))

    def receive(self, message: Message) -> None:
        instance = self.instances[message.to]
        for key, version in message.versions if message.answer else ():
            instance.write(rule.confirmed(instance.events[key], version))
        for event in message.events:
            instance.write(self.merged(instance.events.get(event.key), strip(event)))
        if not message.answer:
            unknown = [instance.events[one.key] for one in message.events]
            unknown = [mine for mine, one in zip(unknown, message.events, strict=True) if content(mine) != content(one)]
            self.network.append(Message(other(message.to), tuple(unknown), message.versions, answer=True))

    def act(self, site: str, *, silent: bool | None = None) -> None:
        instance = self.instances[site]
        # Timers decide whether the other instance counts as silent: they may be wrong.
        peer_silent = self.takes_over and (self.random.random() < 0.3 if silent is None else silent)
        for name, desk in self.desks.items():
            found = [event for event in instance.events.values() if getattr(event, name) is None]
            for event in rule.to_act_upon(found, site, peer_silent=peer_silent):
                if event != instance.events[event.key]:
                    instance.write(event)
                if self.random.random() < 0.2:
                    return  # crashed before
                done = {name: desk.act(event.cma, site)}
                if self.random.random() < 0.2:
                    return  # crashed between the act and its record
                instance.write(rule.acted(instance.events[event.key], **done))

    def lose(self, _: str) -> None:
        """A crash of a server, or a cut link."""
        if self.network and self.random.random() < 0.5:
            self.network.pop(self.random.randrange(len(self.network)))

    def repeat(self, _: str) -> None:
        if self.network and self.random.random() < 0.5:
            self.network.append(self.random.choice(self.network))

    def settle(self, sites: Iterable[str] = SITES, *, silent: bool = False) -> None:
        """Let everything work, for as long as it takes; bounded. ``silent``: only ``sites`` are there."""
        for _ in range(60):
            for site in sites:
                self.take(site)
                self.tell(site)
                self.act(site, silent=silent)
            pending, self.network = self.network, []
            for message in pending:
                if message.to in sites:
                    self.receive(message)
            if all(self.is_done(site, silent=silent) for site in sites) and not self.network:
                return
        self.network.clear()

    def is_done(self, site: str, *, silent: bool) -> bool:
        """Whether a site has nothing more to take in, to tell, or to act upon."""
        instance = self.instances[site]
        if instance.inbox or instance.outbox():
            return False
        return not any(
            rule.to_act_upon(
                [event for event in instance.events.values() if getattr(event, name) is None], site, peer_silent=silent
            )
            for name in self.desks
        )


def strip(event: SharedEvent) -> SharedEvent:
    """A message arrives without the sender's versions."""
    return rule.parse(event.message())


def other(site: str) -> str:
    return SITES[1 - SITES.index(site)]


def counters(instances: list[Instance], key: Key) -> set[int]:
    return {instance.events[key].counter for instance in instances if key in instance.events}


def problems(world: World, sites: Iterable[str] = SITES) -> list[str]:
    """The violations once everything has settled; there must be none."""
    instances = [world.instances[site] for site in sites]
    distinct = set[Key]().union(*(instance.acknowledged for instance in instances))
    found = []
    for instance in instances:
        if instance.events.keys() < distinct:
            found.append(f"{instance.site} does not know every event")
        if len(instances) == len(SITES) and instance.outbox():
            found.append(f"{instance.site} goes on telling")
    for key in distinct:
        records = [content(instance.events[key]) for instance in instances if key in instance.events]
        if any(record != records[0] for record in records):
            found.append(f"{key} is known differently")
        seen = sum(key in instance.acknowledged for instance in world.instances.values())
        if len(instances) == len(SITES) and counters(instances, key) != {seen}:
            found.append(f"{key} was seen {seen} times and counted otherwise")
    for name, desk in world.desks.items():
        cmas = [instances[0].events[key].cma for key in distinct if key in instances[0].events]
        found += [
            f"{desk.actions.count(cma)} actions ({name}) for {cma}" for cma in cmas if desk.actions.count(cma) != 1
        ]
    fired = [alert for instance in world.instances.values() for alert in instance.fired]
    sent = any(ALERT_OF in instance.acknowledged for instance in world.instances.values())
    wanted = [(ALERT_OF, ALERT)] if sent else []
    # An instance that is gone for good may have taken along the one alert that it was about to fire.
    if fired != wanted and (fired or len(instances) == len(SITES)):
        found.append(f"{len(fired)} alerts fired")
    return found


def checked(seed: int, **changes: object) -> list[str]:
    """Run one random schedule and return the violations at its end."""
    world = World(seed, **changes)  # type: ignore[arg-type]
    for _ in range(STEPS):
        world.step()
    world.settle()
    return problems(world)


def test_no_schedule_loses_an_event_or_acts_twice() -> None:
    wrong = {seed: found for seed in range(SCHEDULES) if (found := checked(seed))}
    assert wrong == {}


@pytest.mark.parametrize("lost", SITES)
def test_the_other_instance_acts_for_one_that_is_gone_for_good(lost: str) -> None:
    for seed in range(1000):
        world = World(seed)
        for _ in range(STEPS):
            world.step()
        left = [other(lost)]
        world.settle(left, silent=True)
        assert problems(world, left) == []


def without_sightings(held: SharedEvent | None, event: SharedEvent) -> SharedEvent:
    return rule.merged(held, replace(event, sightings={}))


def last_one_wins(held: SharedEvent | None, event: SharedEvent) -> SharedEvent:
    return replace(event, version=held.version + 1 if held else 1)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"desk": Forgetful}, "actions (incident)"),
        ({"merged": without_sightings}, "counted otherwise"),
        ({"merged": last_one_wins}, ""),
        ({"desk": Flattering}, "2 alerts fired"),
    ],
)
def test_a_saboteur_is_caught(changes: dict[str, object], problem: str) -> None:
    found = [line for seed in range(200) for line in checked(seed, **changes)]
    assert any(problem in line for line in found)


@pytest.mark.parametrize("site", SITES)
def test_an_alert_of_one_instance_fires_when_that_instance_owns_the_event(site: str) -> None:
    """This is the effect of drift: whether an event's alert fires depends on the instance that saw it first."""
    for owner in SITES:
        world = World(0)
        world.instances[other(site)].alerts = ()
        for place in (owner, other(owner)):
            world.instances[place].acknowledged.add(ALERT_OF)
            world.instances[place].inbox.append(ALERT_OF)
        world.take(owner)
        world.receive(Message(other(owner), tuple(world.instances[owner].outbox())))
        world.settle()
        fired = {place: bool(instance.fired) for place, instance in world.instances.items()}
        assert fired == {site: owner == site, other(site): False}


def test_a_successor_fires_the_alerts_that_a_dead_instance_had_found() -> None:
    found = rule.seen(None, ALERT_OF, "dc1", ["b", "a"])
    told_of = rule.acted(rule.taken_over(rule.merged(None, found), "dc2"), incident=Deed("IM1", "dc2"))
    assert rule.fires(told_of, "dc2") == ["a", "b"]
    assert rule.fires(told_of, "dc1") == []
    assert rule.fires(rule.seen(told_of, ALERT_OF, "dc2", ["c"]), "dc2") == ["c"]


def test_an_exchange_that_forgets_its_outbox_is_caught() -> None:
    world = World(0)
    world.collect("dc1")
    world.settle(["dc1"], silent=True)
    for key, event in world.instances["dc1"].events.items():
        world.instances["dc1"].events[key] = rule.confirmed(event, event.version)  # a restart that lost it
    world.settle()
    assert "dc2 does not know every event" in problems(world)


def test_a_dead_owner_without_a_successor_is_caught() -> None:
    world = World(0)
    world.takes_over = False
    world.collect("dc1")
    world.take("dc1")
    world.network.append(Message("dc2", tuple(world.instances["dc1"].events.values())))
    world.deliver("dc2")
    world.instances["dc2"].acknowledged |= world.instances["dc1"].acknowledged
    world.settle(["dc2"], silent=True)
    assert any("0 actions" in line for line in problems(world, ["dc2"]))
