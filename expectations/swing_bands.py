"""Bands of change against the year before, and what an explanation must say to settle a swing, as SQL."""

from __future__ import annotations

from expectations.rule_parts import check_parameter, masked, seed_rows, year_field
from ingest.contract import Contract

LIMITS = ("least_base", "least_change", "warn_fall_pct", "warn_rise_pct", "hold_fall_pct", "hold_rise_pct")


def bands(record: str) -> list[dict[str, str]]:
    """The bands of a record's fields; of amounts an item stands for a field, with a band for each basis."""
    if record == "finance":
        rows = seed_rows("finance_swing_band")
        return [{"record": record, "field": row["item_code"], **row} for row in rows]
    return [row for row in seed_rows("swing_band") if row["record"] == record]


def outside(now: str, before: str) -> str:
    """Columns ``is_large``, ``is_outside`` and ``is_far_outside`` of two figures, by limits beside them."""
    return f"""
        greatest({now}, {before}) >= least_base and abs({now} - {before}) >= least_change as is_large,
        {now} < {before} * (1 - warn_fall_pct / 100.0) or {now} > {before} * (1 + warn_rise_pct / 100.0)
            as is_outside,
        {before} > 0 and (
            {now} < {before} * (1 - hold_fall_pct / 100.0) or {now} > {before} * (1 + hold_rise_pct / 100.0)
        ) as is_far_outside
    """


def explanations(contract: Contract, swing: str, whose: str) -> str:
    """A query of what is written about a swing of any of ``whose`` codes (an array)."""
    return f"""
        select string_agg(distinct {masked("found.explanation")}, ' | ') as explanation,
            string_agg(distinct found.explained_by, ', ') as explained_by
        from ops.explanation as found
        where found.school_code = any({whose}) and {speaks_of(contract, swing)}
    """


def speaks_of(contract: Contract, swing: str) -> str:
    """Condition of an explanation (``found``) that settles a swing of its school: the one by which a swing is
    explained and by which a batch waits again, so that none waits again in vain."""
    is_school_year = "true" if year_field(contract) == "school_year" else "false"
    return f"""
            coalesce(found.district_code, {swing}.district_code) = {swing}.district_code
            and found.year = {swing}.year
            and (found.record = '{contract.record}' or found.record is null and {is_school_year})
            and coalesce(found.field_name, 'all') in ('all', {swing}.field_name)
            and length(regexp_replace(found.explanation, '\\s', '', 'g'))
                >= {check_parameter("explanation_least_characters")}
    """
