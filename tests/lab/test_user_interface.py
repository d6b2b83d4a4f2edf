"""TLS at the user virtual IP, and persistence by cookie: a user keeps his gateway, until it dies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.lab.user_interface import FILE, UserInterfaceSite

from redlab.stack import certificates
from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest) -> UserInterfaceSite:
    site = UserInterfaceSite()
    request.addfinalizer(site.close)
    site.start()
    return site


@pytest.fixture
def site(started: UserInterfaceSite) -> Iterator[UserInterfaceSite]:
    """Everything runs, one load balancer holds the virtual IPs, both gateways are up."""
    for node in started.nodes.values():
        node.start()

    def ready() -> bool:
        balancers = ("lb1", "lb2")
        return (
            all(map(started.gateways_up, balancers))
            and all(map(started.healthy, balancers))
            and started.holder() is not None
        )

    assert until(ready, 30), started.nodes["lb1"].logs(tail=20)
    yield started


def test_haproxy_accepts_the_configuration(site: UserInterfaceSite) -> None:
    code, said = site.run("lb1", "haproxy -c -f /etc/haproxy/haproxy.cfg")
    assert (code, "WARNING" in said) == (0, False), said


def test_users_may_come_by_tls_and_trust_the_authority_of_the_lab_alone(site: UserInterfaceSite) -> None:
    trusted = certificates.authority(site.certificate)
    assert site.ask(authority=trusted).node in ("gw1", "gw2")
    foreign = certificates.authority(certificates.make("test", [site.user_virtual_ip]))
    assert "CERTIFICATE_VERIFY_FAILED" in site.ask(authority=foreign).refused


@pytest.mark.parametrize(("newest", "accepted"), [("TLSv1_3", True), ("TLSv1_2", True), ("TLSv1_1", False)])
def test_versions_before_1_2_are_refused(site: UserInterfaceSite, newest: str, accepted: bool) -> None:
    answer = site.ask(authority=certificates.authority(site.certificate), newest=newest)
    assert bool(answer.node) == accepted, answer


def test_root_alone_may_read_the_key(site: UserInterfaceSite) -> None:
    assert site.run("lb1", f"stat --format '%a %U' {FILE}") == (0, "400 root\n")
    assert "PRIVATE KEY" not in certificates.authority(site.certificate)


def test_who_brings_the_cookie_keeps_his_gateway_at_either_load_balancer_and_others_are_spread(
    site: UserInterfaceSite,
) -> None:
    first = site.ask()
    assert first.cookie == f"REDLAB_GATEWAY={first.node}"
    assert "HttpOnly" in first.header
    for name in ("lb1", "lb2"):
        answers = [site.ask(site.address(name), cookie=first.cookie) for _ in range(4)]
        assert {answer.node for answer in answers} == {first.node}
        assert {answer.header for answer in answers} == {""}  # he has it already
    # From the same address, but without a cookie.
    assert {site.ask().node for _ in range(8)} == {"gw1", "gw2"}


@pytest.mark.parametrize("tls", [False, True])
def test_another_gateway_takes_the_users_of_a_dead_one_and_keeps_them(site: UserInterfaceSite, tls: bool) -> None:
    authority = certificates.authority(site.certificate) if tls else ""
    mine = site.ask(authority=authority)
    site.nodes[mine.node].kill()
    other = site.ask(cookie=mine.cookie, authority=authority)
    if other.refused:
        # It waited for the dead one when that was marked down, which ends what is at it; that happens once.
        other = site.ask(cookie=mine.cookie, authority=authority)
    assert other.node not in ("", mine.node)
    assert other.cookie == f"REDLAB_GATEWAY={other.node}"
    site.nodes[mine.node].start()
    assert until(lambda: site.gateways_up(str(site.holder())), 20)
    assert site.ask(cookie=other.cookie, authority=authority).node == other.node


def test_the_other_load_balancer_has_the_same_certificate_and_knows_the_cookie(site: UserInterfaceSite) -> None:
    authority = certificates.authority(site.certificate)
    mine, holder = site.ask(authority=authority), str(site.holder())
    site.nodes[holder].kill()
    assert until(lambda: site.ask(cookie=mine.cookie, authority=authority).node == mine.node, 10)
