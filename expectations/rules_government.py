"""Checks of what a district writes down itself: ledgers of schools, declarations, surveys, rooms."""

from __future__ import annotations

import csv
from collections.abc import Callable

from expectations.check import Check, Text, no_row_where, no_rows
from expectations.rule_parts import FIRST_PLACE, KEY_TOTAL, measure_present, part_of
from ingest.contract import Contract
from ingest.settings import SEEDS_DIR

COMPULSORY_STAGES = ("primary", "junior_secondary")
_SURVEY = "district_code, year"


def _in_order(contract: Contract, first: str, last: str) -> Check:
    """A period ends after it starts; an open end or start breaks nothing."""
    a, b = contract.field(first), contract.field(last)
    return no_row_where(
        f"{last}_after_{first}",
        f"{last} <= {first}",
        what=Text(f"“{b.name_zh}”晚于“{a.name_zh}”", f"“{b.name_en}” is later than “{a.name_en}”"),
        matters=Text(
            "起止颠倒的记录在任何一天都不算数", "A period that ends before it starts counts on no day"
        ),
        mend=Text("核对这两个日期", "compare the two dates with the document"),
        column=last,
    )


def _school_cluster(contract: Contract) -> list[Check]:
    return [_in_order(contract, "joined_on", "left_on")]


def _recognition(contract: Contract) -> list[Check]:
    return [_in_order(contract, "recognised_on", "expires_on")]


def _pairing(contract: Contract) -> list[Check]:
    return [
        _in_order(contract, "started_on", "ended_on"),
        no_row_where(
            "partner_is_another_school",
            "partner_school_code = school_code",
            what=Text("对口学校不是本校自己", "the partner is another school"),
            matters=Text("与自己结对不算结对", "A school paired with itself is not paired"),
            mend=Text("改正对口学校标识码", "correct the code of the partner"),
            column="partner_school_code",
        ),
    ]


def _migrant_children(contract: Contract) -> list[Check]:
    stages = ", ".join(f"'{stage}'" for stage in COMPULSORY_STAGES)
    what = Text("每行至少有一项人数", "every row holds at least one count")
    return [
        no_row_where(
            "placed_within_eligible",
            "coalesce(in_public_schools, 0) + coalesce(in_bought_private_seats, 0) > eligible_children",
            what=Text(
                "公办就读数与购买学位就读数之和不超过符合条件随迁子女数",
                "those in public schools and in bought places together do not exceed the eligible",
            ),
            matters=Text(
                "超出说明口径不一，比例会超过100%",
                "Above it the counts are not of the same children and the share passes 100 %",
            ),
            mend=Text("核对三项人数的口径", "compare what the three counts are of"),
            column="eligible_children",
        ),
        part_of(contract, "in_bought_private_seats", "bought_seats"),
        no_row_where(
            "stage_is_compulsory",
            f"stage not in ({stages})",
            what=Text("学段为小学或初中", "the stage is primary or junior secondary"),
            matters=Text(
                "其他学段不计入，分学段才能核对", "Other stages are not counted; a total cannot be compared"
            ),
            mend=Text("按小学、初中分行填报", "give a row each for primary and junior secondary"),
            column="stage",
        ),
        measure_present(contract, ["eligible_children", "in_public_schools"], "measure_is_present", what),
    ]


def _items(column: str, value: str) -> str:
    """Items of the list with that level or kind, as a list in SQL."""
    with (SEEDS_DIR / "code_declaration_item.csv").open(encoding="utf-8", newline="") as stream:
        found = [row["code"] for row in csv.DictReader(stream) if row[column] == value]
    return ", ".join(f"'{code}'" for code in found)


def _declaration(contract: Contract) -> list[Check]:
    what = Text("每行有结论或数值", "every row holds an answer or a figure")
    of_district = f"item_code in ({_items('level', 'district')})"
    return [
        no_row_where(
            "item_is_of_its_subject",
            f"({of_district}) <> (subject_code = district_code)",
            what=Text(
                "区县项目填区县代码，学校项目填学校标识码",
                "an item of the district names the district, an item of schools names a school",
            ),
            matters=Text("对象不符的申报无法计入", "A declaration of another subject cannot be counted"),
            mend=Text("改正申报对象代码或申报项目", "correct the subject or the item"),
            column="subject_code",
        ),
        no_row_where(
            "answer_fits_the_item",
            f"item_code in ({_items('kind', 'answer')}) and declared_value is not null "
            f"or item_code in ({_items('kind', 'value')}) and answer is not null",
            what=Text(
                "是否类项目只填结论，数值类项目只填数值",
                "a yes-or-no item holds an answer only, a figure item a figure only",
            ),
            matters=Text("填错栏的内容不会被读取", "What stands in the other column is not read"),
            mend=Text("把内容移到应填的一栏", "move it to the column where it belongs"),
            column="answer",
        ),
        measure_present(contract, ["answer", "declared_value"], "answer_or_value_is_present", what),
    ]


def _satisfaction(contract: Contract) -> list[Check]:
    what = Text("每行有有效问卷数或访谈人数", "every row holds valid questionnaires or persons interviewed")
    parts = (
        "sum({0}) filter (where respondent_type <> 'all') > max({0}) filter (where respondent_type = 'all')"
    )
    counts = ("issued", "valid", "satisfied", "interviewed", "interview_satisfied")
    return [
        part_of(contract, "valid", "issued"),
        part_of(contract, "satisfied", "valid"),
        part_of(contract, "interview_satisfied", "interviewed"),
        no_rows(
            "parts_within_total",
            f"{FIRST_PLACE} group by {_SURVEY} having {' or '.join(map(parts.format, counts))}",
            what=Text("各类对象之和不超过合计", "the respondents together do not exceed the printed total"),
            matters=Text("合计决定满意度", "The share of satisfied rests on the total"),
            mend=Text("核对合计行，或删去合计行", "compare the total row, or remove it"),
            column="respondent_type",
            counted=Text("个区县年度", "districts and years"),
            total_query=KEY_TOTAL.format(key=_SURVEY),
        ),
        measure_present(contract, ["valid", "interviewed"], "measure_is_present", what),
    ]


def _room(contract: Contract) -> list[Check]:
    what = Text("每间教室有面积", "every room has its area")
    return [measure_present(contract, ["area_m2"], "measure_is_present", what)]


RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "declaration": _declaration,
    "migrant_children": _migrant_children,
    "pairing": _pairing,
    "recognition": _recognition,
    "room": _room,
    "satisfaction": _satisfaction,
    "school_cluster": _school_cluster,
}
