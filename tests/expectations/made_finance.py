"""Good rows of the money of schools, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

FISCAL_YEAR = {"region_code": "CN", "district_code": "990101", "fiscal_year": 2022}


def school_funds(number: int, **other: Any) -> dict[str, Any]:
    """Money of one school, yuan."""
    row = {
        "school_code": f"S{number}",
        "public_funds_budget_yuan": 240_000,
        "public_funds_account_yuan": 238_000,
        "training_budget_yuan": 14_400,
        "training_account_yuan": 14_300,
        "special_funds_yuan": 0,
        "allocated_students": 200,
    }
    return {**FISCAL_YEAR, **row, **other}


MAKERS = {
    "school_funds": school_funds,
}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    (
        "school_funds",
        {"training_budget_yuan": 240_001},
        "training_budget_yuan_within_public_funds_budget_yuan",
        "不得超过",
        "does not exceed",
    ),
    (
        "school_funds",
        {"training_account_yuan": 238_001},
        "training_account_yuan_within_public_funds_account_yuan",
        "不得超过",
        "does not exceed",
    ),
]
