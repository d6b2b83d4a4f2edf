"""What a lab is given beside its topology: secrets, and whose it is."""

from typing import NotRequired, TypedDict

import pulumi


class WiringArgs(TypedDict):
    """What a lab is given beside its topology."""

    database_password: pulumi.Input[str]
    """Password of the database role ``redlab``; kept secret."""
    admin_token: pulumi.Input[str]
    """Bearer token of the management API; kept secret."""
    internal_secret: pulumi.Input[str]
    """What protects nodes from each other (replication, Patroni) is derived from it; no node has it. Kept secret."""
    user_certificate: NotRequired[pulumi.Input[str]]
    """PEM: private key, certificate, and those of its authorities; with ``user_interface.tls``. Kept secret."""
    owner: NotRequired[str]
    """Tells this lab from one of the same name made elsewhere: a label on everything it makes."""
