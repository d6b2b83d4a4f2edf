"""Load a topology, validate it, build its pattern, export what was built."""

from pathlib import Path

import pulumi

import redundancy
from redundancy import addressing, loading, rules
from redundancy.patterns.arguments import arguments

STACKS = Path(__file__).resolve().parent
config, lab = pulumi.Config("redundancy"), pulumi.get_stack()

path = STACKS / f"{config.get('topology') or lab}.yaml"
if not path.is_file():
    found = ", ".join(sorted(p.stem for p in STACKS.glob("*.yaml") if not p.name.startswith("Pulumi.")))
    raise pulumi.RunError(
        f"no topology stacks/{path.name}; there are: {found}; the config value redundancy:topology names another"
    )
try:
    source = loading.parse(path.read_text(), f"stacks/{path.name}")
    source = loading.override(source, config.get_object("overrides") or {})
    pool = config.get("addressPool") or addressing.default_pool(lab)
    topology = rules.enforce(loading.load(source, lab, pool), source)
except loading.TopologyError as error:
    raise pulumi.RunError(str(error)) from None
password, token = (config.get_secret(key) for key in ("databasePassword", "adminToken"))
if password is None or token is None:
    raise pulumi.RunError(
        f"stack {lab} has no secrets yet: `./redlab secrets {lab}` makes random ones; or set "
        "redundancy:databasePassword and redundancy:adminToken with `pulumi config set --secret`"
    )
args = arguments(source.document, password, token, owner=config.get("owner") or "", address_pool=topology.address_pool)
built = getattr(redundancy, topology.pattern)(lab, args)
pulumi.export("inventory", built.inventory)
pulumi.export("userUrls", built.user_urls)
pulumi.export("adminToken", built.admin_token)
