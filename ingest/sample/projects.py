"""Construction projects and education land of the made district.

The plan's fifteen projects add its 14,640 seats, each on the day that it promises: fourteen by the end of
2020, the last in March 2021, after the plan's deadline. Two of them stand in another plan as well. In 2022 a
new school is late, two are designed too large, an extension is too small for its pupils, a residential
project lacks the bureau's consent and a parcel is granted though seats are short.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ingest.sample.district import DISTRICT_CODE, YEARS, District, School, register
from ingest.sample.parts import Cell, Table, flag, name_zh, table_of
from ingest.sample.places import FULL_YEAR, seats_of

AS_OF = "2022-12-31"
STANDARD = "示例省义务教育学校建设标准（虚构）"
PLAN, SITE_PLAN, OTHER = "gaoming_2019", "site_plan_2018", "other"
PROJECTS_OF_THE_PLAN, SEATS_OF_THE_PLAN = 15, 14_640
KINDS = ("rebuild", "extend", "relocate")
# Schools that did not stand before: two of one stage and one of two stages, within their limits.
NEW_SCHOOLS = {"2199000021", "3199000003", "3199000014"}
IN_TWO_PLANS = 2
LAST_TO_FINISH, AFTER_THE_DEADLINE = 11, "2021-03-31"  # of the fifteen, counted from 0
LAND_COLUMNS = (
    *("用地面积", "规划规模学生数", "建设标准文件", "是否配建学校", "是否经教育部门同意"),
    *("是否无法解决入学", "出让或划拨日期"),
)
# Per weighted pupil, m²: the nation asks 4.5 and 7.5 of primary pupils and a little more of junior ones.
AREAS = {"用地面积": "22", "校舍建筑面积": "9.5", "教学及辅助用房面积": "5.9", "体育运动场馆面积": "9.9"}
TOO_SMALL = Fraction("0.6")
JUNIOR_WEIGHT = Fraction("1.1")

_BROKEN = {2021: "met", 2022: "met_last_year_not_now"}
_REACHED = {2019: "not_due", 2020: "not_met", 2021: "met", 2022: "met"}
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {
    "C10": _BROKEN,  # 2022: a new primary school designed for 1620
    "C11": _BROKEN,  # 2022: a new nine-year school designed for 2150
    "C12": {2020: "not_met", 2021: "met", 2022: "met"},  # 2020: one planned site names no standard
    "C13": _BROKEN,  # 2022: one residential project has no consent
    "C14": _BROKEN,  # 2022: a parcel is granted although pupils cannot be seated; in 2021 it was held back
    "C15": _REACHED,  # ten by the end of 2019, fourteen by the end of 2020, fifteen in 2021
    "C16": _REACHED,  # 14,640 seats in 2021, those of the last project too late for 2020
    "C17": _BROKEN,  # 2022: an extension with six tenths of the rooms and grounds it needs
    "C18": _BROKEN,  # 2022: a new school planned for October is finished in November
}


@dataclass(frozen=True)
class Site:
    """What is built: names, type, seats and pupils by stage, and what share of the areas it gets."""

    code: str
    name: str
    kind: str
    school: School | None
    type_code: str
    town_code: str
    seats_before: tuple[int, int]  # primary, junior secondary
    seats_after: tuple[int, int]
    planned_on: str
    completed_on: str | None
    plans: tuple[str, ...]
    areas: Fraction = Fraction(1)


def sites_of_the_plan() -> list[Site]:
    """The fifteen projects; their seats added make exactly those of the plan."""
    chosen = _chosen_schools()
    after = {school.code: _seats(school) for school in chosen}
    added = _shares_of_the_plan(chosen, {code: sum(seats) for code, seats in after.items()})
    return [
        _site_of_the_plan(number, school, after[school.code], added[school.code])
        for number, school in enumerate(chosen)
    ]


def _seats(school: School) -> tuple[int, int]:
    return seats_of(school, "primary", FULL_YEAR), seats_of(school, "junior_secondary", FULL_YEAR)


def _chosen_schools() -> list[School]:
    """The new schools and the largest public ones of one or two compulsory stages."""
    public = [
        school
        for school in register()
        if school.type_code in {"211", "311", "312"} and not school.is_private and not school.parent
    ]
    largest = sorted(public, key=lambda s: (s.code not in NEW_SCHOOLS, -sum(_seats(s)), s.code))
    return sorted(largest[:PROJECTS_OF_THE_PLAN], key=lambda s: s.code)


def _shares_of_the_plan(schools: list[School], after: dict[str, int]) -> dict[str, int]:
    """Seats added by each project: all of a new school, the rest of the plan spread over the others."""
    added = {school.code: after[school.code] for school in schools if school.code in NEW_SCHOOLS}
    others = [school.code for school in schools if school.code not in NEW_SCHOOLS]
    wanted = SEATS_OF_THE_PLAN - sum(added.values())
    whole = sum(after[code] for code in others)
    if wanted > whole:
        raise ValueError("the schools of the plan are too small for its seats")
    added |= {code: after[code] * wanted // whole for code in others}
    for code in others[: SEATS_OF_THE_PLAN - sum(added.values())]:
        added[code] += 1
    return added


def _site_of_the_plan(number: int, school: School, after: tuple[int, int], added: int) -> Site:
    before = sum(after) - added
    primary_before = before * after[0] // sum(after)
    is_late_half = number >= 10
    day = AFTER_THE_DEADLINE if number == LAST_TO_FINISH else "2020-08-31" if is_late_half else "2019-08-31"
    return Site(
        code=f"XM{number + 1:03d}",
        name=f"{school.name}{'新建' if school.code in NEW_SCHOOLS else '改扩建'}项目",
        kind="new" if school.code in NEW_SCHOOLS else KINDS[number % len(KINDS)],
        school=school,
        type_code=school.type_code,
        town_code=school.town_code,
        seats_before=(primary_before, before - primary_before),
        seats_after=after,
        planned_on=day,
        completed_on=day if number % 2 else day.replace("-31", "-20"),
        plans=(PLAN, SITE_PLAN) if number < IN_TWO_PLANS else (PLAN,),
    )


def later_sites() -> list[Site]:
    """What comes after the plan's fifteen: one of another plan, and those that break clauses in 2022."""
    small = next(school for school in register() if school.code == "2199000010")
    town = small.town_code
    other = next(school for school in register() if school.code == "2199000011")
    return [
        Site("XM101", f"{other.name}扩建项目", "extend", other, "211", other.town_code, (500, 0), (624, 0),
             "2021-08-31", "2021-08-25", (OTHER,)),
        Site("XM102", "示例第八小学新建项目", "new", None, "211", "990101001", (0, 0), (1620, 0),
             "2022-10-31", "2022-11-15", (PLAN,)),
        Site("XM103", "示例第二九年一贯制学校新建项目", "new", None, "312", "990101100", (0, 0), (1250, 900),
             "2022-12-20", "2022-12-18", (PLAN,)),
        Site("XM104", f"{small.name}扩建项目", "extend", small, "211", town, (780, 0), (1014, 0),
             "2022-08-31", "2022-08-20", (PLAN,), TOO_SMALL),
        Site("XM105", "样本镇第四小学新建项目", "new", None, "211", "990101100", (0, 0), (1200, 0),
             "2024-08-31", None, (PLAN,)),
    ]  # fmt: skip


def tables(_district: District) -> list[Table]:
    """The register of projects as of the last day, and the land cases of every year."""
    every = [*sites_of_the_plan(), *later_sites()]
    return [
        table_of("project", "2022年底", (_project_line(site, plan) for site in every for plan in site.plans)),
        table_of("land_case", f"{YEARS[0]}-{YEARS[-1]}", (line for year in YEARS for line in _land(year))),
    ]


def _project_line(site: Site, plan: str) -> dict[str, Cell]:
    weighted = site.seats_after[0] + site.seats_after[1] * JUNIOR_WEIGHT
    return {
        "区县代码": DISTRICT_CODE,
        "项目编号": site.code,
        "所属规划": name_zh("plan", plan),
        "项目名称": site.name,
        "建设性质": name_zh("project_kind", site.kind),
        "统计截止日期": AS_OF,
        "学校标识码": site.school.code if site.school else None,
        "镇街代码": site.town_code,
        "办学类型": name_zh("school_type", site.type_code),
        "建设地点": "样本路（虚构）",
        "建设标准文件": STANDARD,
        "计划完工日期": site.planned_on,
        "实际完工日期": site.completed_on,
        "建设前学位数": sum(site.seats_before),
        "建设后学位数": sum(site.seats_after),
        "建设前小学学位数": site.seats_before[0],
        "建设后小学学位数": site.seats_after[0],
        "设计规模学生数": sum(site.seats_after),
        "设计规模小学生数": site.seats_after[0],
        **{name: round(weighted * Fraction(share) * site.areas, 2) for name, share in AREAS.items()},
    }


def _land(year: int) -> list[dict[str, Cell]]:
    """Five sites, four residential projects and three parcels; what is wrong in which year stands here."""
    sites = [
        _land_line(year, "planned_site", number, 用地面积=20_000, 规划规模学生数=1_080,
                   建设标准文件=None if year == 2020 and number == 5 else STANDARD)
        for number in range(1, 6)
    ]  # fmt: skip
    homes = [
        _land_line(year, "residential_project", number, 是否配建学校="是",
                   是否经教育部门同意=flag(not (year == 2022 and number == 4)))
        for number in range(1, 5)
    ]  # fmt: skip
    parcels = [
        _land_line(year, "parcel", number, 是否无法解决入学=flag(year > 2020 and number == 3),
                   出让或划拨日期=None if year == 2021 and number == 3 else f"{year}-06-30")
        for number in range(1, 4)
    ]  # fmt: skip
    return [*sites, *homes, *parcels]


def _land_line(year: int, kind: str, number: int, **cells: Cell) -> dict[str, Cell]:
    empty: dict[str, Cell] = dict.fromkeys(LAND_COLUMNS)
    zh = name_zh("land_case_kind", kind)
    return {
        "年度": year,
        "区县代码": DISTRICT_CODE,
        "事项类型": zh,
        "事项编号": f"{kind[0].upper()}{year}{number:02d}",
        "事项名称": f"{zh}{number}（虚构）",
        "镇街代码": "990101001",
        "位置": f"样本路{number}号（虚构）",
        **(empty | cells),
    }
