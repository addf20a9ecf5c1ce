"""School workbooks of the education statistics, form by form: both generations, one workbook a school.

A form is written where the school has its stage. Layout, titles and codes are those of the forms; between the
rows and columns that are read stand placeholders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingest.sample.form_basics import (
    SPECIAL_HEADINGS,
    STAFF_HEADINGS,
    basics_2020,
    basics_lines_2021,
    special_lines,
    staff_lines,
)
from ingest.sample.form_lines import (
    CHANGE_HEADINGS,
    change_lines,
    class_lines,
    courses,
    ground_2020,
    ground_lines_2021,
    pupil_lines,
    room_lines,
    school_rows_2020,
    school_rows_2021,
    teacher_lines,
    title_lines,
)
from ingest.sample.form_training import TRAINING_HEADINGS, training_lines
from ingest.sample.forms import Style, framed, grid
from ingest.sample.report import JUNIOR, PRIMARY, SchoolReport
from ingest.sample.sheets import Sheet, Value

FRAMED, FRAMED_WIDE = Style(is_framed=True), Style(is_framed=True, label_columns=2)
PLAIN, WITH_UNITS = Style(is_framed=False), Style(is_framed=False, has_units=True)
GRADES_ZH = "一二三四五六"
TITLES_NAME = "专任教师分专业技术职务、分年龄"

Book = dict[str, Sheet]


def book_2020(report: SchoolReport) -> Book:
    """The school in the forms 基础基xxx."""
    return {sheet.name: sheet for sheet in _sheets_2020(report)}


def book_2021(report: SchoolReport) -> Book:
    """The school in the forms 教基xxxx: no frame, the type of school in the names of the sheets."""
    return {sheet.name.split("_")[0]: sheet for sheet in _sheets_2021(report)}


def _sheets_2020(report: SchoolReport) -> Iterator[Sheet]:
    yield framed(Sheet("基础基111", school_rows_2020(report)))
    yield framed(Sheet("基础基112", basics_2020(report)))
    if report.note:
        rows: list[list[Value]] = [["数据核查结果说明及建议"], ["基础基112续表1"], [report.note]]
        yield framed(Sheet("基础基112续表1", rows))
    for stage in report.pupils:
        yield from _STAGE_2020[stage](report)
    yield grid("基础基331", "学生变动情况", CHANGE_HEADINGS, change_lines(report), FRAMED)
    staff = staff_lines(report.basics)
    if report.special:
        pupils = special_lines(report.special)
        yield grid("基础基315", "特殊教育学生数", SPECIAL_HEADINGS, pupils, FRAMED_WIDE)
        yield grid("基础基413", "特殊教育学校教职工", STAFF_HEADINGS, staff, FRAMED)
    else:
        yield grid("基础基412", "中小学教职工", STAFF_HEADINGS, staff, FRAMED)
    yield grid("基础基422", TITLES_NAME, ["合计", "24岁及以下"], title_lines(report), FRAMED)
    yield grid("基础基442", "专任教师接受培训情况", TRAINING_HEADINGS, training_lines(report), FRAMED)
    rooms = room_lines(report.rooms, ["总计", "危房", "当年新增校舍"], 10, 14)
    areas = ["校舍建筑面积/合计", "校舍建筑面积/框架结构"]
    yield grid("基础基512", "中小学校舍情况", areas, rooms, FRAMED_WIDE)
    yield grid("基础基522", "中小学占地面积及其他办学条件", *ground_2020(report.rooms), FRAMED)
    counts = [report.rooms.books, report.rooms.computers + 20, report.rooms.computers]
    headings = ["图书（册）", "计算机（台）/合计", "计算机（台）/其中：教学用计算机"]
    yield grid("基础基531", "中小学信息化情况", headings, [("总计", 1, counts)], FRAMED)


def _primary_2020(report: SchoolReport) -> Iterator[Sheet]:
    headings = [
        "毕业生数",
        "招生数/合计",
        "招生数/其中：受过学前教育",
        "在校学生数/合计",
        "在校学生数/其中：女",
    ]
    headings += [f"在校学生数/{grade}年级" for grade in GRADES_ZH] + ["预计毕业生数"]
    admitted = report.changes[PRIMARY].admitted
    before = [report.changes[PRIMARY].graduated, admitted, admitted]
    yield grid("基础基312", "小学学生数", headings, pupil_lines(report, PRIMARY, before, 1), FRAMED_WIDE)
    grades = ["合计", *(f"{grade}年级" for grade in GRADES_ZH), "复式班"]
    lines = class_lines(report, PRIMARY, "小学班数", 3, 1)
    yield grid("基础基212", "小学教学班数、班额情况", grades, lines, FRAMED_WIDE)
    named = courses(16, {10: "体育与健康", 11: "艺术", 13: "音乐", 14: "美术"}, "按课程分/计")
    teachers = teacher_lines(report, PRIMARY, (10, 11, 13, 14), 16, is_split=False)
    yield grid("基础基423", "小学专任教师分课程、分学历", named, teachers, FRAMED)


def _junior_2020(report: SchoolReport) -> Iterator[Sheet]:
    headings = ["毕业生数", "招生数", "在校学生数/合计", "在校学生数/其中：女"]
    headings += [f"在校学生数/{grade}年级" for grade in GRADES_ZH[:4]] + ["预计毕业生数"]
    before = [report.changes[JUNIOR].graduated, report.changes[JUNIOR].admitted]
    yield grid("基础基313", "初中学生数", headings, pupil_lines(report, JUNIOR, before, 2), FRAMED_WIDE)
    grades = ["初中/合计", *(f"初中/{grade}年级" for grade in GRADES_ZH[:4]), "高中/合计", "高中/一年级"]
    lines = class_lines(report, JUNIOR, "班数", 3, 3)
    yield grid("基础基213", "中学教学班数、班额情况", grades, lines, FRAMED_WIDE)
    named = courses(24, {19: "体育与健康", 20: "艺术", 21: "音乐", 22: "美术"}, "按课程分/计")
    teachers = teacher_lines(report, JUNIOR, (19, 20, 21, 22), 24, is_split=False)
    yield grid("基础基424", "中学专任教师分课程、分学历", named, teachers, FRAMED)


def _sheets_2021(report: SchoolReport) -> Iterator[Sheet]:
    kind = f"_{report.kind[0]}"
    yield Sheet(f"教基1001{kind}", school_rows_2021(report))
    basics = basics_lines_2021(report)
    yield grid(f"教基1102续{kind}", "学校（机构）基本情况", ["数量/计"], basics, WITH_UNITS)
    for stage in report.pupils:
        yield from _STAGE_2021[stage](report, kind)
    staff = staff_lines(report.basics)
    if report.special:
        pupils = special_lines(report.special)
        yield grid(f"教基3120{kind}", "特殊教育分类型学生数", SPECIAL_HEADINGS, pupils, PLAIN)
        yield grid(f"教基4150{kind}", "特殊教育学校教职工", STAFF_HEADINGS, staff, PLAIN)
    else:
        yield grid(f"教基4149{kind}", "中小学教职工", STAFF_HEADINGS, staff, PLAIN)
    yield grid(f"教基4153{kind}", TITLES_NAME, ["合计", "24岁及以下"], title_lines(report), PLAIN)
    areas = ["上学年校舍建筑面积/计", "增加面积/计", "减少面积/计", "本学年校舍建筑面积/计"]
    rooms = room_lines(report.rooms, [f"校舍{n}" for n in range(1, 5)], 12, 16)
    in_fourth = [(label, number, ["1", "", "", *figures]) for label, number, figures in rooms]
    yield grid(f"教基5170{kind}", "校舍情况", areas, in_fourth, PLAIN)
    yield grid(f"教基5176{kind}", "办学条件", ["数量/计"], ground_lines_2021(report.rooms), WITH_UNITS)


def _primary_2021(report: SchoolReport, kind: str) -> Iterator[Sheet]:
    headings = ["毕业生数", "招生数", *(f"接受学前教育/{n}" for n in ("未接受过", "一年", "两年", "三年"))]
    headings += ["在校生数/合计", "在校生数/#女", *(f"在校生数/{grade}年级" for grade in GRADES_ZH)]
    admitted = report.changes[PRIMARY].admitted
    before = [report.changes[PRIMARY].graduated, admitted, 0, 0, 0, admitted]
    lines = pupil_lines(report, PRIMARY, before, 1)
    yield grid(f"教基3112{kind}", "小学分类型学生数", [*headings, "预计毕业生数"], lines, PLAIN)
    grades = ["合计", *(f"{grade}年级" for grade in GRADES_ZH)]
    classes = class_lines(report, PRIMARY, "总计", 2, 0)
    yield grid(f"教基2106{kind}", "小学班额情况", grades, classes, PLAIN)
    named = courses(16, {10: "体育与健康", 12: "艺术", 13: "音乐", 14: "美术"}, "按课程分")
    teachers = teacher_lines(report, PRIMARY, (10, 12, 13, 14), 16, is_split=True)
    yield grid(f"教基4155{kind}", "小学专任教师分课程、分学历", named, teachers, PLAIN)


def _junior_2021(report: SchoolReport, kind: str) -> Iterator[Sheet]:
    headings = ["毕业生数", "招生数", "在校生数/合计", "在校生数/#女"]
    headings += [f"在校生数/{grade}年级" for grade in GRADES_ZH[:4]] + ["预计毕业生数"]
    before = [report.changes[JUNIOR].graduated, report.changes[JUNIOR].admitted]
    lines = pupil_lines(report, JUNIOR, before, 2)
    yield grid(f"教基3115{kind}", "初中分类型学生数", headings, lines, PLAIN)
    grades = ["初中合计", "初一", "初二", "初三", "高中合计"]
    classes = class_lines(report, JUNIOR, "总计", 2, 1)
    yield grid(f"教基2107{kind}", "中学班额情况", grades, classes, PLAIN)
    named = courses(24, {19: "体育与健康", 20: "艺术", 21: "音乐", 22: "美术"}, "按课程分")
    teachers = teacher_lines(report, JUNIOR, (19, 20, 21, 22), 24, is_split=True)
    yield grid(f"教基4156{kind}", "中学专任教师分课程、分学历", named, teachers, PLAIN)


_STAGE_2020: dict[str, Callable[[SchoolReport], Iterator[Sheet]]] = {
    PRIMARY: _primary_2020,
    JUNIOR: _junior_2020,
}
_STAGE_2021: dict[str, Callable[[SchoolReport, str], Iterator[Sheet]]] = {
    PRIMARY: _primary_2021,
    JUNIOR: _junior_2021,
}
BOOKS = {"基础基": book_2020, "教基": book_2021}
