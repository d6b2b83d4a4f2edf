"""Drop-in Docker resource provider for Pulumi."""
