"""`redlab inspect`: the nodes of a lab, their state, the services and their addresses."""

from __future__ import annotations

from dataclasses import asdict

import typer

from redlab.commands.arguments import FormatOption, OptionalStackArgument
from redlab.control import router
from redlab.control.lab import Laboratory, open_lab
from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.faults import residue
from redlab.model.inventory import Interface
from redlab.output import Format, answer, print_json, print_table
from redlab.probes import begun_anew, disk, gateway_queue, published, replication
from redlab.probes import certificates as server_certificates
from redlab.probes.node_state import node_states
from redlab.probes.replication import DatabaseRole
from redundancy.roles import Role


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(inspect)


def inspect(stack: OptionalStackArgument = "", *, output: FormatOption = Format.TABLE) -> None:
    """Show the nodes of a lab, their state, the services, and the addresses of users, collectors and System Health."""
    lab = open_lab(stack)
    if output is Format.TABLE:
        show(lab)
        return
    health, left = lab.management.reachable_health(), residue.left_automation(lab.inventory.lab)
    print_json(
        {
            "lab": stack,
            "pattern": lab.inventory.pattern,
            "description": lab.inventory.description,
            "nodes": [asdict(state) for state in node_states(lab.inventory)],
            "services": asdict(health.services) if health else None,
            "rejected_events": health.rejected_events if health else None,
            "automatic_failover": health.automatic_failover if health else None,
            "automation_before_a_killed_drill": asdict(left) if left else None,
            "queues": {
                name: {**queue, "stuck": bool(gateway_queue.said(name, queue))} if queue else None
                for name, queue in gateway_queue.known(lab.inventory).items()
            },
            "untwinned_collectors": lab.inventory.event_exchange.untwinned if lab.inventory.event_exchange else (),
            "urls": lab.inventory.urls,
            "unanswered_ports": [asdict(port) for port in published.unanswered(lab.inventory)],
            "networks": {key: asdict(network) for key, network in lab.inventory.networks.items()},
            "virtual_ips": lab.inventory.virtual_ips,
            "interfaces": [asdict(interface) for interface in lab.inventory.interfaces],
            "certificates": [asdict(one) for one in server_certificates.served(lab.inventory)],
            "link_emulation": _link_emulation(lab),
            "databases_begun_anew": {
                name: begun.isoformat() for name, begun in begun_anew.databases(lab.inventory).items()
            },
            "databases": {name: asdict(role) if role else None for name, role in _database_roles(lab).items()},
        }
    )


def show(lab: Laboratory) -> None:
    """Print the nodes and the services of a lab as tables."""
    rows = [(s.name, s.role, s.site, s.state, s.addresses) for s in node_states(lab.inventory)]
    print_table(f"{lab.inventory.lab}: {lab.inventory.pattern}", ("node", "role", "site", "state", "addresses"), rows)
    for management in lab.managements:
        _show_services(management)
    _show_problems(lab)
    for name, role in _database_roles(lab).items():
        answer(f"{name}: {_database_line(role)}")
    for name, said in {**disk.full(lab.inventory), **replication.empty(lab.inventory)}.items():
        answer(f"{name}: {said}")
    for name, said in begun_anew.said(lab.inventory).items():
        answer(f"{name}: {said}")
    _show_certificates(lab)
    emulation = _link_emulation(lab)
    if emulation:
        answer(f"links between sites: {emulation} makes the delays (`redlab link show`)")
    authority = f"`redlab certificate {lab.inventory.lab}` prints the authority to trust"
    answer(f"users: {'  '.join(lab.inventory.urls['users'])}{f'  ({authority})' if lab.inventory.https else ''}")
    if "usersTls" in lab.inventory.urls:
        answer(f"users by TLS: {'  '.join(lab.inventory.urls['usersTls'])}  ({authority})")
    answer(f"collectors: {'  '.join(lab.inventory.urls['collectors'])}")
    for interface in lab.inventory.interfaces:
        if interface.integrations:
            answer(f"{Role(interface.name).row.title}: {_interface_line(lab, interface)}")
    alone = lab.inventory.event_exchange.untwinned if lab.inventory.event_exchange else ()
    if alone:
        answer(f"collectors without a counterpart, which send to either instance: {', '.join(alone)}")
    pages = "  ".join(f"{url}/system-health" for url in lab.inventory.urls["management"])
    answer(f"System Health: {pages}  (password: `redlab password {lab.inventory.lab}`)")


def _show_certificates(lab: Laboratory) -> None:
    for said in server_certificates.said(server_certificates.served(lab.inventory)):
        answer(said)


def _show_services(management: Management) -> None:
    health = management.reachable_health()
    if health is None:
        answer("services: unknown; the management API does not answer")
        return
    services = health.services
    answer(
        f"services: {services.state} on {services.active or '-'} (assigned to {services.assigned_to or '-'}, "
        f"epoch {services.epoch}); automatic failover: {'on' if health.automatic_failover else 'off'}"
    )
    if health.rejected_events:
        answer(
            f"{health.rejected_events:,} events could not be stored; they are in table `rejected` of database `event`"
        )


def _show_problems(lab: Laboratory) -> None:
    left = residue.left_automation(lab.inventory.lab)
    if left:
        answer(f"a killed drill changed this; before, {left}. The next command that changes the lab restores it")
    for name, queue in gateway_queue.known(lab.inventory).items():
        if stuck := gateway_queue.said(name, queue):
            answer(f"stuck in the queue of {stuck}")
    for port in published.unanswered(lab.inventory):
        answer(f"{port} (`redlab heal {lab.inventory.lab}` restarts it)")


def _interface_line(lab: Laboratory, interface: Interface) -> str:
    url, port = lab.inventory.urls[interface.name][0], interface.port
    return f"{url}  (clients: {interface.address}:{port}, integrations: {interface.integrations}:{port})"


def _database_roles(lab: Laboratory) -> dict[str, DatabaseRole | None]:
    """Return the state of each replicating database server; None for a server that does not answer."""
    servers = lab.inventory.of_role(Role.DATABASE) if lab.inventory.replicated else ()
    return {node.name: replication.role(node) for node in servers}


def _database_line(role: DatabaseRole | None) -> str:
    if role is None:
        return "does not answer"
    if role.standby:
        behind = role.written_bytes - (role.replayed_bytes or 0)
        return f"standby, {behind} bytes received and not yet replayed"
    to = ", ".join(role.streams_to) or "no standby: a loss of this site would lose data"
    lag = "" if role.replay_lag_seconds is None else f", {role.replay_lag_seconds:.3f} s behind"
    lost = f"; slot lost: {', '.join(role.lost)} (`redlab reprotect` copies the standby anew)" if role.lost else ""
    return f"primary{', frozen' if role.frozen else ''}, streams to {to}{lag}{lost}"


def _link_emulation(lab: Laboratory) -> str | None:
    """Return how packets between sites are delayed; None with one site, or when the router does not answer."""
    if router.node(lab.inventory) is None:
        return None
    try:
        return router.state(lab.inventory).emulation
    except RedlabError:
        return None
