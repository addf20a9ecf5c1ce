"""Which clause and item of the assessment the made district meets, year by year: the planted truths.

Each family of records says what it planted (its ``CLAUSE_TRUTHS``); what follows from all of them together
stands here. In the good year everything is met; every clause is broken in another.
"""

from __future__ import annotations

from ingest.sample import balance as sample_balance
from ingest.sample.tables import FAMILIES

_BROKEN = {2021: "met", 2022: "met_last_year_not_now"}
# Coefficients and gaps shrink in 2021 and open again in 2022; the whole assessment passes and fails.
OF_THE_WHOLE: dict[str, dict[int, str]] = {"C06": _BROKEN, "C53": _BROKEN, "A1": _BROKEN, "A2": _BROKEN}


def clause_truths() -> dict[str, dict[str, str]]:
    """Status of every clause and item by year; ValueError when two families disagree."""
    truths: dict[str, dict[str, str]] = {}
    of_families = [family.CLAUSE_TRUTHS for family in FAMILIES]
    for planted in (*of_families, sample_balance.CLAUSE_TRUTHS, OF_THE_WHOLE):
        for clause, by_year in planted.items():
            for year, status in by_year.items():
                known = truths.setdefault(clause, {}).setdefault(str(year), status)
                if known != status:
                    raise ValueError(f"{clause} {year}: planted as {known} and as {status}")
    return dict(sorted(truths.items()))
