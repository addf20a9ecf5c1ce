"""Checks of a batch as a whole: parts and totals, printed identities, duplicates, keys that vanish.

Each query selects places (sheet and row) of what breaks the promise, never a value. A check must be right
on real data: a figure that is absent breaks nothing, and where single gaps are usual a share is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from expectations import (
    rules_copies,
    rules_explanations,
    rules_finance,
    rules_government,
    rules_places,
    rules_school_forms,
    rules_spending,
    rules_swings,
    rules_teachers,
)
from expectations.check import MISSING, Check, Text, no_row_where, no_rows
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
from ingest.contract import Contract, Field, contracts

# Growth is printed with two decimals: half a unit of each printed figure stays under this, in points.
GROWTH_TOLERANCE_POINTS = "0.02"
PERCENT_CELL_POINTS = 0.5  # nearer to zero a growth and a hundredth of it agree by chance
# Ten thousand (万元) taken for one is the usual slip; real spending does not change twentyfold in a year.
MAX_YEARLY_FACTOR = 20


def table_checks(contract: Contract, earlier: Sequence[UUID] = ()) -> list[Check]:
    """Checks of a batch as a whole. ``earlier`` are batches that will become current before it, in order."""
    own = _RULES.get(contract.record)
    beside = rules_spending.BESIDE_OTHERS.get(contract.record)
    checks = [
        _has_rows(),
        _unique_key(contract),
        *(own(contract) if own else []),
        *identity_checks(contract),
        *beside_checks(contract),
        *([beside(contract, earlier)] if beside else []),
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
    ]
    what = Text("每行至少有一项教职工数据", "every row holds at least one figure on staff")
    return [
        part_of(contract, "full_time_teachers", "staff"),
        *(part_of(contract, part, "full_time_teachers") for part in teachers),
        measure_present(contract, measures, "measure_is_present", what),
    ]


def _facilities(contract: Contract) -> list[Check]:
    measures = [f.name for f in contract.stored_fields if f.unit and not f.required]
    what = Text("每行至少有一项办学条件数据", "every row holds at least one figure on facilities")
    return [
        part_of(contract, "indoor_sports_area_m2", "teaching_auxiliary_area_m2"),
        measure_present(contract, measures, "measure_is_present", what),
    ]


def _finance(contract: Contract) -> list[Check]:
    what = Text("每行至少有金额或增长率", "every row holds an amount or a growth")
    recomputed = "(amount - prior_amount) * 100 / prior_amount"
    growth = f"abs({recomputed} - growth_pct) > {GROWTH_TOLERANCE_POINTS}"
    return [
        measure_present(contract, ["amount", "growth_pct"], "amount_or_growth_is_present", what),
        no_row_where(
            "growth_is_recomputed",
            "growth_basis = 'nominal' and amount is not null and growth_pct is not null "
            f"and prior_amount > 0 and {growth}",
            what=Text(
                f"名义增长率等于由本年与上年金额算得的增长率（差不超过 {GROWTH_TOLERANCE_POINTS} 个百分点）",
                "a nominal growth equals the one computed from the two amounts "
                f"(within {GROWTH_TOLERANCE_POINTS} points)",
            ),
            matters=Text(
                "不符多为上年、本年两列互换，涨跌会颠倒",
                "Mostly last year's and this year's columns are swapped, which turns a fall into a rise",
            ),
            mend=Text(
                "核对上年、本年与增长率三列；增长率若为同口径，请在“增长率口径”注明",
                "compare the three columns with the document; mark a growth on the comparable scope as such",
            ),
            column="growth_pct",
        ),
        no_row_where(
            "growth_is_in_per_cent",
            "amount is not null and prior_amount > 0 "
            f"and abs({recomputed} - growth_pct * 100) <= {GROWTH_TOLERANCE_POINTS} "
            f"and abs({recomputed} - growth_pct) > {PERCENT_CELL_POINTS}",
            what=Text(
                "增长率以百分数表示（8.17，不是 0.0817）", "a growth is in per cent (8.17, not 0.0817)"
            ),
            matters=Text(
                "百分比格式的单元格存的是小数，读入后小了一百倍",
                "A cell in the format of percentages holds a fraction, a hundred times smaller than it shows",
            ),
            mend=Text(
                "把增长率列改为常规格式并填百分数，或以文本写 8.17%",
                "give the column of growths the general format and write per cents, or write 8.17% as text",
            ),
            column="growth_pct",
        ),
        no_row_where(
            "amount_keeps_its_unit",
            "amount > 0 and prior_amount > 0 and "
            f"(amount > {MAX_YEARLY_FACTOR} * prior_amount or prior_amount > {MAX_YEARLY_FACTOR} * amount)",
            what=Text(
                f"本年金额与上年金额相差不到 {MAX_YEARLY_FACTOR} 倍",
                f"this year's amount is within {MAX_YEARLY_FACTOR} times last year's",
            ),
            matters=Text(
                "相差如此之大多为元、万元、亿元混用",
                "A step that large mostly mixes yuan with ten thousands of yuan",
            ),
            mend=Text("核对两列的单位", "compare the units of the two columns"),
            column="amount",
        ),
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
    limit = contract.max_vanished_share
    held = _held_keys(contract, earlier)
    same = " and ".join(map(_is_kept, map(contract.field, contract.key)))
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
            "放入完整的文件；若确有大量撤并，请先核实再提高合同中的 maxVanishedShare",
            "drop the whole file; where so many did close, raise maxVanishedShare in the contract",
        ),
        counted=KEYS,
        fault=MISSING,
        total_query=f"with {held} select count(*) from held",
    )


def _is_kept(field: Field) -> str:
    """In SQL: an arriving key keeps this part of a held one; to state what was not stated is no loss."""
    same = f"arriving.{field.name} = held.{field.name}"
    return same if field.empty_means is None else f"({same} or held.{field.name} = '{field.empty_means}')"


def _held_keys(contract: Contract, earlier: Sequence[UUID]) -> str:
    """Common table expressions: ``arriving`` rows, and the keys ``held`` by what they would replace."""
    parts = zip(contract.key_sql, contract.key, strict=True)
    key = ", ".join(f"{part} as {name}" for part, name in parts)
    waiting = ", ".join(f"'{batch_id}'" for batch_id in earlier)
    before = f"array[{waiting}]::uuid[]"
    return f"""
        arriving as (select partition_key, {key} from {{batch}}),
        candidate as (
            select partition_key, batch_id, 0 as place from ops.current_batch
            where record = '{contract.record}' and partition_key in (select partition_key from arriving)
            union all
            select distinct partition_key, batch_id, array_position({before}, batch_id)
            from {contract.table}
            where batch_id = any({before}) and partition_key in (select partition_key from arriving)
        ),
        replaced as (
            select partition_key, batch_id from candidate
            where (partition_key, place) in (select partition_key, max(place) from candidate group by 1)
        ),
        held as (
            select distinct {key} from {contract.table}
            where (partition_key, batch_id) in (select partition_key, batch_id from replaced)
        )
    """


_RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "enrolment": _enrolment,
    "facilities": _facilities,
    "finance": _finance,
    "school": _school,
    "special_education": _special_education,
    "staffing": _staffing,
    **rules_explanations.RULES,
    **rules_finance.RULES,
    **rules_government.RULES,
    **rules_places.RULES,
    **rules_school_forms.RULES,
    **rules_spending.RULES,
    **rules_teachers.RULES,
}


def covered_records() -> set[str]:
    """Records that have checks of their own beside those of every record."""
    return set(_RULES) & set(contracts())
