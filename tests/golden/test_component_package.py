"""What other languages see of the components: the schema that Pulumi derives from the annotations."""

from pulumi.provider.experimental.analyzer import Analyzer

from redundancy import DisasterRecovery, DistributedHighAvailability, HighAvailability


def test_schema() -> None:
    analysed = Analyzer("redundancy").analyze(
        components=[HighAvailability, DistributedHighAvailability, DisasterRecovery]
    )
    components = analysed["component_definitions"]
    for component in components.values():
        assert {"sites", "databasePassword", "adminToken", "internalSecret", "images"} <= set(component.inputs)
        assert set(component.outputs) == {"inventory", "userUrls", "adminToken"}
    assert {"links", "witness", "globalLoadBalancer"} <= set(components["DistributedHighAvailability"].inputs)
    assert {"links", "replication", "globalLoadBalancer", "ucmdb"} <= set(components["DisasterRecovery"].inputs)
    assert "links" not in components["HighAvailability"].inputs
    assert {"SiteArgs", "GatewaysArgs", "ControllerArgs"} <= set(analysed["type_definitions"])
