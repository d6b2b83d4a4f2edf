"""Time-outs that follow the round trip which the topology declares for the links of this node's site.

`REDLAB_ROUND_TRIP_MILLISECONDS` is set where a link is so long that the usual time-outs would end healthy connections.
"""

from redlab_node import environment

NAME = "REDLAB_ROUND_TRIP_MILLISECONDS"


def seconds(usual_seconds: float, round_trips: int) -> float:
    """Return the usual time-out plus the time of a number of round trips.

    Opening a TCP connection takes 1 round trip (2 leave room for queues). A PostgreSQL session takes 5: TCP, the
    question about TLS, and three for the start with a password (SCRAM); 8 leave room.
    """
    return usual_seconds + round_trips * environment.number(NAME, 0) / 1000
