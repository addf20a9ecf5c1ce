"""What the made district tells of the clause on schools that lack resources; its tables are the base ones."""

from __future__ import annotations

# Planted by the base itself: in 2021 every school has what R1-R7 ask, in 2022 primary schools lack equipment.
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {"C26": {2021: "met", 2022: "met_last_year_not_now"}}
