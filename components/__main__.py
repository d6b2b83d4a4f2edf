"""Serves the components to Pulumi programs in other languages (`pulumi package add <this folder>`)."""

from pulumi.provider.experimental import component_provider_host

import redundancy

COMPONENTS = [getattr(redundancy, name) for name in redundancy.__all__ if not name.endswith("Args")]

if __name__ == "__main__":
    component_provider_host(name="redundancy", components=COMPONENTS)
