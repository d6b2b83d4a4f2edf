"""Time-outs follow the round trip that the topology declares for the links of this node's site.

`REDLAB_ROUND_TRIP_MILLISECONDS` is there where a link is so long that the usual time-outs would end what is well.
"""

from redlab_node import environment

NAME = "REDLAB_ROUND_TRIP_MILLISECONDS"


def seconds(usual_seconds: float, round_trips: int) -> float:
    """Return a time-out that is as long as usual, and longer by what so many round trips take.

    Opening a TCP connection takes 1 (2 leave room for what is queued), a PostgreSQL session 5: TCP, the question about
    TLS, and three of the start with its password (SCRAM); 8 leave room.
    """
    return usual_seconds + round_trips * environment.number(NAME, 0) / 1000
