"""What other languages see of the components: the schema that Pulumi derives from the annotations."""

import json
import runpy

from pulumi.provider.experimental.analyzer import Analyzer

from redlab.stack import checkout


def test_schema() -> None:
    served = runpy.run_path(str(checkout.ROOT / "components" / "__main__.py"), run_name="served")["COMPONENTS"]
    analysed = Analyzer("redundancy").analyze(components=served)
    components = analysed["component_definitions"]
    schema = json.loads((checkout.ROOT / "schemas" / "topology.schema.json").read_text(encoding="utf-8"))
    assert set(components) == set(schema["properties"]["pattern"]["enum"])
    for component in components.values():
        assert {"sites", "databasePassword", "adminToken", "internalSecret", "images"} <= set(component.inputs)
        assert set(component.outputs) == {"inventory", "userUrls", "adminToken"}
    assert {"links", "witness", "globalLoadBalancer"} <= set(components["DistributedHighAvailability"].inputs)
    assert {"links", "replication", "globalLoadBalancer", "ucmdb"} <= set(components["DisasterRecovery"].inputs)
    assert "links" not in components["HighAvailability"].inputs
    assert {"SiteArgs", "GatewaysArgs", "ControllerArgs"} <= set(analysed["type_definitions"])
