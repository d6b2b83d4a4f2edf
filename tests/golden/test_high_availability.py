"""Topology in, resources out: the registered resources of each stack are those of its golden file.

After a change on purpose: `UPDATE_GOLDEN=1 pytest tests/golden`, and read the difference before committing it.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from cryptography import x509

import redundancy
from redundancy import loading, rules
from redundancy.model import snake_case
from redundancy.patterns.pattern import Pattern, document
from redundancy.patterns.wiring import WiringArgs
from tests.support.golden.mocks import Recorder

STACKS = Path(__file__).parents[2] / "stacks"
INTERNAL = "a-secret-of-no-container"
TWINS = "BusinessContinuity"
POOL = "10.200.96.0/20"
WIRING: WiringArgs = {
    "database_password": "password",
    "admin_token": "token-of-the-test",
    "internal_secret": INTERNAL,
    "owner": "owner",
}
NAMES = ("ha", "distributed-ha", "dr", "dr-ucmdb", "business-continuity")


def build(args: Any, name: str = "ha", pattern: str = "HighAvailability") -> list[dict[str, Any]]:
    """Return what the component of a pattern registers, children only, in the order of their names."""
    return registered(name, lambda: getattr(redundancy, pattern)(name, args))


def registered(name: str, component: Callable[[], object]) -> list[dict[str, Any]]:
    """Return what a component registers, children only, in the order of their names."""
    recorder = Recorder([])
    # A loop of its own: mocks at module level break on newer Pythons (pulumi #24338), and tests must not share one.
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(recorder, project="redundancy-lab", stack=name, preview=False)

    @pulumi.runtime.test
    def run() -> None:
        component()

    run()
    return sorted(recorder.registered, key=lambda made: (made["type"], made["name"]))


def parsed(name: str) -> loading.Source:
    file = STACKS / f"{name}.yaml"
    return loading.parse(file.read_text(), file.name)


def stack_arguments(name: str = "ha", **changes: Any) -> Any:
    """Return the arguments that make the lab of a stack, in Python's spelling."""
    document = {**parsed(name).document}
    del document["pattern"]
    named = {key: document.pop(key) for key in ("sites", "links") if key in document}
    of_names = {key: {name: in_python(part) for name, part in parts.items()} for key, parts in named.items()}
    return {"address_pool": POOL, **in_python(document), **of_names, **WIRING, **changes}


def in_python(value: Any) -> Any:
    if isinstance(value, list):
        return [in_python(part) for part in value]
    return {snake_case(key): in_python(part) for key, part in value.items()} if isinstance(value, dict) else value


@pytest.fixture(scope="module", params=NAMES)
def stack(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def made(stack: str) -> list[dict[str, Any]]:
    """What the lab's own program registers for a stack."""
    topology = rules.accept(parsed(stack), stack, POOL)
    return registered(stack, lambda: Pattern(topology, WIRING))


def stable(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what depends on the checkout's place and on the content of the images."""
    text = json.dumps(made, indent=1, sort_keys=True)
    text = re.sub(r'"context": "[^"]*/lab/', '"context": "<checkout>/lab/', text)
    text = re.sub(r"-----BEGIN ([A-Z ]*)-----[^-]*-----END [A-Z ]*-----", r"<\1>", text)
    loaded: list[dict[str, Any]] = json.loads(
        re.sub(r"(redlab/[a-z-]+:|\"content\": \")[0-9a-f]{12}", r"\g<1><digest>", text)
    )
    return loaded


def test_golden(stack: str, made: list[dict[str, Any]]) -> None:
    golden = Path(__file__).parent / f"{stack}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(json.dumps(stable(made), indent=1, sort_keys=True) + "\n")
    assert stable(made) == json.loads(golden.read_text())


def containers(made: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {m["name"]: m["inputs"] for m in made if m["type"] == "docker:index/container:Container"}


def test_every_container_is_confined(made: list[dict[str, Any]]) -> None:
    for name, inputs in containers(made).items():
        assert inputs["capabilities"]["drops"] == ["ALL"], name
        assert not inputs.get("privileged"), name
        assert inputs["readOnly"] == (not inputs.get("uploads")), name
        assert inputs["securityOpts"] == ["no-new-privileges"], name
        assert inputs["dns"] == ["127.0.0.1"], name
        assert inputs["memory"] == inputs["memorySwap"], name
        if not any(mark in name for mark in ("-lb", "-wan")):
            wide_area = name == "business-continuity-glb1"
            assert inputs["capabilities"].get("adds", []) == (["CAP_NET_ADMIN"] if wide_area else []), name


def uploads(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a container; all of them are a secret where one is."""
    found: Any = inputs.get("uploads") or []
    files: list[dict[str, Any]] = found["value"] if isinstance(found, dict) else found
    return files


def test_users_may_come_by_tls_where_that_is_asked_for_with_a_key_that_root_alone_may_read() -> None:
    interface = {"tls": True, "persistence": "cookie"}
    made = containers(build(stack_arguments("ha", user_interface=interface, user_certificate="the key"), "x"))
    balancers = {name: one for name, one in made.items() if "-lb" in name}
    assert len(balancers) == 2
    for name, one in made.items():
        files = {upload["file"]: upload for upload in uploads(one)}
        assert ("/etc/redlab/secrets/user-certificate" in files) == (name in balancers), name
    for one in balancers.values():
        (key,) = [upload for upload in uploads(one) if upload["file"].endswith("user-certificate")]
        assert (key["content"], key["permissions"]) == ("the key", "0400")
        assert {port["internal"] for port in one["ports"]} == {8080, 8081, 8443}
    published = [port["external"] for one in made.values() for port in one.get("ports") or ()]
    assert len(published) == len(set(published))


def test_without_a_certificate_users_cannot_come_by_tls() -> None:
    with pytest.raises(pulumi.RunError, match="user_certificate: found nothing; allowed: PEM"):
        build(stack_arguments("ha", user_interface={"tls": True}), "x")


def test_each_user_interface_has_an_address_of_its_own_where_that_is_asked_for() -> None:
    balancer = {"active_site": "dc1", "own_addresses": True}
    made = containers(build(stack_arguments("business-continuity", global_load_balancer=balancer), "x", TWINS))
    (upload,) = made["x-glb1"]["uploads"]
    binds = [line.split()[1] for line in upload["content"].splitlines() if line.strip().startswith("bind ")]
    assert sorted(binds) == sorted(
        [
            *("10.200.96.6:8081", "10.200.96.5:8081"),
            *("10.200.96.7:8110", "10.200.99.7:8110", "10.200.96.5:8110"),
            *("10.200.96.8:8100", "10.200.99.8:8100", "10.200.96.5:8100"),
            *("10.200.96.9:8120", "10.200.99.9:8120", "10.200.96.5:8120"),
        ]
    )
    own = [f"10.200.{net}.5=10.200.{net}.{host}/24" for host in (7, 8, 9) for net in (96, 99)]
    assert f"REDLAB_OWN_ADDRESSES=10.200.96.5=10.200.96.6/24 {' '.join(own)}" in made["x-glb1"]["envs"]
    assert "REDLAB_SERVICE_MANAGER=http://10.200.99.7:8110" in made["x-dc1-dps1"]["envs"]
    assert "REDLAB_OPERATIONS_ORCHESTRATION=http://10.200.99.9:8120" in made["x-dc2-dps2"]["envs"]
    assert "REDLAB_UCMDB=http://10.200.99.8:8100" in made["x-central-sm1"]["envs"]
    assert "REDLAB_USER_URL=http://10.200.96.6:8081" in made["x-dc1-collector1"]["envs"]


def test_ports_are_published_on_loopback_alone(made: list[dict[str, Any]]) -> None:
    ports = [port for inputs in containers(made).values() for port in inputs.get("ports") or []]
    assert ports
    assert {port["ip"] for port in ports} == {"127.0.0.1"}


def test_addresses_are_unique_and_none_is_reserved(made: list[dict[str, Any]]) -> None:
    addresses = [
        net["ipv4Address"] for inputs in containers(made).values() for net in inputs.get("networksAdvanced") or []
    ]
    reserved = {
        address
        for m in made
        if m["type"] == "docker:index/network:Network"
        for config in m["inputs"]["ipamConfigs"]
        for address in (config["gateway"], *config["auxAddress"].values())
    }
    assert len(addresses) == len(set(addresses))
    assert not reserved & set(addresses)


def test_secrets_are_in_files_only(made: list[dict[str, Any]]) -> None:
    for name, inputs in containers(made).items():
        elsewhere = json.dumps({key: value for key, value in inputs.items() if key != "uploads"})
        assert 'password"' not in elsewhere.replace("database-password", ""), name
        assert '"token-of-the-test"' not in elsewhere, name
        assert INTERNAL not in json.dumps(inputs), name


AUTHORITY, CERTIFICATE = "/etc/redlab/secrets/database-authority", "/etc/redlab/secrets/database-certificate"
"""What those who log in at a database server trust, and what the server is known by."""


@pytest.mark.parametrize("tls", [True, False])
def test_a_server_alone_has_its_key_and_nobody_has_one_where_the_topology_says_so(*, tls: bool) -> None:
    made = containers(build(stack_arguments("ha", encryption={"databases": tls}), "x"))
    for name, inputs in made.items():
        files = {upload["file"] for upload in uploads(inputs)}
        logs_in = [value for value in inputs.get("envs", ()) if value.startswith("REDLAB_DATABASE_DSN=")]
        assert (CERTIFICATE in files) == (tls and "-db" in name), name
        assert (AUTHORITY in files) == (tls and bool(logs_in)), name
        assert all(value.endswith(f" sslmode=verify-full sslrootcert={AUTHORITY}") == tls for value in logs_in), name


_HTTP = ("/etc/redlab/secrets/http-certificate", "/etc/redlab/secrets/http-authority")
_IN_CLEAR = ("database", "serviceDatabase", "etcd", "wanRouter")


@pytest.mark.parametrize("https", [True, False])
def test_http_goes_over_tls_everywhere_or_nowhere(stack: str, *, https: bool) -> None:
    arguments = stack_arguments(stack, encryption={"http": https})
    made = build(arguments, stack, parsed(stack).document["pattern"])
    for name, inputs in containers(made).items():
        if name.endswith("-declaration"):
            continue
        (role,) = [label["value"] for label in inputs["labels"] if label["label"].endswith(".role")]
        files = {upload["file"] for upload in uploads(inputs)}
        assert (_HTTP[0] in files) == (https and role not in (*_IN_CLEAR, "collector")), name
        assert (_HTTP[1] in files) == (https and role not in _IN_CLEAR), name
        said = json.dumps([inputs.get("envs", ()), [one["content"] for one in uploads(inputs)]])
        assert ("http://" in said) <= (not https), name
        assert ("https://" in said) <= (https or role == "etcd"), name


def test_each_http_server_is_known_by_its_name_and_the_addresses_that_it_may_hold() -> None:
    made = containers(build(stack_arguments("ha", encryption={"http": True}), "x"))
    known = {}
    for name, inputs in made.items():
        for upload in uploads(inputs):
            if upload["file"] == _HTTP[0]:
                (leaf,) = x509.load_pem_x509_certificates(upload["content"].encode())
                names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
                known[name] = {str(one.value) for one in names}
    everywhere = {"localhost", "127.0.0.1"}
    assert known["x-dc1-gw1"] == {"gw1", "10.200.97.11", *everywhere}
    virtual = {"dc1", "10.200.96.10", "10.200.96.11"}
    assert known["x-dc1-lb2"] == {"lb2", "10.200.96.42", "10.200.97.42", *virtual, *everywhere}


@pytest.mark.parametrize(("active", "begins"), [("prod", "prod"), (None, "dr")])
def test_production_is_the_active_site_whatever_the_sites_are_called(active: str | None, begins: str) -> None:
    arguments = stack_arguments("dr")
    site = arguments["sites"]["dc1"]
    arguments |= {"sites": {"prod": site, "dr": site}, "links": {}, "global_load_balancer": {}}
    if active:
        arguments["global_load_balancer"] = {"active_site": active}
    made = containers(build(arguments, "x", "DisasterRecovery"))
    standby = {
        name: "REDLAB_STANDBY_SITE=true" in one.get("envs", ())
        for name, one in made.items()
        if any(value.startswith("REDLAB_STANDBY_SITE=") for value in one.get("envs", ()))
    }
    assert standby == {name: f"-{begins}-" not in name for name in standby}
    assert len(standby) == 6


def test_counts_follow_the_arguments() -> None:
    sites = {"dc1": {"gateways": {"count": 3}, "data_processing_servers": {"count": 1}, "load_balancers": {"count": 1}}}
    names = containers(build(stack_arguments(sites=sites)))
    assert sorted(name.removeprefix("ha-dc1-") for name in names) == [
        "db1", "dps1", "gw1", "gw2", "gw3", "ha-collector1", "lb1",
    ]  # fmt: skip


def test_bad_arguments_create_nothing() -> None:
    with pytest.raises(pulumi.RunError, match=r"sites\.dc1\.gateways\.count: found 4; allowed: 1 to 3"):
        build(stack_arguments(sites={"dc1": {"gateways": {"count": 4}}}))


@pytest.mark.parametrize("key", ["database_password", "admin_token", "internal_secret"])
@pytest.mark.parametrize("secret", ["€uro", "ends in a line break\n", "", None])
def test_a_secret_that_cannot_be_used_everywhere_creates_nothing(key: str, secret: str | None) -> None:
    with pytest.raises(pulumi.RunError, match=f"argument {key}: found .*; allowed: 1?[16] to 256 characters") as caught:
        build(stack_arguments(**{key: secret}))
    assert "uro" not in str(caught.value)


def test_two_labs_share_no_name() -> None:
    def engine_names(made: list[dict[str, Any]]) -> set[str]:
        return {m["inputs"]["name"] for m in made if "name" in m["inputs"] and not m["type"].endswith(":RemoteImage")}

    one = engine_names(build(stack_arguments()))
    other = engine_names(build(stack_arguments(address_pool="10.200.112.0/20"), "ha2"))
    assert one
    assert not one & other


def test_the_arguments_of_a_component_stand_for_the_document_of_the_lab(stack: str) -> None:
    source = parsed(stack)
    expected = {**source.document, "addressPool": POOL}
    assert document(source.document["pattern"], stack_arguments(stack)) == expected


def test_a_component_registers_what_the_program_of_the_lab_registers(stack: str, made: list[dict[str, Any]]) -> None:
    assert stable(build(stack_arguments(stack), stack, parsed(stack).document["pattern"])) == stable(made)
