"""Checks of what the statistics tell of the training of full-time teachers in the school year before."""

from __future__ import annotations

from dataclasses import replace

from expectations.check import Check, Grace, Text, no_row_where, no_rows
from expectations.rule_parts import STAGE, seed_rows
from expectations.rules_beside import standing

_MEND = Text("与 442 表核对，改正后重新交入", "compare with form 442 and correct it")


def training_checks() -> list[Check]:
    """Those of the record of staffing."""
    return [
        no_row_where(
            "training_has_person_times",
            "training_hours > 0 and training_person_times = 0",
            what=Text("有培训学时的，培训人次不为 0", "where there are hours of training, somebody had them"),
            matters=Text("学时与人次多为错列", "Hours without anybody mostly come from swapped columns"),
            mend=_MEND,
            column="training_person_times",
        ),
        no_row_where(
            "training_has_teachers",
            "training_teachers = 0 and (training_person_times > 0 or training_hours > 0)",
            what=Text(
                "有培训人次或学时的，培训统计专任教师数不为 0",
                "where there was training, there were teachers",
            ),
            matters=Text("人均培训学时以该教师数为分母", "Hours a teacher are measured on these teachers"),
            mend=_MEND,
            column="training_teachers",
        ),
        _hours_cover_person_times(),
        _teachers_of_these_years(),
    ]


def _grace() -> Grace:
    return Grace.first_of(row for row in seed_rows("record_due") if row["record"] == "staffing")


def _hours_cover_person_times() -> Check:
    """Trainings of less than a class hour could be: it is told and holds nothing up. The real form has 1512
    hours of 56 person-times."""
    check = no_row_where(
        "training_hours_cover_person_times",
        "training_hours < training_person_times",
        what=Text(
            "培训学时不少于培训人次（一人次培训至少 1 学时）",
            "hours of training are no fewer than person-times (a training is of one class hour at least)",
        ),
        matters=Text(
            "学时少于人次多为两列填反，人均学时会大为偏低",
            "Fewer hours than person-times mostly come from swapped columns: hours a teacher are far too few",
        ),
        mend=_MEND,
        column="training_hours",
    )
    return replace(check, grace=_grace())


def _teachers_of_these_years() -> Check:
    """The form does not say of which day its teachers are: more than at either end of the year it tells of
    cannot be true, so that is told, and that they are as many is not asked."""
    same = " and ".join(f"told.{key} = reckoned.{key}" for key in STAGE.split(", "))
    return no_rows(
        "training_teachers_are_those_of_the_years",
        f"""
        with reckoned as (
            select source_sheet, source_row, {STAGE}, training_teachers, full_time_teachers
            from {{batch}} where training_teachers is not null
        ),
        before as (select distinct district_code, school_year - 1 as school_year from reckoned),
        told as (
            select district_code, school_year + 1 as school_year, school_code, stage,
                full_time_teachers as teachers
            from raw.staffing
            where (district_code, school_year) in (select district_code, school_year from before)
            and batch_id = any(array({standing("staffing", "before")}))
        )
        select source_sheet, source_row from reckoned
        where exists (select 1 from told where {same} and teachers is not null)
        and not exists (
            select 1 from told where {same} and (
                teachers is null or training_teachers <= greatest(teachers, full_time_teachers)
            )
        )
        """,
        what=Text(
            "培训统计专任教师数不超过该校该学段上一学年与本学年专任教师数中较大的一个",
            "the teachers of the training form are no more than the school's stage had, last year or this",
        ),
        matters=Text(
            "人均培训学时以该教师数为分母，多填会使人均偏低",
            "Hours a teacher are measured on these teachers: too many make them too few",
        ),
        mend=Text(
            "核对 442 表列 1 与上一学年、本学年的专任教师数，改正错的一方",
            "compare column 1 of form 442 with the full-time teachers of both years and correct it",
        ),
        column="training_teachers",
        grace=_grace(),
    )
