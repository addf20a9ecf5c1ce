"""The rows of a batch beside those of the same schools in the year before, as SQL.

Only the partitions of the arriving districts and years before are read, so the cost follows the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

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
    # "is true" below keeps a condition a filter: as a loop over partitions it would read the batch for each.
    year = year_field(contract)
    inner = inner_keys(contract)
    kept = ", ".join(
        ("batch_id", "source_sheet", "source_row", "district_code", "school_code", *inner, *columns)
    )
    waiting = ", ".join(f"'{batch_id}'" for batch_id in earlier)
    return f"""
        arriving as (select partition_key, {year} as own_year, {kept} from {{batch}}),
        wanted as (select distinct district_code, (own_year - 1)::text as year_before from arriving),
        candidate as (
            select partition_key, batch_id, 0 as place from ops.current_batch
            where record = '{contract.record}'
            and (split_part(partition_key, '|', 1), split_part(partition_key, '|', 2)) in (
                select district_code, year_before from wanted
            )
            union all
            select distinct partition_key, batch_id, array_position(array[{waiting}]::uuid[], batch_id)
            from {contract.table} where batch_id = any(array[{waiting}]::uuid[])
        ),
        standing as (
            select partition_key, batch_id from candidate
            where (partition_key, place) in (select partition_key, max(place) from candidate group by 1)
            and partition_key not in (select partition_key from arriving)
        ),
        figure as (
            select own_year, {kept} from arriving
            union all
            select {year}, {kept} from {contract.table}
            where batch_id = any(array(select distinct batch_id from standing))
            and ((partition_key, batch_id) in (select partition_key, batch_id from standing)) is true
        ),
        paired as (
            select own_year as year, true as is_now, {kept} from arriving
            union all
            select own_year + 1, false, {kept} from figure
            where (district_code, own_year + 1) in (select district_code, own_year from arriving)
        )
    """
