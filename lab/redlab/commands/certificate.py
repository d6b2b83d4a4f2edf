"""`redlab certificate`: whom clients that come by TLS have to trust."""

from __future__ import annotations

import typer

from redlab.commands.arguments import LookedAtArgument
from redlab.errors import RedlabError
from redlab.stack.pulumi import CERTIFICATE, Stack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(certificate)


def certificate(stack: LookedAtArgument = "") -> None:
    """Print the certificate (PEM) of the authority that clients of the user interface have to trust.

    A lab has one where its topology says `userInterface: {tls: true}`: HTTPS (TLS 1.2 or newer) at the user virtual
    IPs, beside HTTP.
    """
    bundle = Stack(stack).secret(CERTIFICATE)
    if bundle is None:
        raise RedlabError(
            f"stack {stack} has no certificate: its users come by HTTP alone; `userInterface: {{tls: true}}` in its "
            "topology, then `redlab up`, gives it one"
        )
    from redlab.stack import certificates

    typer.echo(certificates.authority(bundle), nl=False)
