"""Parses an HTTP answer, and derives the request's outcome from it."""

from dataclasses import dataclass

from redlab_collector.operation import Outcome

_OK = 200
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer, reduced to the parts that the load generator needs."""

    status: int
    node: str
    """The gateway that answered (X-Redlab-Node); empty if the load balancer did."""

    @property
    def outcome(self) -> Outcome:
        """The known effect of the request.

        An error of a gateway is certain. A server error of the load balancer itself is not: a gateway may have accepted
        the request and died before it answered.
        """
        if self.status == _OK:
            return Outcome.OK
        if self.status >= _SERVER_ERROR and not self.node:
            return Outcome.UNKNOWN
        return Outcome.FAIL


def parse(data: bytes, *, ended: bool) -> Answer | None:
    """Return the answer in `data`, or None while it is incomplete; `ended`: the peer has closed the connection.

    Raises ValueError when `data` is no HTTP answer, or ends too early.
    """
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        _refuse_end(ended=ended)
        return None
    status_line, *lines = head.split(b"\r\n")
    protocol, _, rest = status_line.partition(b" ")
    if not protocol.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ValueError("not an HTTP answer")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    answer = Answer(int(rest[:3]), headers.get(b"x-redlab-node", b"").decode("latin-1"))
    length = headers.get(b"content-length")
    if length is not None:
        complete = len(body) >= int(length)
    elif headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        complete = body.endswith(b"0\r\n\r\n")
    else:
        complete = ended
    if complete:
        return answer
    _refuse_end(ended=ended)
    return None


def _refuse_end(*, ended: bool) -> None:
    if ended:
        raise ValueError("connection closed in the middle of the answer")
