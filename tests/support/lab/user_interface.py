"""Two load balancers whose users come by TLS as well, and are kept at their gateway by a cookie."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from redlab.stack import certificates
from redundancy.nodes.configuration import LoadBalancer
from redundancy.nodes.lab import SECRETS_DIRECTORY
from redundancy.nodes.load_balancer import CERTIFICATE
from redundancy.roles import USER_PORT, USER_TLS_PORT
from tests.support.lab.balanced_site import BalancedSite

FILE = f"{SECRETS_DIRECTORY}/{CERTIFICATE}"
ASK = """
import http.client, json, ssl, sys
address, port, cookie, authority, newest = sys.argv[1:]
if authority:
    context = ssl.create_default_context(cadata=authority)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # so that it is the load balancer that refuses what is old
    if newest:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, getattr(ssl.TLSVersion, newest)
    asked = http.client.HTTPSConnection(address, int(port), timeout=10, context=context)
else:
    asked = http.client.HTTPConnection(address, int(port), timeout=10)
try:
    asked.request("GET", "/", headers={"Cookie": cookie} if cookie else {})
    answer = asked.getresponse()
except OSError as error:
    print(json.dumps({"refused": str(error)}))
else:
    found = {"node": answer.headers["X-Redlab-Node"], "cookie": answer.headers["Set-Cookie"] or ""}
    print(json.dumps({**found, "version": asked.sock.version() if authority and asked.sock else ""}))
"""


@dataclass(frozen=True)
class Answer:
    """Who answered, the cookie that came with it (without its attributes), all of that header; or why nobody did."""

    node: str = ""
    cookie: str = ""
    header: str = ""
    version: str = ""
    refused: str = ""


class UserInterfaceSite(BalancedSite):
    """The containers; `close` removes everything again."""

    def __init__(self) -> None:
        super().__init__()
        own = [self.user_virtual_ip, *(self.address(name) for name in ("lb1", "lb2"))]
        self.certificate = certificates.make("test", own)

    def configuration(self, name: str) -> dict[str, str]:
        return {**super().configuration(name), FILE: self.certificate}

    def described(self, name: str) -> LoadBalancer:
        return replace(super().described(name), user_certificate=FILE, user_persistence="cookie")

    def ask(self, at: str = "", *, cookie: str = "", authority: str = "", newest: str = "") -> Answer:
        """Ask for a page: by TLS if there is an authority to trust, with ``newest`` as the newest version offered."""
        port = USER_TLS_PORT if authority else USER_PORT
        program = [
            "python3",
            "-W",
            "ignore",
            "-c",
            ASK,
            at or self.user_virtual_ip,
            str(port),
            cookie,
            authority,
            newest,
        ]
        code, said = self.execute("collector1", program)
        assert code == 0, said
        found = json.loads(said)
        header = found.get("cookie", "")
        return Answer(
            found.get("node", ""),
            header.partition(";")[0],
            header,
            found.get("version", ""),
            found.get("refused", ""),
        )
