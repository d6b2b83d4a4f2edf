"""Load a topology, validate it, build its pattern, export what was built."""

import sys
from pathlib import Path

import pulumi

import redundancy
from redundancy import addressing, loading, rules
from redundancy.patterns.arguments import arguments

STACKS = Path(__file__).resolve().parent


def main() -> None:
    """Stand up the topology of the stack's name, or the one that the config value redundancy:topology names."""
    config, lab = pulumi.Config("redundancy"), pulumi.get_stack()
    path = STACKS / f"{config.get('topology') or lab}.yaml"
    if not path.is_file():
        found = ", ".join(sorted(file.stem for file in STACKS.glob("*.yaml") if not file.stem.startswith("Pulumi.")))
        raise pulumi.RunError(f"no topology {path.stem!r} in stacks/; there are: {found}; choose one with `pulumi config set redundancy:topology NAME`")
    try:
        source = loading.parse(path.read_text(), f"stacks/{path.name}")
        source = loading.override(source, config.get_object("overrides") or {})
        pool = config.get("addressPool") or addressing.default_pool(lab)
        topology = rules.enforce(loading.load(source, lab, pool), source)
    except loading.TopologyError as error:
        raise pulumi.RunError(str(error)) from None
    secrets = [config.get_secret(key) for key in ("databasePassword", "adminToken")]
    if None in secrets:
        raise pulumi.RunError(f"stack {lab} has no secrets yet: set redundancy:databasePassword and redundancy:adminToken with `./redlab secrets {lab}` (random ones), or one by one with `pulumi config set --secret`")
    args = arguments(source.document, *secrets, owner=config.get("owner") or "", address_pool=pool)
    built = getattr(redundancy, topology.pattern)(lab, args)
    pulumi.export("inventory", built.inventory)
    pulumi.export("userUrls", built.user_urls)
    pulumi.export("adminToken", built.admin_token)


sys.exit(main())
