"""Serves the components to Pulumi programs in other languages (`pulumi package add <this folder>`)."""

from pulumi.provider.experimental import component_provider_host

from redundancy import HighAvailability

if __name__ == "__main__":
    component_provider_host(name="redundancy", components=[HighAvailability])
