"""What a gateway in wrong hands tries with all that it has: everything beyond its own work is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from redlab import engine

if TYPE_CHECKING:
    from redlab.control.lab import Laboratory

ATTEMPTS = """
import base64, glob, json, os, ssl, sys, urllib.error, urllib.request
import psycopg

servers, stores = json.loads(sys.argv[1]), json.loads(sys.argv[2])
secrets = {file.rpartition("/")[2]: open(file).read().strip() for file in glob.glob("/etc/redlab/secrets/*")}
anybody = ssl.create_default_context()
anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE


def logs_in(where):
    for password in secrets.values():
        try:
            psycopg.connect(f"{where} dbname=event", password=password, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            said = str(error)
            if not any(word in said for word in ("authentication failed", "pg_hba.conf")):
                return said
        else:
            return "let in"
    return "refused"


def asks(method, url, body, header):
    try:
        request = urllib.request.Request(url, body, header, method=method)
        return str(urllib.request.urlopen(request, timeout=5, context=anybody).status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError:
        return "refused"


outcome = {"itself": logs_in(os.environ["REDLAB_DATABASE_DSN"])}
for name, where in servers.items():
    for user in ("replicator", "rewind", "postgres"):
        outcome[f"{name} as {user}"] = logs_in(f"{where} user={user}")
    if stores:
        body = b'{"postgresql": {"parameters": {"archive_command": "false"}}}'
        for secret in secrets.values():
            known = base64.b64encode(f"redlab:{secret}".encode()).decode()
            answer = asks("PATCH", f"http://{name}:8008/config", body, {"Authorization": f"Basic {known}"})
            outcome[f"{name}: settings"] = "refused" if answer == "401" else answer
for name in stores:
    put = json.dumps({"key": base64.b64encode(b"trespass").decode(), "value": ""}).encode()
    for port, path in ((2379, "/v3/kv/put"), (2378, "/v3/kv/put"), (2380, "/members")):
        for scheme in ("http", "https"):
            method = "POST" if "put" in path else "GET"
            outcome[f"{name}: {scheme} {port}"] = asks(method, f"{scheme}://{name}:{port}{path}", put, {})
print(json.dumps(outcome))
"""


def check_that_a_gateway_may_no_more_than_it_needs(lab: Laboratory, gateway: str) -> None:
    """With its own secrets it logs in as the application alone, and changes neither the cluster nor its store."""
    inventory = lab.inventory
    servers = [node for site in inventory.sites for node in inventory.of_site(site.name) if node.role == "database"]
    ports = {node.name: engine.execute(node, ["sh", "-c", "echo ${PGPORT:-5432}"]).strip() for node in servers}
    where = {name: f"host={name} port={port}" for name, port in ports.items()}
    stores = [node.name for node in inventory.of_role("etcd")]
    command = ["python3", "-c", ATTEMPTS, json.dumps(where), json.dumps(stores)]
    outcome = json.loads(engine.execute(inventory.node(gateway), command))
    assert len(outcome) > 3 * len(servers) > 0
    let_in = {attempt: answer for attempt, answer in outcome.items() if answer != "refused"}
    assert let_in == {"itself": "let in"}
