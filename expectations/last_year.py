"""The rows of a batch beside those of the same schools in the year before, as SQL.

Only the partitions of the arriving districts and years before are read, so the cost follows the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from expectations.held import IS_STANDING, standing_beside
from expectations.rule_parts import year_field
from ingest.contract import Contract


def figure_columns(contract: Contract) -> tuple[str, ...]:
    """Fields of a record that hold figures."""
    return tuple(
        field.name
        for field in contract.stored_fields
        if field.unit and not field.key_position and field.logical_type in {"integer", "number"}
    )


def inner_keys(contract: Contract) -> tuple[str, ...]:
    """Key fields of a record within a district, a year and a school: stage, grade."""
    outer = {"district_code", "school_code", year_field(contract)}
    return tuple(name for name in contract.key if name not in outer)


def year_pairs(contract: Contract, earlier: Sequence[UUID], columns: Sequence[str]) -> str:
    """Common table expressions; the last is ``paired``: rows by the year that is looked at (``year``).

    A row of that year has ``is_now``; one of the year before has not. Rows of the year before come from the
    batch itself, from a batch of ``earlier``, or from what is current. Only years that arrive are looked at.
    """
    year = year_field(contract)
    inner = inner_keys(contract)
    kept = ", ".join(
        ("batch_id", "source_sheet", "source_row", "district_code", "school_code", *inner, *columns)
    )
    return f"""
        arriving as (select partition_key, {year} as own_year, {kept} from {{batch}}),
        wanted as (select distinct district_code, (own_year - 1)::text as year_before from arriving),
        {standing_beside(contract, earlier, "select district_code, year_before from wanted")},
        figure as (
            select own_year, {kept} from arriving
            union all
            select {year}, {kept} from {contract.table} where {IS_STANDING}
        ),
        paired as (
            select own_year as year, true as is_now, {kept} from arriving
            union all
            select own_year + 1, false, {kept} from figure
            where (district_code, own_year + 1) in (select district_code, own_year from arriving)
        )
    """
