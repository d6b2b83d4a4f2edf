"""Load a topology, validate it, build its pattern, export what was built."""

import gc
from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config

from redundancy import addressing, credentials, rules, topology_file
from redundancy.patterns.pattern import Pattern
from redundancy.patterns.wiring import WiringArgs
from redundancy.reading import DocumentError

gc.disable()  # the program ends within a second; without collections its imports are a fifth faster

STACKS = Path(__file__).resolve().parent
SECRETS = ("databasePassword", "adminToken", "internalSecret")
config, lab = pulumi.Config("redundancy"), pulumi.get_stack()

try:
    source = topology_file.read(STACKS, config.get("topology") or lab, topology_file.overrides(config.get("overrides")))
    pool = config.get("addressPool") or addressing.default_pool(lab)
    topology = rules.accept(source, lab, pool)
    for key in SECRETS:
        if (value := get_config(config.full_key(key))) is not None:
            credentials.checked(value, f"config {config.full_key(key)}")
except DocumentError as error:
    raise pulumi.RunError(str(error)) from None
password, token, internal = (config.get_secret(key) for key in SECRETS)
if password is None or token is None or internal is None:
    raise pulumi.RunError(
        f"stack {lab} lacks secrets: `./redlab secrets {lab}` makes random ones. Or set "
        f"{', '.join(map(config.full_key, SECRETS))} with `pulumi config set --secret`"
    )
certificate = config.get_secret("userCertificate") if topology.user_interface.tls else None
if topology.user_interface.tls and certificate is None:
    raise pulumi.RunError(
        f"stack {lab} has no certificate for its users yet: `./redlab secrets {lab}` makes one; or set "
        "redundancy:userCertificate (PEM: private key, certificate, those of its authorities) with `--secret`"
    )
wiring: WiringArgs = {
    "database_password": password,
    "admin_token": token,
    "internal_secret": internal,
    "owner": config.get("owner") or "",
}
if certificate is not None:
    wiring["user_certificate"] = certificate
built = Pattern(topology, wiring)
pulumi.export("inventory", built.inventory)
pulumi.export("userUrls", built.user_urls)
pulumi.export("adminToken", built.admin_token)
