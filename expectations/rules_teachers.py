"""Checks of the records of teachers: roster, rotation, training and posts. No value of a teacher is shown."""

from __future__ import annotations

import csv
from collections.abc import Callable

from expectations.check import Check, Text, no_row_where, no_rows
from expectations.rule_parts import FIRST_PLACE, PLACE
from ingest.contract import Contract
from ingest.settings import SEEDS_DIR

_TEACHERS = Text("名教师", "teachers")
_TEACHER = "district_code, school_year, teacher_key"
_SCHOOLS = Text("所学校", "schools")
_SCHOOL = "district_code, school_year, school_code"


def _distinct(key: str) -> str:
    return f"select count(*) from (select 1 from {{batch}} group by {key}) as counted"


def _teacher(_contract: Contract) -> list[Check]:
    return [
        no_rows(
            "full_time_at_one_school",
            f"{FIRST_PLACE} where is_full_time group by {_TEACHER} having count(*) > 1",
            what=Text(
                "同一教师在同一学年只在一所学校任专任教师",
                "a teacher is full-time at one school only in a school year",
            ),
            matters=Text(
                "重复的专任教师会在两校重复计数",
                "Full-time twice, a teacher would count at both schools",
            ),
            mend=Text(
                "兼任、走教的学校请将“是否专任教师”填“否”",
                "say no under full-time at the school where the teacher only helps out",
            ),
            column="is_full_time",
            counted=_TEACHERS,
            total_query=_distinct(_TEACHER),
        ),
        no_row_where(
            "recognition_is_documented",
            "backbone_level <> 'none' and (backbone_document is null or backbone_valid_from is null)",
            what=Text("骨干教师填有认定文件和起始日期", "a backbone teacher has document and first day"),
            matters=Text("没有依据的骨干教师不得计入", "A recognition without a document does not count"),
            mend=Text(
                "补填认定文件与起始日期，没有的改为“非骨干”",
                "fill in both, or say that the teacher is no backbone teacher",
            ),
            column="backbone_document",
        ),
        no_row_where(
            "recognition_ends_after_it_starts",
            "backbone_valid_to < backbone_valid_from",
            what=Text("骨干认定截止日期不早于起始日期", "a recognition does not end before it starts"),
            matters=Text("起止颠倒的认定在任何一天都无效", "Turned around, it holds on no day"),
            mend=Text("核对这两个日期", "compare the two dates with the document"),
            column="backbone_valid_to",
        ),
        no_row_where(
            "start_is_not_in_the_future",
            "extract(year from started_at_school_on) > school_year + 1",
            what=Text(
                "到本校工作日期不晚于该学年", "work at the school began no later than in the school year"
            ),
            matters=Text("交流资格按在本校的年限计算", "Eligibility rests on the years at the school"),
            mend=Text("核对该日期的年份", "look at the year of the date"),
            column="started_at_school_on",
        ),
        no_row_where(
            "teachers_have_one_subject",
            "subject = 'all'",
            what=Text("任教学科为具体学科", "a teacher's subject is a single one"),
            matters=Text("紧缺学科按任教学科计数", "Teachers of a subject are counted by it"),
            mend=Text("填主要任教学科", "give the main subject"),
            column="subject",
        ),
    ]


def _rotation(_contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "moves_are_between_schools",
            "from_school_code = to_school_code",
            what=Text("派出学校与接收学校不同", "a move is between two schools"),
            matters=Text("未离开本校的不是交流轮岗", "Who stays at the school was not rotated"),
            mend=Text("改正学校标识码，未交流的删去该行", "correct the codes or remove the row"),
            column="to_school_code",
        )
    ]


def parameter(name: str) -> str:
    """A parameter of the measures of teachers, as its seed has it; KeyError when there is none."""
    with (SEEDS_DIR / "teacher_parameter.csv").open(encoding="utf-8", newline="") as stream:
        return {row["parameter"]: row["value"] for row in csv.DictReader(stream)}[name]


def _training(contract: Contract) -> list[Check]:
    # More in one year than the whole cycle asks for mostly means that a total was typed for the year.
    share, cycle = contract.max_rejected_share, parameter("training_hours")
    long = f"hours > {cycle}"
    return [
        no_rows(
            "hours_are_of_one_year",
            f"{PLACE} where {long} "
            f"and (select count(*) filter (where {long}) > {share} * count(*) from {{batch}})",
            what=Text(
                f"学时为当年学时：超过 {cycle} 的行不超过 {share:.0%}",
                f"hours are those of one year: at most {share:.0%} of rows have more than {cycle}",
            ),
            matters=Text(
                "填成累计学时会使五年合计虚高", "Totals typed year after year add up to far too many hours"
            ),
            mend=Text("按年度填报当年学时", "give the hours of each year"),
            column="hours",
        )
    ]


def _establishment(_contract: Contract) -> list[Check]:
    whole = "max(posts) filter (where subject = 'all')"
    return [
        no_rows(
            "posts_of_the_whole_school",
            f"{FIRST_PLACE} group by {_SCHOOL} having count(*) filter (where subject = 'all') = 0",
            what=Text("每所学校有“全部学科”的编制数", "every school comes with the posts of all subjects"),
            matters=Text("有编不补按全校编制判断", "Vacancies are judged on the whole school's posts"),
            mend=Text("补填该校全部学科的编制数", "add the row of all subjects"),
            column="subject",
            counted=_SCHOOLS,
            total_query=_distinct(_SCHOOL),
        ),
        no_rows(
            "posts_of_subjects_within_all",
            f"{FIRST_PLACE} group by {_SCHOOL} having sum(posts) filter (where subject <> 'all') > {whole}",
            what=Text(
                "分学科编制数之和不超过全校编制数", "posts of subjects do not add up to more than all of them"
            ),
            matters=Text("分项大于合计，多为列位或学校填错", "Parts above their whole are mostly misplaced"),
            mend=Text("核对该校各行", "compare the school's rows"),
            column="posts",
            counted=_SCHOOLS,
            total_query=_distinct(_SCHOOL),
        ),
    ]


RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "establishment": _establishment,
    "teacher": _teacher,
    "teacher_rotation": _rotation,
    "teacher_training": _training,
}
