"""The same table under another name: one school's figures given for another, last year's for this year.

The same bytes are known when they come; this looks for the same figures, whatever the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from expectations.check import Check, Text, no_rows
from expectations.last_year import figure_columns, inner_keys, year_pairs
from expectations.rule_parts import KEY_TOTAL, check_parameter, year_field
from ingest.contract import Contract

# What is the same for many years is told by how many schools it is the same for; pupils never are.
YEARLY = frozenset({"enrolment"})
STANDING = frozenset({"staffing", "facilities"})
# Two schools of one size may well have the same teachers, by number.
ALIKE_BY_CHANCE = frozenset({"staffing"})
# A district with fewer schools says nothing by a share.
LEAST_SCHOOLS = 5
_SCHOOLS = Text("所学校（学段）", "schools or stages")


def copy_checks(contract: Contract, earlier: Sequence[UUID] = ()) -> list[Check]:
    """The two checks, for records that give figures by school."""
    if contract.record not in YEARLY | STANDING:
        return []
    of_school = [] if contract.record in ALIKE_BY_CHANCE else [_of_another_school(contract)]
    return [*of_school, _of_another_year(contract, earlier)]


def _subject(contract: Contract) -> tuple[str, ...]:
    """What a vector of figures is of: a school, or a school's stage. Grades are parts of the vector."""
    return ("district_code", "school_code", *(name for name in inner_keys(contract) if name != "grade"))


def _vector(contract: Contract) -> tuple[str, str]:
    """SQL of a vector of figures, and of how many of them are large enough to be no coincidence."""
    figures = figure_columns(contract)
    parts = [name for name in inner_keys(contract) if name == "grade"]
    cells = ", ".join([*parts, *(f"coalesce({_text(contract, name)}, '')" for name in figures)])
    order = ", ".join(parts) or "1"
    smallest = check_parameter("copy_smallest_figure")
    large = " + ".join(f"count({name}) filter (where {name} >= {smallest})" for name in figures)
    return f"md5(string_agg(concat_ws('|', {cells}), ';' order by {order}))", large


def _text(contract: Contract, name: str) -> str:
    """A figure as one text, however many zeros stand behind its point."""
    is_whole = contract.field(name).logical_type == "integer"
    return f"{name}::text" if is_whole else f"trim_scale({name})::text"


def _of_another_school(contract: Contract) -> Check:
    year = year_field(contract)
    vector, large = _vector(contract)
    subject = _subject(contract)
    alike = ", ".join(name for name in ("district_code", year or "", *subject[2:]))
    return no_rows(
        "figures_are_of_no_other_school",
        f"""
        with vectors as (
            select min(source_sheet) as source_sheet, min(source_row) as source_row,
                {year}, {", ".join(subject)}, {vector} as figures
            from {{batch}} group by {year}, {", ".join(subject)}
            having {large} >= {check_parameter("copy_least_figures")}
        )
        select source_sheet, source_row from vectors where ({alike}, figures) in (
            select {alike}, figures from vectors group by {alike}, figures having count(*) > 1
        )
        """,
        what=Text("没有两所学校的全部数字完全相同", "no two schools have all their figures the same"),
        matters=Text(
            "全部数字相同多为一张表以另一校名义重复上报",
            "Figures that are all the same mostly are one school's table handed in for another",
        ),
        mend=Text("核对所列学校，改交各自的表", "compare the schools named and hand in the table of each"),
        counted=_SCHOOLS,
        total_query=KEY_TOTAL.format(key=f"{year}, {', '.join(subject)}"),
    )


def _of_another_year(contract: Contract, earlier: Sequence[UUID]) -> Check:
    figures = figure_columns(contract)
    vector, large = _vector(contract)
    subject = ", ".join(_subject(contract))
    return no_rows(
        "figures_are_of_this_year",
        f"""
        with {year_pairs(contract, earlier, figures)},
        vectors as (
            select year, is_now, {subject}, {vector} as figures,
                min(source_sheet) as source_sheet, min(source_row) as source_row
            from paired group by year, is_now, {subject}
            having {large} >= {check_parameter("copy_least_figures")}
        ),
        compared as (
            select year, district_code, count(distinct figures) as different,
                min(source_sheet) filter (where is_now) as source_sheet,
                min(source_row) filter (where is_now) as source_row
            from vectors group by year, {subject} having count(*) = 2
        )
        {_alike(contract)}
        """,
        what=_same_year_what(contract),
        matters=Text(
            "全部数字与上年相同多为误交了上年的表", "Figures all as last year's mostly are last year's table"
        ),
        mend=Text("核对文件的年度，改交本年的表", "look at the year of the file and hand in this year's"),
        counted=_SCHOOLS,
    )


def _same_year_what(contract: Contract) -> Text:
    if contract.record in YEARLY:
        return Text("没有学校的全部数字与上年完全相同", "no school has all figures as in the year before")
    share = float(check_parameter("copy_share_of_schools"))
    return Text(
        f"全部数字与上年完全相同的学校不超过全区的 {share:.0%}",
        f"at most {share:.0%} of a district's schools have all figures as in the year before",
    )


def _alike(contract: Contract) -> str:
    """Places of those that are the same; of standing figures only where most of the district's are."""
    same = "select source_sheet, source_row from compared where different = 1"
    if contract.record in YEARLY:
        return same
    share = check_parameter("copy_share_of_schools")
    return f"""{same} and (year, district_code) in (
            select year, district_code from compared group by year, district_code
            having count(*) >= {LEAST_SCHOOLS}
            and count(*) filter (where different = 1) > {share} * count(*)
        )"""
