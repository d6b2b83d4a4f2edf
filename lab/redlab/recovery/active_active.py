"""The site failover of active-active instances: one change at the wide-area load balancer, once the site is proven."""

from __future__ import annotations

from redlab.drift import databases
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.recovery import procedure
from redlab.recovery.procedure import Step
from redundancy.roles import Role
from redundancy.topology import EVERY_SITE

ROLES = (Role.GATEWAY, Role.DATA_PROCESSING_SERVER, Role.LOAD_BALANCER, Role.DATABASE)
"""The roles of which a site needs a healthy node before users are sent to it."""


def steps(inventory: Inventory, site: str, *, force: bool = False) -> list[Step]:
    """Return the steps that send users to ``site``, or each user to the site of his own (``nearest``, ``spread``).

    Both instances serve already. Configuration items that only one instance has would be missing for users at the other
    site. A failover to an instance that differs is therefore refused, unless ``force``. An unreachable other instance
    does not hold the failover up.
    """
    clients = procedure.move_clients(inventory, site)
    if site in EVERY_SITE:
        return [clients]
    if site not in inventory.data_centers:
        raise RedlabError(f"no site {site!r}; there are: {', '.join([*inventory.data_centers, *EVERY_SITE])}")
    proof = Step(
        "instance",
        f"prove that the instance in {site} serves",
        lambda: procedure.prove_site(inventory, site, ROLES),
        lambda: None,
    )
    equality = Step(
        "drift",
        "prove that both instances are configured alike",
        lambda: "not asked (--force)" if force else _alike(inventory),
        lambda: None,
    )
    return [proof, equality, clients]


def _alike(inventory: Inventory) -> str:
    try:
        found = databases.differences(inventory)
    except RedlabError as error:
        return f"cannot be asked: {error}"
    if found:
        names = ", ".join(f"{one.kind} {one.name}" for one in found[:5])
        raise RedlabError(
            f"the instances differ in {len(found)} places ({names}): `redlab drift {inventory.lab}` shows them, "
            "`--apply` makes them alike; `failover --force` goes on all the same"
        )
    return "alike"
