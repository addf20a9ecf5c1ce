"""What the made district's schools say of themselves as a whole, and how their pupils changed."""

from __future__ import annotations

from fractions import Fraction

from ingest.sample.district import (
    GRADES,
    PRIVATE_OPERATOR,
    SPECIAL_TYPE,
    STAGE_ZH,
    YEARS,
    District,
    School,
    schools_in,
)
from ingest.sample.government import bought_places, has_counselling_room
from ingest.sample.parts import Cell, Table, flag, school_cells, table_of
from ingest.sample.report import Basics, Change
from ingest.sample.teachers import has_psychology_teacher

PUPILS_A_GUARD = 600
CHANGES_YEARS = f"{YEARS[0]}-{YEARS[-1]}学年"
# No clause is judged by what a school says of itself as a whole.
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {}


def basics_of(district: District, school: School, year: int) -> Basics:
    """The answers of one school."""
    counts = [district.staff(school, stage, year) for stage in school.stages]
    staff = sum(count["staff"] for count in counts)
    pupils = sum(district.students(school, stage, year) for stage in school.stages)
    psychology = int(has_psychology_teacher(school, year))
    bought, for_migrants = _bought(district, school, year)
    return Basics(
        staff=staff,
        full_time=sum(count["full_time_teachers"] for count in counts),
        established=None if school.is_private else staff - staff // 20,
        psychology=psychology + pupils // 1000,
        full_time_psychology=psychology,
        has_counselling_room=has_counselling_room(school, year),
        guards=2 + pupils // PUPILS_A_GUARD,
        bought=bought,
        bought_for_migrants=for_migrants,
        meets_sports_area=Fraction(district.facilities(school, year)["sports_ground_area_m2"]) >= 5 * pupils,
        has_campus_network=not school.is_rural or school.number % 5 > 0,
    )


def _bought(district: District, school: School, year: int) -> tuple[int | None, int | None]:
    """Places bought and those of them for migrant children, spread over the private schools."""
    if school.operator_in(year) != PRIVATE_OPERATOR:
        return None, None
    private = [own for own in schools_in(year) if own.operator_in(year) == PRIVATE_OPERATOR]
    place = private.index(school)
    bought, for_migrants = (
        total // len(private) + (place < total % len(private)) for total in bought_places(district, year)
    )
    return bought, for_migrants


def basics_table(district: District) -> Table:
    """Every school of every year."""
    return table_of(
        "school_basics",
        CHANGES_YEARS,
        (
            {**school_cells(school, year), **_cells(school, basics_of(district, school, year))}
            for year in YEARS
            for school in schools_in(year)
        ),
    )


def _cells(school: School, basics: Basics) -> dict[str, Cell]:
    # Staff of a special school stand in a form of their own.
    is_special = school.type_code == SPECIAL_TYPE
    return {
        "全校教职工数": None if is_special else basics.staff,
        "全校专任教师数": None if is_special else basics.full_time,
        "在编教职工数": None if is_special else basics.established,
        "心理健康教育教师数": basics.psychology,
        "专职心理健康教育教师数": basics.full_time_psychology,
        "设有心理辅导室": flag(basics.has_counselling_room),
        "安全保卫人员数": basics.guards,
        "学校政府购买学位数": basics.bought,
        "购买学位中用于随迁子女的学位数": basics.bought_for_migrants,
        "体育运动场馆面积达标": flag(basics.meets_sports_area),
        "建有校园网": flag(basics.has_campus_network),
    }


def change_of(district: District, school: School, stage: str, year: int) -> Change:
    """How the pupils of a stage changed; the rest of the difference came from or went to other schools."""
    grades = GRADES[stage]
    before, now = (district.students(school, stage, y) for y in (year - 1, year))
    admitted = district.grade_students(school, stage, grades[0], year)
    graduated = district.grade_students(school, stage, grades[-1], year - 1)
    rest = now - (before + admitted - graduated)
    return Change(before, admitted, max(rest, 0), graduated, max(-rest, 0))


def change_table(district: District) -> Table:
    """Every school, stage and year."""
    return table_of(
        "pupil_change",
        CHANGES_YEARS,
        (
            {
                **school_cells(school, year),
                "学段": STAGE_ZH[stage],
                **_change_cells(change_of(district, school, stage, year)),
            }
            for year in YEARS
            for school in schools_in(year)
            for stage in school.stages
        ),
    )


def _change_cells(change: Change) -> dict[str, Cell]:
    return {
        "上学年初在校学生数": change.before,
        "增加学生数": change.admitted + change.moved_in,
        "招生数": change.admitted,
        "复学数": 0,
        "转入数": change.moved_in,
        "其他增加数": 0,
        "减少学生数": change.graduated + change.moved_out,
        "毕业数": change.graduated,
        "结业数": None,
        "休学数": 0,
        "退学数": 0,
        "死亡数": 0,
        "转出数": change.moved_out,
        "其他减少数": 0,
        "本学年初在校学生数": change.now,
    }


def tables(district: District) -> list[Table]:
    """Files of this family, faultless: one a record over all years."""
    return [basics_table(district), change_table(district)]
