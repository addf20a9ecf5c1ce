"""The lines of the forms of a school's workbook, from what the school reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingest.sample.forms import Line
from ingest.sample.report import FIRST_GRADE, JUNIOR, PRIMARY, SENIOR, Change, Rooms, SchoolReport
from ingest.sample.sheets import Value

BANDS = ((0, 25), *((low, low + 4) for low in range(26, 66, 5)), (66, 999))
BAND_LABELS = ("25人及以下", *(f"{low}－{high}人" for low, high in BANDS[1:-1]), "66人及以上")
STAGE_NAMES = {PRIMARY: "小学", JUNIOR: "初中", SENIOR: "高中"}
# Label, 编号 and place in a grade's figures.
PUPIL_LINES = (
    ("总计", 1, 0),
    ("女", 2, 1),
    ("寄宿生", 5, 2),
    ("进城务工人员随迁子女", 9, 3),
    ("农村留守儿童", 12, 4),
    ("随班就读", 15, 5),
)
CHANGE_HEADINGS = (
    "上学年初报表在校学生数",
    *(f"增加学生数/{name}" for name in ("合计", "招生", "复学", "转入", "其他")),
    *(f"减少学生数/{name}" for name in ("合计", "毕业", "结业", "休学", "退学", "死亡", "转出", "其他")),
    "本学年初报表在校学生数",
)
CHANGE_ROWS = ("幼儿园", "小学", "初中", "高中", "特殊教育")
COMPLETED_COLUMN = 8  # 结业: no stage below the senior one knows it
OTHER_CONTACT_CELLS = ("000000", "23.0")


def pupil_lines(report: SchoolReport, stage: str, before: Sequence[Any], after: int) -> list[Line]:
    """Figures before the total, total, girls, a column a grade, ``after`` columns that stay blank."""
    grades = report.pupils[stage]
    lines: list[Line] = []
    for label, number, place in PUPIL_LINES:
        figures = [grade[place] for grade in grades]
        known = [figure for figure in figures if figure is not None]
        total = sum(known) if known else None
        girls = sum(grade[1] or 0 for grade in grades) if place == 0 else "*"
        lines.append((label, number, [*before, total, girls, *figures, *[None] * after]))
    return lines


def teacher_lines(
    report: SchoolReport, stage: str, course_columns: Sequence[int], width: int, *, is_split: bool
) -> list[Line]:
    """By course, then by degree; ``is_split``: doctors and masters apart, as the newer forms print them."""
    teachers, is_junior = report.teachers[stage], stage == JUNIOR
    first = [teachers.total, *[0] * (width - 1)]
    for column, figure in zip(course_columns, teachers.courses, strict=True):
        first[column - 1] = figure
    first[3] = teachers.total - sum(teachers.courses)
    lines: list[Line] = [("初中" if is_junior else "总计", 1, first)]
    lines += [("女", 2, [teachers.total // 2]), ("少数民族", 3, [0])]
    if is_junior:
        lines.append(("在编人员", 4, [teachers.total]))
    named = _degrees(teachers.degrees, is_split=is_split, is_short=is_junior and not is_split)
    first_degree = len(lines) + 1
    return lines + [(label, first_degree + n, [figure]) for n, (label, figure) in enumerate(named)]


def _degrees(degrees: Sequence[int], *, is_split: bool, is_short: bool) -> list[tuple[str, int]]:
    doctor, master, bachelor, college, senior, less = degrees
    named = [("博士研究生毕业", doctor), ("硕士研究生毕业", master)] if is_split else []
    named += [] if is_split else [("研究生毕业", doctor + master)]
    named += [("本科毕业", bachelor), ("专科毕业", college)]
    if is_short:
        return [*named, ("高中阶段毕业及以下", senior + less)]
    return [*named, ("高中阶段毕业", senior), ("高中阶段毕业以下", less)]


def courses(width: int, known: Mapping[int, str], top: str) -> list[str]:
    """Headings of a form of teachers: the courses that are read by name, the others by number."""
    return ["合计", *(f"{top}/{known.get(n, f'课程{n}')}" for n in range(2, width + 1))]


def bands_of(classes: Sequence[int]) -> list[int]:
    """All classes, and how many lie in each band."""
    return [len(classes), *(sum(low <= size <= high for size in classes) for low, high in BANDS)]


def class_lines(report: SchoolReport, stage: str, total: str, first_band: int, after: int) -> list[Line]:
    """The total, what of it is special, the bands; a band without classes is blank."""
    first = FIRST_GRADE[stage]
    of_grade = [report.classes.get(first + n, ()) for n in range(len(report.pupils[stage]))]
    columns = [bands_of([size for sizes in of_grade for size in sizes]), *map(bands_of, of_grade)]
    numbers = [1, *range(first_band, first_band + len(BANDS))]
    lines: list[Line] = [
        (label, number, [*(column[place] or None for column in columns), *[None] * after])
        for place, (label, number) in enumerate(zip([total, *BAND_LABELS], numbers, strict=True))
    ]
    if first_band > 2:
        lines.insert(1, ("其中：复式班", 2, [None]))
    return lines


def title_lines(report: SchoolReport) -> list[Line]:
    """The stages one below the other, each with its titles."""
    lines: list[Line] = []
    for stage, teachers in report.teachers.items():
        highest, high, middle = teachers.titles
        none = teachers.total - highest - high - middle
        named = [(STAGE_NAMES[stage], teachers.total), ("其中：女", teachers.total // 2)]
        named += [("正高级", highest), ("副高级", high), ("中级", middle), ("助理级", 0), ("未定职级", none)]
        start = len(lines) + 1
        lines += [(label, start + n, [figure]) for n, (label, figure) in enumerate(named)]
    return lines


def change_lines(report: SchoolReport) -> list[Line]:
    """Last year + in − out = this year, for each stage."""
    blank = [None] * COMPLETED_COLUMN + ["*"] + [None] * (len(CHANGE_HEADINGS) - COMPLETED_COLUMN - 1)
    lines: list[Line] = []
    for name in CHANGE_ROWS:
        change = next((c for stage, c in report.changes.items() if STAGE_NAMES[stage] == name), None)
        first = len(lines) + 1
        lines.append((name, first, _changed(change) if change else blank))
        lines += [(label, first + n, blank) for n, label in enumerate(("女", "少数民族"), start=1)]
    return lines


def _changed(change: Change) -> list[Any]:
    more, less = change.admitted + change.moved_in, change.graduated + change.moved_out
    came = [more, change.admitted, None, change.moved_in or None, None]
    went = [less, change.graduated, "*", None, None, None, change.moved_out or None, None]
    return [change.before, *came, *went, change.now]


def room_lines(rooms: Rooms, before: Sequence[str], sports_row: int, end: int) -> list[Line]:
    """Lines above, teaching and auxiliary rooms with their parts, then the rooms of the office."""
    first = len(before) + 1
    lines: list[Line] = [(label, n, ["9000"]) for n, label in enumerate(before, start=1)]
    lines.append(("一、教学及辅助用房", first, [_plain(rooms.auxiliary)]))
    for number in range(first + 1, end):
        area = rooms.sports if number == sports_row else Decimal(0)
        lines.append(("室内体育用房" if number == sports_row else f"用房{number}", number, [_plain(area)]))
    lines[first] = ("教室", first + 1, [_plain(rooms.auxiliary - rooms.sports)])
    return [*lines, ("二、行政办公用房", end, ["300"])]


def ground_2020(rooms: Rooms) -> tuple[list[str], list[Line]]:
    """Headings and the one line of form 522."""
    headings, figures = [f"项目{n}" for n in range(1, 13)], ["1"] * 12
    special = rooms.multimedia // 5
    named = {
        3: ("占地面积/其中/运动场/运动场地面积", _plain(rooms.ground)),
        9: ("教室/普通教室/其中：网络多媒体教室", str(rooms.multimedia - special)),
        11: ("教室/专用教室/其中：网络多媒体教室", str(special)),
        12: ("固定资产/教学、实习仪器设备资产值", _plain(rooms.equipment)),
    }
    for number, (heading, figure) in named.items():
        headings[number - 1], figures[number - 1] = heading, figure
    return headings, [("总计", 1, figures)]


def ground_lines_2021(rooms: Rooms) -> list[Line]:
    """The lines of form 5176."""
    lines: list[Line] = [(f"项目{n}", n, ["1"]) for n in range(1, 16)]
    lines[1], lines[6] = ("#运动场地面积", 2, [_plain(rooms.ground)]), ("图书", 7, [rooms.books])
    lines[11] = ("网络多媒体教室", 12, [rooms.multimedia])
    lines[13] = ("#教学、实习仪器设备资产值", 14, [_plain(rooms.equipment)])
    lines[14] = ("教学用计算机", 15, [rooms.computers])
    return lines


def school_rows_2020(report: SchoolReport) -> list[list[Value]]:
    """Form 111: whose workbook it is, in parts one below the other; contacts among them."""
    who, post = report.contacts, OTHER_CONTACT_CELLS
    office = "示例区教育局"
    return [
        ["基础教育学校（机构）统计调查表"],
        [f"（{report.year} /{report.year + 1} 学年初）"],
        ["制定机关：教       育       部_x000D_\n批准文号：国统制 【2018】 86号"],
        ["基础基111"],
        ["学校标识码", "", "学校（机构）名称（章）", "", "", "", "学校（机构）英文名称"],
        [report.code, "", report.name, "", "", "", "*"],
        ["续"],
        _apart(2, "学校（机构）地址", 5, "学校（机构）所在地城乡类型", 6, "学校（机构）属地管理教育行政部门"),
        ["名称", "", who.address, "", "", report.place[0], office],
        ["代码", "", report.address, "", "", report.place[1], report.office],
        ["续"],
        ["", "", "学校（机构）办学类型", "学校（机构）举办者", "", "学校（机构）性质类别", "规定年制"],
        ["名称", "", report.kind[0], report.operator[0], "", "*", "小学", "-1"],
        ["代码", "", report.kind[1], report.operator[1], "", "*", "初中", "-1"],
        ["续"],
        _apart(0, "邮政编码", 2, post[0], 3, "校园（局域）网域名", 6, "校（园）长（签章）", 7, "填表人"),
        [
            *_apart(0, "办公电话", 2, who.telephone, 3, "单位电子信箱", 5, who.mail),
            who.head,
            who.filler,
            "经度",
        ],
        _apart(
            0, "传真电话", 2, who.telephone, 3, "填表人电子信箱", 5, who.mail, 8, who.longitude, 9, post[1]
        ),
        ["续"],
        ["", "", "学校（机构）举办者", "学校（机构）属地管理教育行政部门", "", "学校（机构）地址"],
        ["名称", "附设幼儿班", "", "", "", "", "小学", "*"],
        ["代码", "119", "", "", "", "", "初中", "*"],
    ]


def _apart(*places: Any) -> list[Value]:
    """A row of texts, each after its column; the cells between them are blank."""
    row: list[Value] = [""] * (places[-2] + 1)
    for column, text in zip(places[::2], places[1::2], strict=True):
        row[column] = text
    return row


def school_rows_2021(report: SchoolReport) -> list[list[Value]]:
    """Form 1001: a row an answer; contacts among them."""
    who = report.contacts
    answers = [
        ("学校（机构）标识码", report.code),
        ("学校（机构）名称", report.name),
        ("学校（机构）地址", who.address),
        ("学校（机构）地址代码", report.address),
        ("学校（机构）驻地城乡类型", report.place[0]),
        ("学校（机构）属地管理教育行政部门", "示例区教育局"),
        ("学校（机构）属地管理教育行政部门代码", report.office),
        ("办公电话", who.telephone),
        ("单位电子信箱", who.mail),
        ("校长", who.head),
        ("填表人", who.filler),
        ("经度", who.longitude),
        ("学校（机构）办学类型", report.kind[0]),
        ("学校（机构）举办者", report.operator[0]),
    ]
    rows: list[list[Value]] = [["学校（机构）统计调查表"], ["指标名称", "代码", "内容"]]
    return rows + [[label, str(number), text] for number, (label, text) in enumerate(answers, start=1)]


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
