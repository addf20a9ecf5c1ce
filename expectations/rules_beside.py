"""Two records of one school held against each other, as far as the other record is there."""

from __future__ import annotations

import re
from collections.abc import Callable

from expectations.check import Check, Text, no_rows
from expectations.rule_parts import check_parameter
from ingest.contract import Contract

_BAND = re.compile(r"classes_(?:up_to_(\d+)|(\d+)_(\d+)|(\d+)_and_over)")


def beside_checks(contract: Contract) -> list[Check]:
    """The checks of this module for a record."""
    own = _RULES.get(contract.record)
    return own(contract) if own else []


def band_limits(field: str) -> tuple[int, int | None] | None:
    """Least and most pupils of a class in a band, by the name of its field; None where it is no band."""
    found = _BAND.fullmatch(field)
    if not found:
        return None
    up_to, low, high, over = found.groups()
    if up_to:
        return 1, int(up_to)
    return (int(over), None) if over else (int(low), int(high))


def standing(record: str, asked: str) -> str:
    """SQL of a record's batches that wait, or are current for the districts and years of ``asked``."""
    return f"""
        select batch_id from ops.current_batch
        where record = '{record}'
        and (split_part(partition_key, '|', 1), split_part(partition_key, '|', 2)) in (
            select district_code, school_year::text from {asked}
        )
        union
        select batch_id from ops.load_batch where record = '{record}' and status = 'loaded'
    """


def _class_size_band(contract: Contract) -> list[Check]:
    bands = {f.name: limits for f in contract.stored_fields if (limits := band_limits(f.name))}
    least = " + ".join(f"{low} * {name}" for name, (low, _) in bands.items())
    most = " + ".join(f"{high} * {name}" for name, (_, high) in bands.items() if high)
    (open_band,) = (name for name, (_, high) in bands.items() if high is None)
    slack = check_parameter("band_pupils_slack")
    keys = "district_code, school_year, school_code, stage"
    same = " and ".join(f"enrolled.{key} = reckoned.{key}" for key in keys.split(", "))
    return [
        no_rows(
            "bands_hold_the_pupils",
            f"""
            with reckoned as (
                select source_sheet, source_row, {keys}, {least} as least, {most} as most,
                    {open_band} > 0 as is_open
                from {{batch}} where grade = 'all'
            ),
            enrolled as (
                select {keys}, case when count(students) = count(*) then sum(students) end as students
                from raw.enrolment
                where (district_code, school_year) in (select district_code, school_year from reckoned)
                and batch_id = any(array({standing("enrolment", "reckoned")}))
                group by {keys}, batch_id
            )
            select source_sheet, source_row from reckoned where exists (
                select 1 from enrolled where {same} and students is not null
            ) and not exists (
                select 1 from enrolled where {same} and (
                    students is null or least is null
                    or students >= least * (1 - {slack}) and (is_open or students <= most * (1 + {slack}))
                )
            )
            """,
            what=Text(
                "各班额段的班数容得下、也用得上该校该学段的在校生数",
                "the classes by size hold the pupils of the school's stage, no more and no fewer",
            ),
            matters=Text(
                "对不上说明班数填错了段，大班额会被漏掉或虚报",
                "Else classes stand in the wrong band, and large classes are lost or made up",
            ),
            mend=Text(
                "按每班实际人数核对各段班数，并与在校生数核对",
                "put each class into the band of its pupils and compare with the enrolment",
            ),
            column="all_classes",
        )
    ]


_RULES: dict[str, Callable[[Contract], list[Check]]] = {"class_size_band": _class_size_band}
