"""`redlab certificate`: the certificate authority that TLS clients of a lab have to trust."""

from __future__ import annotations

import typer

from redlab.commands.arguments import OptionalStackArgument
from redlab.errors import RedlabError
from redlab.stack.pulumi import CERTIFICATE, Stack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(certificate)


def certificate(stack: OptionalStackArgument = "") -> None:
    """Print the certificate (PEM) of the authority that clients of the user interface have to trust.

    A lab has one where its topology says `userInterface: {tls: true}`: HTTPS (TLS 1.2 or newer) at the user virtual
    IPs, beside HTTP.
    """
    bundle = Stack(stack).secret(CERTIFICATE)
    if bundle is None:
        raise RedlabError(
            f"stack {stack} has no certificate: its user interface has HTTP only. Set `userInterface: {{tls: true}}` "
            "in its topology, then run `redlab up`"
        )
    from redlab.stack import certificates

    typer.echo(certificates.authority(bundle), nl=False)
