"""`redlab certificate`: the certificate authority that TLS clients of a lab have to trust."""

from __future__ import annotations

import typer

from redlab.commands.arguments import OptionalStackArgument
from redlab.control.lab import http_authority
from redlab.errors import RedlabError
from redlab.stack.declaration import validated
from redlab.stack.pulumi import CERTIFICATE, Stack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(certificate)


def certificate(stack: OptionalStackArgument = "") -> None:
    """Print the certificate (PEM) of the authority that clients of the user interface have to trust.

    A lab has one where its topology says `userInterface: {tls: true}`: HTTPS (TLS 1.2 or newer) at the user virtual
    IPs, beside HTTP; or `encryption: {http: true}`: HTTPS alone, everywhere. With both it prints both.
    """
    made = Stack(stack)
    bundle, https = made.secret(CERTIFICATE), validated(stack, made.config()).encryption.http
    if bundle is None and not https:
        raise RedlabError(
            f"stack {stack} has no certificate: its user interface has HTTP only. Set `userInterface: {{tls: true}}` "
            "in its topology, then run `redlab up`"
        )
    from redlab.stack import certificates

    trusted = [http_authority(made) or ""] if https else []
    typer.echo("".join([*trusted, *([certificates.authority(bundle)] if bundle else [])]), nl=False)
