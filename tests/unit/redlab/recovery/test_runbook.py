"""The runbook of each pattern: its steps, both ways of moving services, the parameters by the specification's names."""

from __future__ import annotations

import json

import pytest
from redlab_gateway.system_health_text import page

from redlab.control import global_load_balancer
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.probes import http
from redlab.recovery import active_active, procedure
from redlab.recovery.runbook import runbook, target
from redlab.report import runbook as rendered
from tests.support.unit.inventories import inventory_of, inventory_of_text


@pytest.mark.parametrize(
    ("stack", "to", "steps"),
    [
        ("ha", "dps2", ["server", "services", "users"]),
        ("distributed-ha", "dc2", ["site", "clients", "database", "services"]),
        ("business-continuity", "dc2", ["instance", "drift", "clients"]),
        (
            "dr",
            "dc2",
            ["instance", "fence", "database", "clean-up", "services", "gateways", "clients", "reprotect"],
        ),
    ],
)
def test_every_pattern_has_one(stack: str, to: str, steps: list[str]) -> None:
    document = runbook(inventory_of(stack), to)
    assert [instruction.step for instruction in document.instructions] == steps
    for instruction in document.instructions:
        assert all((instruction.check, instruction.command, instruction.expected, instruction.rollback))
    for text in (rendered.markdown(document), rendered.page(document)):
        assert f"./redlab failover {stack} --to {to}" in text
        assert ("Parameters" in text) == (stack == "dr")
        assert "readiness" in text
    assert json.loads(json.dumps(rendered.to_document(document)))["failover"] == to


def test_where_http_goes_over_tls_it_says_whom_to_trust() -> None:
    clear = "pattern: HighAvailability\nsites: {dc1: {}}\n"
    trust = "`CURL_CA_BUNDLE`: a file with what `./redlab certificate x` prints"
    for text, said in ((clear, False), (f"{clear}encryption: {{http: true}}\n", True)):
        assert (trust in rendered.markdown(runbook(inventory_of_text(text), "dps2"))) == said


def test_its_steps_are_those_of_the_procedure() -> None:
    lab = Laboratory(inventory_of("distributed-ha"), Management((), "token"))
    planned = [step.name for step in procedure.steps(lab, "dc2")]
    assert [instruction.step for instruction in runbook(lab.inventory, "dc2").instructions] == planned
    inventory = inventory_of("business-continuity")
    planned = [step.name for step in active_active.steps(inventory, "dc1")]
    assert [instruction.step for instruction in runbook(inventory, "dc1").instructions] == planned


@pytest.mark.parametrize(("stack", "to", "server"), [("ha", "dps2", "dps2"), ("distributed-ha", "dc2", "dc2-dps1")])
def test_services_are_moved_in_both_ways_that_the_best_practices_name(stack: str, to: str, server: str) -> None:
    inventory = inventory_of(stack)
    services = next(each for each in runbook(inventory, to).instructions if each.step == "services")
    url = inventory.management_urls(inventory.node(server).site)[0]
    assert f"{url}/management/v1/services/reassign" in services.command
    assert f"{url}/system-health" in services.alternative
    assert f"“Assign services to {server} …”" in services.alternative
    # What it says of the page is what the page has.
    text = page()
    assert '"Assign services to " + node.name + " …"' in text
    assert ">Go on<" in text
    assert "Administrator's password" in text


def test_the_specifications_names_are_beside_ours() -> None:
    parameters = {each.key: each for each in runbook(inventory_of("dr"), "dc2").parameters}
    names = {name for each in parameters.values() for name in (each.old_name, each.new_name)} - {""}
    assert names == {
        "<context value>", "<new value>", "NewDatabasehostname", "NEWDatabaseServerName", "OLDSID", "NEWSID",
        "OLD_UID_name", "NEW_UID_name", "OLD_port_name", "NEW_port_name",
    }  # fmt: skip
    sid = parameters["instance.database_sid"]
    assert (sid.old, sid.old_name, sid.new, sid.new_name) == ("dc1", "OLDSID", "dc2", "NEWSID")
    text = rendered.markdown(runbook(inventory_of("dr"), "dc2"))
    assert "| `dc1` (`OLDSID`) | `dc2` (`NEWSID`) |" in text
    assert "`<key>`" in text
    assert "&lt;new value&gt;" in rendered.page(runbook(inventory_of("dr"), "dc2"))


@pytest.mark.parametrize(("stack", "kind"), [("ha", "data processing server"), ("dr", "site")])
def test_whither_it_may_go_is_said(stack: str, kind: str) -> None:
    with pytest.raises(RedlabError, match=f"no {kind} 'elsewhere'; there are: d"):
        runbook(inventory_of(stack), "elsewhere")


def test_it_goes_where_nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    states = {"dps1": "standby", "dps2": "active"}
    monkeypatch.setattr(http, "get", lambda node, *_: {"state": states[node.name]})
    assert target(inventory_of("ha")) == "dps1"
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: "dc2")
    assert target(inventory_of("distributed-ha")) == "dc1"
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: "nearest")
    assert target(inventory_of("business-continuity")) == "dc1"
