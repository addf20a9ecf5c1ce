"""The rows that a batch would take the place of, and the amounts that count beside it, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ingest.contract import Contract
from ingest.standing import last_word

# What two amounts must share to be of one series; the source of funds is never NULL, prices may be.
SERIES = ("entity_code", "stage", "item_code", "scope_code", "basis", "vintage", "currency_code", "funds")
FUNDS = "coalesce(fund_source_code, 'not_stated') as funds"


def _emptied(contract: Contract) -> str:
    """In SQL: the partitions that the batch takes along beside its own."""
    if not contract.parts_by:
        return ""
    return "select partition_key from ops.emptied_partition where batch_id in (select batch_id from {batch})"


def held_rows(
    contract: Contract,
    earlier: Sequence[UUID],
    columns: Sequence[str] = (),
    place: Sequence[str] = (),
) -> str:
    """Common table expressions: ``arriving`` rows, and the rows ``held`` by what they would replace.

    Both have the fields of the key, none of them NULL, and ``columns``; arriving rows have ``place`` too.
    """
    parts = zip(contract.key_sql, contract.key, strict=True)
    kept = ", ".join((*(f"{part} as {name}" for part, name in parts), *columns))
    taken = " union ".join(filter(None, ("select partition_key from arriving", _emptied(contract))))
    wanted = f"partition_key in ({taken})"
    return f"""
        arriving as (select {", ".join((*place, "partition_key"))}, {kept} from {{batch}}),
        {last_word(contract, earlier, "replaced", current=wanted, waiting=wanted)},
        held as (
            select distinct {kept} from {contract.table}
            where (partition_key, batch_id) in (select partition_key, batch_id from replaced)
        )
    """


# Of a table's rows those that stand. "is true" keeps the condition a filter: as a loop over partitions it
# would read the batch for each.
IS_STANDING = """
    batch_id = any(array(select distinct batch_id from standing))
    and ((partition_key, batch_id) in (select partition_key, batch_id from standing)) is true
"""


def standing_beside(
    contract: Contract, earlier: Sequence[UUID], district_years: str, own: str = "arriving"
) -> str:
    """Common table expressions up to ``standing``: the partitions that will count beside those of ``own``.

    They are current for the districts and years that a query gives (``district_years``), or of a batch of
    ``earlier``.
    """
    district_year = "(split_part(partition_key, '|', 1), split_part(partition_key, '|', 2))"
    emptied = f"and partition_key not in ({_emptied(contract)})" if contract.parts_by else ""
    return f"""
        {last_word(contract, earlier, "counting", current=f"{district_year} in ({district_years})")},
        standing as (
            select partition_key, batch_id from counting
            where partition_key not in (select partition_key from {own}) {emptied}
        )
    """


def same_series(one: str, other: str) -> str:
    """Condition that two amounts may be compared: everything but the year is the same."""
    same = " and ".join(f"{one}.{name} = {other}.{name}" for name in SERIES)
    return f"{same} and ({one}.price_basis <> {other}.price_basis) is not true"


def told_amounts(contract: Contract, earlier: Sequence[UUID]) -> str:
    """Common table expressions of a batch of amounts: ``arriving``, and all that is ``told`` of their years
    and those before, in the batch itself (``is_own``) or beside it."""
    series = ", ".join((*(FUNDS if name == "funds" else name for name in SERIES), "price_basis"))
    table = f"{contract.field('table_code').key_sql} as table_code"
    figures = f"district_code, fiscal_year, edition, amount, prior_amount, {table}, {series}"
    years = """
        select district_code, (fiscal_year - back.years)::text
        from arriving, (values (0), (1)) as back (years)
    """
    return f"""
        arriving as (
            select source_sheet, source_row, partition_key, growth_pct, growth_basis, {figures} from {{batch}}
        ),
        {standing_beside(contract, earlier, years)},
        told as (
            select {figures}, true as is_own from {{batch}}
            union all
            select {figures}, false from {contract.table} where {IS_STANDING}
        )
    """
