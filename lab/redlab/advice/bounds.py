"""Limits of the simulation."""

from __future__ import annotations

import math

from redlab.advice.availability import HOURS_PER_YEAR
from redlab.advice.models import Assumptions
from redlab.errors import RedlabError

LEAST_YEARS = 1000
GREATEST_FAILURES = 4_000_000
"""Simulated failures of one server plus one data center. All candidates then take about a minute."""


def refuse_more_than_can_be_simulated(assumptions: Assumptions, years: int) -> None:
    """Raise RedlabError when the simulation would have more failures than it can process in about a minute."""
    reliabilities = (assumptions.server, assumptions.site)
    if not all(math.isfinite(hours) for each in reliabilities for hours in (each.mtbf_hours, each.mttr_hours)):
        raise RedlabError("the mean times between failures and to repair: allowed: numbers of hours that are finite")
    each_year = sum(HOURS_PER_YEAR / (one.mtbf_hours + one.mttr_hours) for one in reliabilities)
    if years * each_year > GREATEST_FAILURES:
        most_years = int(GREATEST_FAILURES / each_year)
        fewer = f"--years {most_years}, or " if most_years >= LEAST_YEARS else ""
        raise RedlabError(
            f"--years {years}: found {years * each_year:,.0f} failures of a server and a data center in these years; "
            f"allowed: at most {GREATEST_FAILURES:,}, such as with {fewer}longer times between failures "
            "(--server-mtbf-hours, --site-mtbf-hours); why: more cannot be simulated in a minute"
        )
