"""What must fit together within a record beyond parts and totals, and codes that hold in some years."""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check, Text, no_row_where, no_rows
from expectations.rule_parts import (
    FIRST_PLACE,
    PLACE,
    SCHOOL_STAGES,
    STAGE,
    STAGE_TOTAL,
    check_parameter,
    listed,
    seed_rows,
    year_field,
)
from ingest.contract import Contract, Field

# Grades that a stage may hold in China, both where the primary school has six years and where it has five.
_GRADES = {
    "primary": range(1, 7),
    "junior_secondary": range(6, 10),
    "senior_secondary": range(10, 13),
}


def identity_checks(contract: Contract) -> list[Check]:
    """The checks of this module for a record."""
    own = _RULES.get(contract.record)
    return [*(own(contract) if own else []), *_codes_of_the_year(contract)]


def _codes_of_the_year(contract: Contract) -> list[Check]:
    """Codes that a list has in some years only, against the year of the row."""
    year = year_field(contract)
    checks = [_code_years(field, year) for field in contract.stored_fields if field.code_list and year]
    return [check for check in checks if check]


def _code_years(field: Field, year: str | None) -> Check | None:
    rows = [
        row for row in seed_rows(f"code_{field.code_list}") if row.get("valid_from") or row.get("valid_to")
    ]
    spans: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        spans.setdefault((row["valid_from"], row["valid_to"]), []).append(row["code"])
    if not spans:
        return None
    broken = [
        f"{field.name} in ({listed(codes)}) and ({' or '.join(_outside(year, *span))})"
        for span, codes in spans.items()
    ]
    return no_row_where(
        f"{field.name}.code_years",
        " or ".join(broken),
        what=Text(
            f"“{field.name_zh}”的代码在该年度有效（代码表 {field.code_list} 的起止年度）",
            f"the code of “{field.name_en}” is valid in that year (years of the list {field.code_list})",
        ),
        matters=Text(
            "代码表换版后，旧代码或尚未启用的代码会归入错误的组",
            "When a list changes, a code of the old or of a later edition falls into the wrong group",
        ),
        mend=Text(
            "改用该年度代码表中的代码，或核对年度", "give the code of that year's list, or compare the year"
        ),
        column=field.name,
    )


def _outside(year: str | None, first: str, last: str) -> list[str]:
    return [f"{year} < {first}"] * bool(first) + [f"{year} > {last}"] * bool(last)


def _grade_of_stage() -> Check:
    wrong = " or ".join(
        f"stage = '{stage}' and grade not in ({listed(map(str, grades))})"
        for stage, grades in _GRADES.items()
    )
    return no_row_where(
        "grade_is_of_the_stage",
        f"region_code = 'CN' and grade <> 'all' and ({wrong})",
        what=Text("年级属于所填学段", "the grade belongs to the stage"),
        matters=Text(
            "放错学段的学生会按另一学段的标准判定", "Pupils would be judged by another stage's standards"
        ),
        mend=Text("改正年级或学段", "correct the grade or the stage"),
        column="grade",
    )


def _class_size() -> Check:
    """By stage: where grades share a class, it is counted in one of them only."""
    largest = check_parameter("largest_average_class")
    return no_rows(
        "class_size_is_plausible",
        f"{FIRST_PLACE} group by {STAGE} having count(classes) = count(*) and sum(classes) > 0 "
        f"and sum(students) > {largest} * sum(classes)",
        what=Text(f"平均班额不超过 {largest} 人", f"an average class has at most {largest} pupils"),
        matters=Text(
            "班额离谱多为班级数漏报或与其他列互换",
            "A class that large mostly means classes left out or columns swapped",
        ),
        mend=Text("核对学生数与班级数两列", "compare pupils and classes with the form"),
        column="classes",
        counted=SCHOOL_STAGES,
        total_query=STAGE_TOTAL,
    )


def _enrolment(_contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "classes_within_students",
            "students > 0 and classes > students",
            what=Text("班级数不超过学生数", "there are no more classes than pupils"),
            matters=Text(
                "班级多于学生多为两列互换", "More classes than pupils mostly are two columns swapped"
            ),
            mend=Text("核对学生数与班级数两列", "compare pupils and classes with the form"),
            column="classes",
        ),
        _class_size(),
        _grade_of_stage(),
    ]


def _class_roster(_contract: Contract) -> list[Check]:
    largest = check_parameter("largest_average_class")
    return [
        _grade_of_stage(),
        no_row_where(
            "class_size_is_plausible",
            f"students > {largest}",
            what=Text(f"一个班不超过 {largest} 人", f"a class has at most {largest} pupils"),
            matters=Text("超出多为把年级合计填成一个班", "Mostly a whole grade was entered as one class"),
            mend=Text("按班分行填报", "give each class a row"),
            column="students",
        ),
    ]


def _facilities(_contract: Contract) -> list[Check]:
    area = check_parameter("least_room_area_m2")
    return [
        no_row_where(
            "classrooms_fit_in_area",
            f"multimedia_classrooms * {area} > teaching_auxiliary_area_m2",
            what=Text(
                f"教学及辅助用房面积容得下所填网络多媒体教室（每间至少 {area} 平方米）",
                f"the teaching rooms hold the multimedia classrooms (at least {area} m² each)",
            ),
            matters=Text(
                "容不下多为教室数与计算机数等列互换，或面积单位有误",
                "Else mostly computers stand for classrooms, or the area is in another unit",
            ),
            mend=Text("核对教室数与面积两列", "compare classrooms and area with the form"),
            column="multimedia_classrooms",
        )
    ]


def _room(_contract: Contract) -> list[Check]:
    largest = check_parameter("largest_room_area_m2")
    return [
        no_row_where(
            "room_is_a_single_one",
            f"area_m2 > {largest}",
            what=Text(f"单间教室面积不超过 {largest} 平方米", f"a single room has at most {largest} m²"),
            matters=Text("超出多为填了全校合计", "Mostly the total of the school was entered"),
            mend=Text("每间教室一行，填该间面积", "give each room a row with its own area"),
            column="area_m2",
        )
    ]


def _school(_contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "town_is_of_the_district",
            f"region_code = 'CN' and length(town_code) = 9 and district_code ~ '^{'[0-9]' * 6}$' "
            "and left(town_code, 6) <> district_code",
            what=Text("镇街代码的前六位是区县代码", "a town's code begins with that of the district"),
            matters=Text(
                "镇街不在本区县时，学校会归入别处的镇街",
                "Else the school is counted in a town of another place",
            ),
            mend=Text(
                "改正镇街代码（九位）或区县代码", "correct the nine digits of the town or the district"
            ),
            column="town_code",
        ),
        no_rows(
            "parent_is_no_campus",
            f"{PLACE} where not counts_as_school and (district_code, school_year, parent_school_code) in "
            "(select district_code, school_year, school_code from {batch} where not counts_as_school)",
            what=Text("主校本身不是不计校数的校区", "the parent of a campus is no campus itself"),
            matters=Text(
                "校区的校区并不进任何学校，其学生会漏计", "A campus of a campus is counted with no school"
            ),
            mend=Text("主校标识码填最终所属的学校", "give the code of the school to which both belong"),
            column="parent_school_code",
        ),
    ]


_RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "class_roster": _class_roster,
    "enrolment": _enrolment,
    "facilities": _facilities,
    "room": _room,
    "school": _school,
}
