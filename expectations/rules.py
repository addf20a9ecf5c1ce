"""Checks of a batch as a whole: parts and totals, printed identities, duplicates, keys that vanish.

Each query selects places (sheet and row) of what breaks the promise, never a value. A check must be right
on real data: a figure that is absent breaks nothing, and where single gaps are usual a share is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from expectations import (
    rules_amounts,
    rules_copies,
    rules_explanations,
    rules_finance,
    rules_government,
    rules_growths,
    rules_parts,
    rules_places,
    rules_school_forms,
    rules_spending,
    rules_swings,
    rules_tables,
    rules_teachers,
    rules_training,
)
from expectations.check import MISSING, Check, Text, no_row_where, no_rows
from expectations.held import held_rows
from expectations.rule_parts import (
    FIRST_PLACE,
    KEY_TOTAL,
    KEYS,
    SCHOOL_STAGES,
    STAGE,
    STAGE_TOTAL,
    measure_present,
    part_of,
)
from expectations.rules_beside import beside_checks
from expectations.rules_identities import identity_checks
from expectations.swapped import with_swaps
from ingest.contract import Contract, contracts


def table_checks(contract: Contract, earlier: Sequence[UUID] = ()) -> list[Check]:
    """Checks of a batch as a whole. ``earlier`` are batches that will become current before it, in order."""
    own = _RULES.get(contract.record)
    beside = rules_spending.BESIDE_OTHERS.get(contract.record)
    checks = [
        _has_rows(),
        _unique_key(contract),
        *(own(contract) if own else []),
        *identity_checks(contract),
        *rules_amounts.amount_checks(contract, earlier),
        *beside_checks(contract),
        *([beside(contract, earlier)] if beside else []),
        *rules_growths.beside_checks(contract, earlier),
        *rules_tables.table_checks(contract, earlier),
        *rules_copies.copy_checks(contract, earlier),
        *rules_swings.swing_checks(contract),
        _keys_kept(contract, earlier),
    ]
    return with_swaps(contract, checks)


def _has_rows() -> Check:
    return no_rows(
        "has_rows",
        "select 1 as broken from (select count(*) as loaded from {batch}) as counted where loaded = 0",
        what=Text("至少有一行数据", "there is at least one row"),
        matters=Text(
            "空批次不会更新任何数据，却像已上报", "An empty batch updates nothing and yet looks reported"
        ),
        mend=Text(
            "检查文件是否选错或筛选后导出，再重新放入", "see whether the right file was exported, unfiltered"
        ),
        counted=None,
    )


def _unique_key(contract: Contract) -> Check:
    key = ", ".join(contract.key_sql)
    names_zh = "、".join(contract.field(name).name_zh for name in contract.key)
    names_en = ", ".join(contract.field(name).name_en for name in contract.key)
    return no_rows(
        "key_is_unique",
        f"{FIRST_PLACE} group by {key} having count(*) > 1",
        what=Text(f"每个键（{names_zh}）只出现一次", f"each key ({names_en}) occurs once"),
        matters=Text("重复行会被重复计算", "A row that stands twice is counted twice"),
        mend=Text("删去重复行，或改正写错的代码", "remove the double rows or correct the code that is wrong"),
        counted=KEYS,
        total_query=KEY_TOTAL.format(key=key),
    )


def _enrolment(contract: Contract) -> list[Check]:
    parts = [
        "female_students",
        "boarding_students",
        "migrant_students",
        "left_behind_students",
        "regular_class_special_students",
    ]
    return [
        *(part_of(contract, part, "students") for part in parts),
        no_rows(
            "grades_or_all",
            f"{FIRST_PLACE} group by {STAGE} "
            "having count(*) filter (where grade = 'all') > 0 and count(*) filter (where grade <> 'all') > 0",
            what=Text(
                "一校一学段要么只报“全部年级”，要么只报分年级",
                "a school's stage comes either as all grades or grade by grade",
            ),
            matters=Text("两者并存时学生数会重复计算", "Where both stand, pupils are counted twice"),
            mend=Text("删去合计行或删去分年级行", "remove the total row or the rows of single grades"),
            column="grade",
            counted=SCHOOL_STAGES,
            total_query=STAGE_TOTAL,
        ),
        # By stage, not by grade: where grades share a class, the class is counted in one of them only.
        no_rows(
            "students_sit_in_classes",
            f"{FIRST_PLACE} group by {STAGE} "
            "having sum(students) > 0 and count(classes) = count(*) and sum(classes) = 0",
            what=Text("有学生的学校学段班级数不为 0", "a school's stage that has pupils has classes"),
            matters=Text(
                "班额、音美教室等指标以班级数为分母", "Class sizes and rooms are measured by the class"
            ),
            mend=Text(
                "补填班级数；不掌握的留空，不要填 0",
                "fill in the classes; leave them empty when unknown, never 0",
            ),
            column="classes",
            counted=SCHOOL_STAGES,
            total_query=STAGE_TOTAL,
        ),
    ]


def _staffing(contract: Contract) -> list[Check]:
    teachers = [
        "over_qualified_teachers",
        "backbone_teachers",
        "pe_arts_teachers",
        "mid_plus_title_teachers",
    ]
    measures = [
        *("staff", "full_time_teachers", *teachers),
        *("published_students_per_teacher", "published_median_salary"),
        *("training_person_times", "training_hours"),
    ]
    what = Text("每行至少有一项教职工数据", "every row holds at least one figure on staff")
    return [
        part_of(contract, "full_time_teachers", "staff"),
        *(part_of(contract, part, "full_time_teachers") for part in teachers),
        *rules_training.training_checks(),
        measure_present(contract, measures, "measure_is_present", what),
    ]


def _facilities(contract: Contract) -> list[Check]:
    measures = [f.name for f in contract.stored_fields if f.unit and not f.required]
    what = Text("每行至少有一项办学条件数据", "every row holds at least one figure on facilities")
    return [
        part_of(contract, "indoor_sports_area_m2", "teaching_auxiliary_area_m2"),
        measure_present(contract, measures, "measure_is_present", what),
    ]


def _school(contract: Contract) -> list[Check]:
    matters = Text("不计校数校区须并入主校计算", "A campus that is not a school is counted with its parent")
    return [
        no_row_where(
            "campus_names_its_parent",
            "not counts_as_school and parent_school_code is null",
            what=Text("不计校数的校区填有主校标识码", "a campus that does not count names its parent school"),
            matters=matters,
            mend=Text("补填主校标识码", "fill in the code of the parent school"),
            column="parent_school_code",
        ),
        no_row_where(
            "parent_is_another_school",
            "parent_school_code = school_code",
            what=Text("主校不是本校自己", "a parent school is another school"),
            matters=matters,
            mend=Text(
                "改正主校标识码，独立的学校留空", "correct the code; leave it empty for a school of its own"
            ),
            column="parent_school_code",
        ),
    ]


def _special_education(contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "not_enrolled_has_no_school",
            "placement_code = 'not_enrolled' and school_code is not null",
            what=Text("安置方式为“未入学”的没有学校", "a child that is not enrolled has no school"),
            matters=Text("未入学儿童决定入学率", "The rate of enrolment rests on who is not enrolled"),
            mend=Text("改正安置方式或删去学校标识码", "correct the placement or remove the school"),
            column="placement_code",
        ),
        no_row_where(
            "visits_are_home_teaching",
            "placement_code <> 'home_teaching' and (home_visits_required > 0 or home_visits_made > 0)",
            what=Text("只有送教上门的儿童有送教次数", "only children taught at home have home visits"),
            matters=Text("送教完成率按送教上门的儿童计算", "Visits are measured on children taught at home"),
            mend=Text("改正安置方式或送教次数", "correct the placement or the visits"),
            column="home_visits_required",
        ),
    ]


def _keys_kept(contract: Contract, earlier: Sequence[UUID]) -> Check:
    """A file with half the schools must not replace a whole one.

    What the batch would replace is, partition by partition, the last batch that will be current before it:
    one of ``earlier``, or else the current one.
    """
    if contract.parts_by:
        return rules_parts.keys_kept(contract, earlier)
    limit = contract.max_vanished_share
    held = held_rows(contract, earlier)
    same = " and ".join(map(rules_parts.is_kept, map(contract.field, contract.key)))
    return no_rows(
        "keys_are_kept",
        f"""
        with {held},
        vanished as (
            select 1 as broken from held where not exists (select 1 from arriving where {same})
        )
        select broken from vanished
        where (select count(*) from vanished) > {limit} * (select count(*) from held)
        """,
        what=Text(
            f"同一分区现行数据中的键，新批次缺失的不超过 {limit:.0%}",
            f"of the keys now current for the same partitions at most {limit:.0%} are missing",
        ),
        matters=Text(
            "新批次会整体替换旧批次，缺失的学校或金额会从结果中消失",
            "The batch replaces the current one as a whole: what it lacks would disappear from the results",
        ),
        mend=Text(
            "放入完整的文件；现行的文件若已作废，用 junheng batch withdraw 撤回，本文件下一夜重新检查；"
            "若确有大量撤并，请先核实再提高合同中的 maxVanishedShare",
            "drop the whole file; where the file that counts is void, take it back with "
            "junheng batch withdraw, and this one is looked at again the next night; "
            "where so many did close, raise maxVanishedShare in the contract",
        ),
        counted=KEYS,
        fault=MISSING,
        total_query=f"with {held} select count(*) from held",
    )


_RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "enrolment": _enrolment,
    "facilities": _facilities,
    "school": _school,
    "special_education": _special_education,
    "staffing": _staffing,
    **rules_explanations.RULES,
    **rules_finance.RULES,
    **rules_government.RULES,
    **rules_growths.RULES,
    **rules_places.RULES,
    **rules_school_forms.RULES,
    **rules_spending.RULES,
    **rules_teachers.RULES,
}


def covered_records() -> set[str]:
    """Records that have checks of their own beside those of every record."""
    return set(_RULES) & set(contracts())
