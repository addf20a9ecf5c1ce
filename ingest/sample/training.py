"""What the made district's schools tell of the training of their teachers in the year before."""

from __future__ import annotations

from ingest.sample.district import OLD_FORMS, YEARS, District, School
from ingest.sample.parts import Cell
from ingest.sample.report import Training
from ingest.sample.teachers import HOURS

# By level from the nation to the county: of so many teachers one, and hours of each training.
OF_TEACHERS = ((20, 40), (10, 24), (5, 12), (1, 16))
AT_SCHOOL = 2  # trainings of every teacher at the school itself
# Schools that leave the form blank in a year.
SILENT = {("2199000009", 2020)}


def training_of(district: District, school: School, stage: str, year: int) -> Training | None:
    """Of the teachers of the year before, as many hours a teacher as the record of training has of that year;
    none of a school that was not open yet, or that leaves the form blank."""
    if school.first_year >= year or (school.code, year) in SILENT:
        return None
    # The district begins with its first year: the teachers before are taken to be as many.
    teachers = district.staff(school, stage, max(year - 1, YEARS[0]))["full_time_teachers"]
    outside = tuple((teachers // one_of, teachers // one_of * hours) for one_of, hours in OF_TEACHERS)
    rest = teachers * HOURS[year - 1] - sum(hours for _, hours in outside)
    return Training(teachers, (*outside, (AT_SCHOOL * teachers, rest), (0, 0)))


def training_cells(district: District, school: School, stage: str, year: int) -> dict[str, Cell]:
    """The figures in our own template; the newer forms do not tell them, so nor does the template then."""
    if year not in OLD_FORMS:
        return {}
    told = training_of(district, school, stage, year)
    return {
        "培训统计专任教师数": told.teachers if told else None,
        "专任教师接受培训人次": told.person_times if told else None,
        "专任教师接受培训学时": told.hours if told else None,
    }
