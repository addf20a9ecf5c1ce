"""Teachers of the made district: roster, rotation, training and posts; every person is invented.

A teacher keeps a place at a school over the years. Each year some places of town schools and country schools
swap their teachers, so that every school keeps the number of teachers that its staffing form prints.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil

from ingest.sample.district import DISTRICT_CODE, GOOD_YEAR, SPECIAL_TYPE, YEARS, District, School, schools_in
from ingest.sample.parts import Cell, Table, flag, name_zh, table_of

COMPULSORY = ("primary", "junior_secondary")
AFTER = GOOD_YEAR + 1
TRAINING_YEARS = range(2015, YEARS[-1] + 1)
# Every five years in a row from 2019 on hold 360 hours exactly; a block of fixed years does not.
HOURS = {2015: 90, 2016: 60, 2017: 70, 2018: 70, 2019: 70, 2020: 90, 2021: 60, 2022: 70}
SPECIAL_HOURS = 24
# Average pay in yuan about which the teachers of public schools stand, and what civil servants get.
PAY = {2019: 96_000, 2020: 101_000, 2021: 109_000, 2022: 109_500}
PRIVATE_PAY = 78_000
CIVIL_SERVANT_PAY = {2019: 99_000, 2020: 104_500, 2021: 108_000, 2022: 117_500}
# Of ten teachers so many came to their school long ago; the others came in 2016, 2017 and 2018.
LONG_AT_SCHOOL = 3
# Swaps of a year: backbone teachers, and others, as a share of those who came long ago.
SWAPS = {2019: ("0.02", "0.04"), 2020: ("0.02", "0.05"), 2021: ("0.035", "0.105"), 2022: ("0.002", "0.03")}
# Of a hundred teachers of public schools so many are temporary.
TEMPORARY = {2019: 6, 2020: 5, 2021: 2, 2022: 5}
SUBJECTS = {
    "primary": (
        "chinese",
        "mathematics",
        "pe",
        "foreign_language",
        "music",
        "science",
        "chinese",
        "fine_art",
    ),
    "junior_secondary": (
        *("chinese", "mathematics", "pe", "foreign_language", "music", "physics", "biology", "fine_art"),
        *("chemistry", "history", "geography", "morality_law"),
    ),
    "senior_secondary": ("chinese", "mathematics", "physics", "foreign_language", "chemistry", "pe"),
}
DEGREES = {"primary": "associate", "junior_secondary": "bachelor", "senior_secondary": "master"}
WATCHED = {
    "science": ("science",),
    "pe": ("pe",),
    "arts": ("music", "fine_art"),
    "psychology": ("psychology",),
}
# Schools by their place in the register at which a clause is broken after the good year.
BACKBONE_EXPIRED_AT = "2199000003"
SHORT_OF_PSYCHOLOGY_AT = ("2199000004", "3199000003")
VACANT_POSTS_AT = ("2199000002", "3199000001")
UNTRAINED_AT = "2199000005"
NO_CREDIT_AT = "3199000002"
UNLICENSED_AT = "2199000006"

# 2021 meets every clause of teachers, 2022 breaks every one.
_BROKEN = {GOOD_YEAR: "met", AFTER: "met_last_year_not_now"}
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {
    "C22": _BROKEN,  # two special education teachers have no hours in special education in 2022
    "C27": _BROKEN,  # swaps: 2021 more than 5 % of full-time teachers, 2022 fewer
    "C28": _BROKEN,  # half of the swapped go to the country
    "C29": _BROKEN,  # 2022 hardly a backbone teacher is swapped
    "C33": _BROKEN,  # 2022 five without the credit and one vetoed teacher who was promoted
    "C34": _BROKEN,  # 2022 vacant posts beside temporary teachers; two schools without psychology
    "C35": _BROKEN,  # the share of temporary teachers falls to 2021 and rises after
    "C36": _BROKEN,  # 2022 six teachers of one school have no row for that year
    "C37": _BROKEN,  # 2022 the recognitions of one school have ended; its staffing form still counts them
    "C39": _BROKEN,  # 2022 civil servants are raised, teachers hardly
    "C40": _BROKEN,  # 2022 three teachers of private schools are not insured
    "C42": _BROKEN,  # 2022 the two schools of C34
    "G8": _BROKEN,
    "G9": _BROKEN,
    "G11": _BROKEN,
    "G12": _BROKEN,  # 2022 two teachers without a licence
}


@dataclass(frozen=True)
class Teacher:
    """One teacher in one school year. ``number`` is invented and never leaves the file."""

    number: str
    name: str
    school: School  # where he works on 1 September
    stage: str
    place: int  # the n-th of his school and stage
    home: School  # the school whose place he holds
    subject: str
    is_backbone: bool
    employment: str
    started: str

    @property
    def is_compulsory(self) -> bool:
        """True for teachers of primary and junior secondary pupils."""
        return self.stage in COMPULSORY

    @property
    def is_special(self) -> bool:
        """True at the special school, and for one teacher each of the larger town schools."""
        return self.school.type_code == SPECIAL_TYPE or (
            self.place == 4 and self.stage == "primary" and self.school.urban_rural == "111"
        )


class Teachers:
    """Every teacher of the made district by year, worked out from its schools and staff."""

    def __init__(self, district: District) -> None:
        self.district = district

    @cached_property
    def rosters(self) -> dict[int, list[Teacher]]:
        """Full-time teachers by school year, after the swaps of that year."""
        return {year: _swapped(self._places(year), year) for year in YEARS}

    def _places(self, year: int) -> list[Teacher]:
        return [
            teacher
            for school in schools_in(year)
            for number, stage in enumerate(school.stages)
            for teacher in self._of_stage(school, stage, number == 0, year)
        ]

    def _of_stage(self, school: School, stage: str, is_first: bool, year: int) -> Iterator[Teacher]:
        staff = self.district.staff(school, stage, year)
        backbone = staff["backbone_teachers"]
        for place in range(staff["full_time_teachers"]):
            number = f"JS{school.code}{stage[0].upper()}{place:03d}"
            yield Teacher(
                number=number,
                name=f"样本教师{number[2:]}",
                school=school,
                stage=stage,
                place=place,
                home=school,
                subject=_subject(school, stage, place, is_first, year),
                is_backbone=place >= staff["full_time_teachers"] - backbone,
                employment=_employment(school, stage, place, year),
                started=_started(school, place),
            )


def has_psychology_teacher(school: School, year: int) -> bool:
    """Whether the first teacher of the school's first stage teaches psychology."""
    return school.type_code != SPECIAL_TYPE and not (year == AFTER and school.code in SHORT_OF_PSYCHOLOGY_AT)


def _subject(school: School, stage: str, place: int, is_first: bool, year: int) -> str:
    if school.type_code == SPECIAL_TYPE:
        return "special_education"
    if place == 0 and is_first:
        return "psychology" if has_psychology_teacher(school, year) else "integrated"
    return SUBJECTS[stage][place % len(SUBJECTS[stage])]


def _employment(school: School, stage: str, place: int, year: int) -> str:
    if school.is_private:
        return "private"
    every = 100 // TEMPORARY[year]
    is_temporary = stage in COMPULSORY and (place * 7 + school.number * 11) % every == 1
    return "temporary" if is_temporary else "establishment"


def _started(school: School, place: int) -> str:
    if school.first_year >= YEARS[0]:
        return f"{school.first_year}-09-01"
    return f"{2003 + place % 8 if place % 10 < LONG_AT_SCHOOL else 2016 + place % 3}-09-01"


def _swapped(places: list[Teacher], year: int) -> list[Teacher]:
    """Town and country swap teachers of the same stage, backbone for backbone, each for one year."""
    found = {teacher.number: teacher for teacher in places}
    old = [t for t in places if t.is_compulsory and not t.home.is_private and t.place % 10 < LONG_AT_SCHOOL]
    for is_backbone, share in zip((True, False), SWAPS[year], strict=True):
        wanted = ceil(len(old) * Fraction(share))
        for town, country in _pairs(places, is_backbone)[:wanted]:
            moved = f"{year}-09-01"
            found[town.number] = replace(town, school=country.home, place=country.place, started=moved)
            found[country.number] = replace(country, school=town.home, place=town.place, started=moved)
    return list(found.values())


def _pairs(places: list[Teacher], is_backbone: bool) -> list[tuple[Teacher, Teacher]]:
    """Who may swap: of a town school those long there, of a country school anyone, subject for subject."""
    town: dict[tuple[str, str], list[Teacher]] = defaultdict(list)
    country: dict[tuple[str, str], list[Teacher]] = defaultdict(list)
    for teacher in places:
        is_apt = teacher.is_compulsory and teacher.is_backbone == is_backbone and not teacher.home.is_private
        if not is_apt or teacher.home.type_code == SPECIAL_TYPE or teacher.employment != "establishment":
            continue
        key = (teacher.stage, teacher.subject)
        (country if teacher.home.is_rural else town)[key].append(teacher)
    return [
        pair
        for key in sorted(country)
        for pair in zip(sorted(town[key], key=_long_first), country[key], strict=False)
    ]


def _long_first(teacher: Teacher) -> tuple[str, str]:
    return teacher.started, teacher.number


def _person(number: str, name: str) -> dict[str, Cell]:
    return {"教师身份号": number, "姓名": name}


def roster_table(teachers: Teachers) -> Table:
    """Every teacher of every year; three walk to a second school, where they are not full-time."""
    return table_of(
        "teacher",
        f"{YEARS[0]}-{YEARS[-1]}",
        (
            line
            for year in YEARS
            for number, teacher in enumerate(teachers.rosters[year])
            for line in _roster_lines(teacher, year, is_walking=number in (20, 40, 60))
        ),
    )


def _roster_lines(teacher: Teacher, year: int, is_walking: bool) -> Iterator[dict[str, Cell]]:
    yield _roster_line(teacher, year)
    if is_walking:
        second = next(s for s in schools_in(year) if s.is_rural and s.code != teacher.school.code)
        yield {
            **_roster_line(replace(teacher, school=second), year),
            "是否专任教师": flag(False),
            "年工资收入(元)": None,
        }


def _roster_line(teacher: Teacher, year: int) -> dict[str, Cell]:
    is_after = year == AFTER
    place = teacher.place
    return {
        "学年": year,
        "区县代码": DISTRICT_CODE,
        "学校标识码": teacher.school.code,
        **_person(teacher.number, teacher.name),
        "学段": name_zh("stage", teacher.stage),
        "任教学科": name_zh("subject", teacher.subject),
        "学历": name_zh("degree", DEGREES[teacher.stage]),
        "是否持有教师资格证": flag(
            not (is_after and teacher.school.code == UNLICENSED_AT and place in (1, 2))
        ),
        "职称": name_zh("teacher_title", ("second", "first", "senior")[place % 3]),
        **_backbone_cells(teacher, year),
        "聘用方式": name_zh("employment", teacher.employment),
        "是否专任教师": flag(True),
        "到本校工作日期": teacher.started,
        "是否持有心理健康教育证书": flag(teacher.subject == "psychology" or place % 9 == 5),
        "是否修满师德学分": flag(not (is_after and teacher.school.code == NO_CREDIT_AT and place < 5)),
        "是否师德一票否决": flag(teacher.number == "JS2199000007P003"),
        "当年是否晋升或受表彰": flag(place % 12 == 7 or (is_after and teacher.number == "JS2199000007P003")),
        "是否参加社会保险": flag(not (is_after and teacher.school.code == "2199000018" and place < 3)),
        "年工资收入(元)": _pay(teacher, year),
        "是否特教教师": flag(teacher.is_special),
    }


def _backbone_cells(teacher: Teacher, year: int) -> dict[str, Cell]:
    """Recognised for three years from 2019 on and again from 2022, save where that was forgotten."""
    if not teacher.is_backbone:
        # A recognition that has ended counts no more, nor does one below the county.
        level, document = ("county", "样教〔2012〕3号") if teacher.place % 25 == 24 else ("none", None)
        return _recognition(level, document, "2012-09-01", "2018-08-31")
    level = ("county", "county", "city", "province")[teacher.place % 4]
    has_ended = year == AFTER and teacher.home.code == BACKBONE_EXPIRED_AT
    if year < AFTER or has_ended:
        return _recognition(level, "样教〔2019〕8号", "2019-09-01", "2022-08-31")
    return _recognition(level, "样教〔2022〕5号", "2022-09-01", None)


def _recognition(level: str, document: str | None, start: str, end: str | None) -> dict[str, Cell]:
    return {
        "骨干教师级别": name_zh("backbone_level", level),
        "骨干认定文件": document,
        "骨干认定起始日期": start if document else None,
        "骨干认定截止日期": end if document else None,
    }


def _pay(teacher: Teacher, year: int) -> int:
    base = PRIVATE_PAY if teacher.home.is_private else PAY[year]
    return base + (teacher.place % 7 - 3) * 1_500 + (1_200 if teacher.home.is_rural else 0)


def rotation_table(teachers: Teachers) -> Table:
    """Everyone who works away from his own place; one of them moves a second time in the same year."""
    lines: list[dict[str, Cell]] = []
    for year in YEARS:
        moved = [t for t in teachers.rosters[year] if t.school.code != t.home.code]
        lines += [_move(t, year, t.home.code, t.school.code, f"{year}-09-01") for t in moved]
        first = moved[0]
        onward = next(s.code for s in schools_in(year) if s.code not in (first.school.code, first.home.code))
        lines.append(_move(first, year, first.school.code, onward, f"{year + 1}-02-15"))
    return table_of("teacher_rotation", f"{YEARS[0]}-{YEARS[-1]}", lines)


def _move(teacher: Teacher, year: int, left: str, joined: str, day: str) -> dict[str, Cell]:
    return {
        "学年": year,
        "区县代码": DISTRICT_CODE,
        **_person(teacher.number, teacher.name),
        "派出学校标识码": left,
        "接收学校标识码": joined,
        "交流轮岗方式": name_zh("rotation_kind", ("regular", "counterpart", "group")[teacher.place % 3]),
        "交流开始日期": day,
    }


def training_table(teachers: Teachers) -> Table:
    """Hours by teacher and calendar year. Who has none in a year has no row in it."""
    people = {
        t.number: t for year in YEARS for t in teachers.rosters[year] if t.is_compulsory
    }  # the last year's school decides what is broken in it
    special = {t.number for year in YEARS for t in teachers.rosters[year] if t.is_special}
    last = {t.number for t in teachers.rosters[AFTER] if t.school.code == UNTRAINED_AT and t.place < 6}
    unlearned = sorted(t.number for t in teachers.rosters[AFTER] if t.is_special)[:2]
    return table_of(
        "teacher_training",
        f"{TRAINING_YEARS[0]}-{TRAINING_YEARS[-1]}",
        (
            line
            for year in TRAINING_YEARS
            for number in sorted(people)
            if not (year == AFTER and number in last)
            for line in _training_lines(
                people[number], year, number in special and not (year == AFTER and number in unlearned)
            )
        ),
    )


def _training_lines(teacher: Teacher, year: int, is_special: bool) -> Iterator[dict[str, Cell]]:
    cells: dict[str, Cell] = {
        "年度": year,
        "区县代码": DISTRICT_CODE,
        **_person(teacher.number, teacher.name),
    }
    own = SPECIAL_HOURS if is_special else 0
    yield {**cells, "是否特教培训": flag(False), "培训学时": HOURS[year] - own}
    if own:
        yield {**cells, "是否特教培训": flag(True), "培训学时": own}


def establishment_table(teachers: Teachers) -> Table:
    """Posts of public schools: as many as are filled, and some more where a clause is broken."""
    return table_of(
        "establishment",
        f"{YEARS[0]}-{YEARS[-1]}",
        (
            {
                "学年": year,
                "区县代码": DISTRICT_CODE,
                "学校标识码": school.code,
                "学科": name_zh("subject", subject),
                "核定编制数": posts,
            }
            for year in YEARS
            for school in schools_in(year)
            if not school.is_private
            for subject, posts in _posts(school, teachers.rosters[year], year).items()
        ),
    )


def _posts(school: School, roster: list[Teacher], year: int) -> dict[str, int]:
    own = [t for t in roster if t.school.code == school.code]
    subjects = Counter(t.subject for t in own)
    vacant = 2 if year != GOOD_YEAR and school.code in VACANT_POSTS_AT else 0
    posts = {"all": sum(t.employment == "establishment" for t in own) + vacant}
    for group in WATCHED.values():
        for subject in group:
            posts[subject] = subjects[subject]
    if year == AFTER and school.code in SHORT_OF_PSYCHOLOGY_AT:
        posts["psychology"] += 1
    return posts


def tables(district: District) -> list[Table]:
    """The four tables of teachers, one file a record over all years."""
    teachers = Teachers(district)
    builders = (roster_table, rotation_table, training_table, establishment_table)
    return [build(teachers) for build in builders]
