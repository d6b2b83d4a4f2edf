"""The Pulumi stacks of this checkout: declaration, address pool, certificate, locks and state files."""
