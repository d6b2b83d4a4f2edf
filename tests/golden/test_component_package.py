"""What other languages see of the components: the schema that Pulumi derives from the annotations."""

from pulumi.provider.experimental.analyzer import Analyzer

from redundancy import HighAvailability


def test_schema() -> None:
    analysed = Analyzer("redundancy").analyze(components=[HighAvailability])
    component = analysed["component_definitions"]["HighAvailability"]
    assert {"sites", "databasePassword", "adminToken", "images"} <= set(component.inputs)
    assert set(component.outputs) == {"inventory", "userUrls", "adminToken"}
    assert {"SiteArgs", "GatewaysArgs", "ControllerArgs"} <= set(analysed["type_definitions"])
