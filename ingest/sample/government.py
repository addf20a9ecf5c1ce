"""What the made district writes down of itself: ledgers, rooms, surveys and declarations, all years.

In 2021, the good year, everything that the plan and the assessment ask for is there and proven. In 2022
each promise is broken once, at a school or in a figure that is named below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from ingest.contract import code_list
from ingest.sample.children import regular_class_counts
from ingest.sample.district import (
    DISTRICT_CODE,
    GOOD_YEAR,
    SPECIAL_TYPE,
    TEACHING_POINT_TYPE,
    TOWNS,
    YEARS,
    District,
    Noise,
    School,
    schools_in,
)
from ingest.sample.parts import Cell, Table, flag, name_zh, school_cells, table_of
from ingest.sample.teachers import CIVIL_SERVANT_PAY

COMPULSORY = ("primary", "junior_secondary")
AFTER = GOOD_YEAR + 1
PERIOD = f"{YEARS[0]}-{YEARS[-1]}"
SMALL_TEACHING_POINT = 50
# Of ten public schools so many were recognised in the first and up to the second batch; all but one in the
# third. Every second recognition of the first batch ran out in the summer of 2022.
FIRST_BATCH, SECOND_BATCH, THIRD_BATCH = 5, 8, 9
# The day on which the schools of a town joined their school district.
JOINED = dict(zip(TOWNS, ("2019-09-01", "2020-09-01", "2020-09-01", "2021-09-01"), strict=True))
LEFT_CLUSTER = "2199000014"
PAIRED_TOWN_SCHOOL = "2199000001"
# Schools at which a rule on rooms is broken after the good year.
SMALL_MUSIC_ROOMS = "2199000002"
NO_ART_ROOM = "3199000002"
NO_COUNSELLING_ROOM = "2199000005"
PUPILS_A_ROOM = 270  # so few pupils that twelve classes never share one room
RESOURCE_ROOM_FROM = 5
# Schools that say no to a school item after the good year.
SAYS_NO = {
    "curriculum": "2199000003",
    "party_organisation": "2199000018",
    "charter": "2199000019",
    "digital_management": "2199000009",
    "it_use": "2199000012",
    "moral_education": "3199000006",
    "workload": "3199000001",
}
# Says yes in 2020 and names no document: it does not count.
UNPROVEN = "3199000004"
# Items of the district that are answered with no in a year other than the one after the good year.
EARLIER_NO = {"special_plan": {2019}}
STAYS_YES = {"special_plan"}
VALUES: dict[str, tuple[str, str, str, str]] = {
    "appointments": ("1900", "1960", "2040", "2060"),
    "appointments_by_district": ("1330", "1764", "2040", "1900"),
    "verified_violations": ("1", "0", "0", "2"),
    "quota_total": ("1200", "1200", "1200", "1200"),
    "quota_allocated": ("540", "600", "660", "564"),
    "quota_allocated_rural": ("135", "180", "231", "141"),
    "retention_entrants": ("2180", "2200", "2220", "2240"),
    "retention_graduates": ("2090", "2125", "2175", "2085"),
    "retention_transferred_in": ("20", "20", "20", "20"),
    "retention_transferred_out": ("15", "15", "15", "15"),
    "retention_deaths": ("1", "1", "1", "1"),
    "monitoring_grade_arts": ("3", "3", "3", "2"),
    "monitoring_difference_science": ("0.149", "0.140", "0.120", "0.160"),
}
CIVIL_SERVANT_ITEM = "civil_servant_pay_yuan"
# What every other subject of the national monitoring has.
GRADE, DIFFERENCE = "3", "0.10"
# Questionnaires by respondent, and the share of the valid ones that are satisfied, in percent.
ASKED = {"parent": 720, "student": 200, "teacher": 160, "deputy": 40, "public": 80}
INVALID_EVERY = 12
SATISFIED_PCT = {2019: 86, 2020: 88, 2021: 92, 2022: 80}
# Of a hundred eligible migrant children: in public schools, in places that were bought.
MIGRANTS_PCT = 12
IN_PUBLIC_PCT = {2019: 80, 2020: 84, 2021: 88, 2022: 75}
IN_BOUGHT_PCT = {2019: 4, 2020: 5, 2021: 6, 2022: 4}
SPARE_BOUGHT = 20  # places bought beyond those that are filled, of each stage

_BROKEN = {2021: "met", 2022: "met_last_year_not_now"}
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {
    "C01": _BROKEN,  # 2022: every second recognition of the first batch has run out
    "C07": _BROKEN,  # 2022: satisfaction falls from 92 % to 80 %
    "C19": _BROKEN,  # 2022: 79 of 100 migrant children are placed, 75 in public schools
    "C23": _BROKEN,  # 2022: the first school that needs a resource room has none
    "C24": _BROKEN,  # 2022: the special school is not up to standard
    "C30": _BROKEN,  # 2022: pairings of every third rural school ended in summer
    "C31": _BROKEN,  # 2022: a village school is run by a collective
    "C32": _BROKEN,  # 2022: LEFT_CLUSTER left its school district and is in no other
    "C38": _BROKEN,  # 2022: declared as not done
    "C41": _BROKEN,  # 2022: one school says no
    "C43": _BROKEN,  # 2022: one school says no
    "C44": _BROKEN,  # 2022: one school says no
    "C45": _BROKEN,  # 2022: no monitoring, arts at grade 2, science at 0.160
    "C46": _BROKEN,  # 2022: two verified violations
    "C47": _BROKEN,  # 2022: one school failed the check
    "G1": _BROKEN,  # 2022: declared as not done
    "G3": _BROKEN,  # 2022: all music rooms of one school have 95.5 m², another has no art room
    "G10": _BROKEN,  # 2022: declared as not done
    "G14": _BROKEN,  # 2022: 564 of 1,200 places are allocated, 47 %
    "G15": _BROKEN,  # 2022: as C19, and no care of left-behind children
    "Q1": _BROKEN,  # 2022: (2085 - 20 + 15) / (2240 - 1), 92.9 %
    "Q3": _BROKEN,  # 2022: one school has no charter, one is not managed digitally
    "Q5": _BROKEN,  # 2022: one school says no
    "Q6": _BROKEN,  # 2022: one school says no
    "Q7": _BROKEN,  # as C41
    "Q8": _BROKEN,  # as C47
    "Q9": _BROKEN,  # as C45, by the figures
    "S1": _BROKEN,  # as C07: 80 % is below 85
    **{f"V{number}": _BROKEN for number in range(1, 7)},  # 2022: each of the vetoes was found
}


def is_compulsory(district: District, school: School, year: int) -> bool:
    """Whether the school is one of those that shares are computed on."""
    students = sum(district.students(school, stage, year) for stage in school.stages)
    is_small_point = school.type_code == TEACHING_POINT_TYPE and students < SMALL_TEACHING_POINT
    return school.parent is None and school.type_code != SPECIAL_TYPE and not is_small_point


def _compulsory_schools(district: District) -> Iterator[tuple[int, School]]:
    return (
        (year, school)
        for year in YEARS
        for school in schools_in(year)
        if is_compulsory(district, school, year)
    )


def _document(year: int, what: str) -> str:
    return f"样本市均衡区〔{year}〕{what}（虚构）"


def _recognised_on(school: School) -> str | None:
    place = school.number % 10
    if school.is_private or place >= THIRD_BATCH:
        return None
    return "2019-06-30" if place < FIRST_BATCH else "2020-06-30" if place < SECOND_BATCH else "2021-06-30"


def recognition_table(district: District) -> Table:
    """The ledger of each school year: whoever was recognised by then, with the day it runs out."""
    return table_of(
        "recognition",
        PERIOD,
        (
            {
                **school_cells(school, year),
                "认定日期": on,
                "有效期至": "2022-06-30" if on < "2020" and school.number % 2 == 0 else "2026-06-30",
                "认定批次": f"{on[:4]}年批次",
                "认定文件": _document(int(on[:4]), "现代化学校认定"),
            }
            for year, school in _compulsory_schools(district)
            if (on := _recognised_on(school)) and int(on[:4]) <= year
        ),
    )


def school_cluster_table(district: District) -> Table:
    """A school district for each town; LEFT_CLUSTER leaves its own in 2022."""
    codes = {town: f"XQ{number:02d}" for number, town in enumerate(TOWNS, start=1)}
    return table_of(
        "school_cluster",
        PERIOD,
        (
            {
                **school_cells(school, year),
                "类别": name_zh("cluster_kind", "school_district"),
                "学区集团代码": codes[school.town_code],
                "学区集团名称": f"{TOWNS[school.town_code]}学区",
                "加入日期": JOINED[school.town_code],
                "退出日期": "2022-07-01" if school.code == LEFT_CLUSTER and year >= AFTER else None,
            }
            for year, school in _compulsory_schools(district)
            if int(JOINED[school.town_code][:4]) <= year
        ),
    )


def pairing_table(district: District) -> Table:
    """Rural schools and their partner; every fourth began in the good year, every third ended after it."""
    return table_of(
        "pairing",
        PERIOD,
        (
            {
                **school_cells(school, year),
                "结对方式": name_zh("pairing_kind", "shared_course" if school.number % 2 else "pairing"),
                "对口学校标识码": PAIRED_TOWN_SCHOOL,
                "开始日期": f"{GOOD_YEAR if school.number % 4 == 0 else YEARS[0]}-09-01",
                "结束日期": "2022-07-15" if school.number % 3 == 0 and year >= AFTER else None,
                "依据文件": _document(YEARS[0], "城乡结对"),
            }
            for year, school in _compulsory_schools(district)
            if school.is_rural and (school.number % 4 or year >= GOOD_YEAR)
        ),
    )


@cache
def needing_resource_room(noise: Noise, year: int) -> list[str]:
    """Codes of the schools with so many pupils with special needs, campuses counted with their parent."""
    parents = {school.code: school.parent or school.code for school in schools_in(year)}
    counts: Counter[str] = Counter()
    for (code, _), children in regular_class_counts(noise, year).items():
        counts[parents[code]] += children
    return [school.code for school in schools_in(year) if counts[school.code] >= RESOURCE_ROOM_FROM]


def has_counselling_room(school: School, year: int) -> bool:
    """Every school has one, but for one in the last year."""
    return (school.code, year) != (NO_COUNSELLING_ROOM, AFTER)


def _rooms_of(district: District, school: School, year: int) -> Iterator[tuple[str, int, Fraction]]:
    """Kind, number and area of every room of one school."""
    students = sum(district.students(school, stage, year) for stage in COMPULSORY)
    needing = needing_resource_room(district.noise, year)
    lacking = needing[0] if year == AFTER else None
    spare = int(district.noise.share(school.code, "rooms") * 12)
    counts = {
        "music": students // PUPILS_A_ROOM + 1,
        "art": 0 if (school.code, year) == (NO_ART_ROOM, AFTER) else students // PUPILS_A_ROOM + 1,
        "multimedia": 2,
        "counselling": int(has_counselling_room(school, year)),
        "resource": int(school.code in needing and school.code != lacking),
    }
    area = {"music": 97 + spare, "art": 91 + spare, "multimedia": 70, "counselling": 30, "resource": 50}
    for kind, count in counts.items():
        is_too_small = (kind, school.code, year) == ("music", SMALL_MUSIC_ROOMS, AFTER)
        for number in range(1, count + 1):
            yield kind, number, Fraction("95.5") if is_too_small else Fraction(area[kind])


def room_table(district: District) -> Table:
    """Special rooms of every school that teaches compulsory stages."""
    return table_of(
        "room",
        PERIOD,
        (
            {
                **school_cells(school, year),
                "教室类别": name_zh("room_kind", kind),
                "教室编号": f"{name_zh('room_kind', kind)}{number}",
                "使用面积": area,
            }
            for year in YEARS
            for school in schools_in(year)
            for kind, number, area in _rooms_of(district, school, year)
        ),
    )


def satisfaction_table() -> Table:
    """The survey of each year with the total that the form prints."""
    return table_of("satisfaction", PERIOD, (line for year in YEARS for line in _survey(year)))


def _survey(year: int) -> Iterator[dict[str, Cell]]:
    totals: Counter[str] = Counter()
    for respondent, issued in ASKED.items():
        valid = issued - issued // INVALID_EVERY
        counts = {
            "发放问卷数": issued,
            "有效问卷数": valid,
            "满意问卷数": valid * SATISFIED_PCT[year] // 100,
            "访谈人数": issued // 10,
            "访谈满意人数": issued // 10 * SATISFIED_PCT[year] // 100,
        }
        totals.update(counts)
        yield {
            "年度": year,
            "区县代码": DISTRICT_CODE,
            "调查对象": name_zh("respondent_type", respondent),
            **counts,
        }
    yield {"年度": year, "区县代码": DISTRICT_CODE, "调查对象": name_zh("respondent_type", "all"), **totals}


def _eligible(district: District, stage: str, year: int) -> int:
    return district.district_students(stage, year) * MIGRANTS_PCT // 100


def bought_places(district: District, year: int) -> tuple[int, int]:
    """Places bought in the whole district, and those of them that migrant children fill."""
    filled = sum(_eligible(district, stage, year) * IN_BOUGHT_PCT[year] // 100 for stage in COMPULSORY)
    return filled + SPARE_BOUGHT * len(COMPULSORY), filled


def migrant_children_table(district: District) -> Table:
    """Eligible migrant children by stage and where they go."""
    return table_of(
        "migrant_children",
        PERIOD,
        (
            {
                "学年": year,
                "区县代码": DISTRICT_CODE,
                "学段": name_zh("stage", stage),
                "符合条件随迁子女数": eligible,
                "公办学校就读数": eligible * IN_PUBLIC_PCT[year] // 100,
                "购买学位就读数": eligible * IN_BOUGHT_PCT[year] // 100,
                "政府购买学位数": eligible * IN_BOUGHT_PCT[year] // 100 + SPARE_BOUGHT,
            }
            for year in YEARS
            for stage in COMPULSORY
            for eligible in [_eligible(district, stage, year)]
        ),
    )


def _value(item: str, year: int) -> str:
    if item == CIVIL_SERVANT_ITEM:
        return str(CIVIL_SERVANT_PAY[year])
    if item in VALUES:
        return VALUES[item][YEARS.index(year)]
    return GRADE if item.startswith("monitoring_grade") else DIFFERENCE


def _answers(district: District, year: int) -> Iterator[tuple[str, str, bool | None, str | None, bool]]:
    """Item, subject, answer, figure, and whether there is a document."""
    items = {code.code: code for code in code_list("declaration_item")}
    figures = {*VALUES, CIVIL_SERVANT_ITEM, *(item for item in items if item.startswith("monitoring_"))}
    for item in items:
        if item in SAYS_NO:
            continue
        if item in figures:
            yield item, DISTRICT_CODE, None, _value(item, year), True
        else:
            is_no = (year == AFTER and item not in STAYS_YES) or year in EARLIER_NO.get(item, ())
            yield item, DISTRICT_CODE, not is_no, None, not is_no
    for item, breaker in SAYS_NO.items():
        for school in schools_in(year):
            if is_compulsory(district, school, year):
                is_yes = (school.code, year) != (breaker, AFTER)
                yield item, school.code, is_yes, None, is_yes and (school.code, year) != (UNPROVEN, 2020)


def declaration_table(district: District) -> Table:
    """What the district and its schools declare, by the names of the items."""
    return table_of(
        "declaration",
        PERIOD,
        (
            {
                "年度": year,
                "区县代码": DISTRICT_CODE,
                "申报项目": name_zh("declaration_item", item),
                "申报对象代码": subject,
                "是否达到": None if answer is None else flag(answer),
                "申报数值": value,
                "佐证文件": _document(year, name_zh("declaration_item", item)) if has_document else None,
                "文件日期": f"{year}-11-30" if has_document else None,
            }
            for year in YEARS
            for item, subject, answer, value, has_document in _answers(district, year)
        ),
    )


def tables(district: District) -> list[Table]:
    """Files of this family, faultless: one a record over all years."""
    return [
        declaration_table(district),
        migrant_children_table(district),
        pairing_table(district),
        recognition_table(district),
        room_table(district),
        satisfaction_table(),
        school_cluster_table(district),
    ]
