"""Needs are read with their units, and a wrong one is named."""

from __future__ import annotations

import pytest

from redlab.advice.needs import Needs, NeedsError, parse


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"rto": "soon"}, 'rto: found "soon"; allowed: a duration such as 0, 1.5s, 90s, 15m, 1h30m or 1d'),
        ({"rto": -1}, "rto: found -1; allowed: a number from 0"),
        ({"rto": True}, "rto: found true; allowed: a number from 0"),
        ({"sites": 0}, "sites: found 0; allowed: a whole number from 1"),
        ({"surviveSiteLoss": "perhaps"}, 'surviveSiteLoss: found "perhaps"; allowed: true or false'),
        ({"customIntegration": "if need be"}, 'customIntegration: found "if need be"; allowed: true or false'),
        ({"equalMeasurements": 1}, "equalMeasurements: found 1; allowed: true or false"),
        ({"distanceKilometers": float("nan")}, "distanceKilometers: found NaN; allowed: a number from 0 to 20000"),
        ({"distanceKilometers": 10**400}, "distanceKilometers: found a number of about 400 digits; allowed: a number"),
        ({"sites": 10**7}, "sites: found 10000000; allowed: a whole number from 1 to 1,000,000"),
        ({"rto": 1e11}, "rto: found 100000000000.0; allowed: at most 36500d"),
        ({"latencyMilliseconds": 2001}, "latencyMilliseconds: found 2001; allowed: a number from 0 to 2000"),
        ({"rtoo": "1h"}, "rtoo: there is no such need; there are: rto, serverRto, rpo, sites"),
    ],
)
def test_a_wrong_need_is_named(document: dict[str, object], message: str) -> None:
    with pytest.raises(NeedsError) as caught:
        parse(document)
    assert message in str(caught.value)


def test_what_is_not_said_is_no_matter() -> None:
    assert parse({}) == Needs()
    assert parse({"rto": 90, "rpo": "90s"}) == Needs(rto_seconds=90, rpo_seconds=90)
    assert parse({"rto": None, "sites": 2}) == Needs(sites=2)
