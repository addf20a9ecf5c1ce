"""Made school workbooks of both generations of the education statistics: a nine-year school.

The figures are invented; layout, titles and codes are those of the forms: a frame of letters and row numbers
(2020/21), a title, the code, merged headers, 甲 | 乙 | 1 | 2 …, numbers as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

CONTACTS = ("13912345678", "headmaster@example.org", "张三丰", "李填表", "113.123456", "示例路 8 号")
SCHOOL = {
    "code": "3199000001",
    "name": "示例九年一贯制学校",
    "address": "990101001005",
    "office": "990101000000",
    "type": ("九年一贯制学校", "312"),
    "operator": ("县级教育部门", "831"),
    "place": ("镇中心区", "121"),
}
# Students by grade: all, girls, boarders, migrant workers' children, left-behind children.
PRIMARY = [(101, 50, 11, 21, 5), (102, 51, 12, 22, 6), (103, 52, 13, 23, 7), (104, 53, 14, 24, 8)]
PRIMARY += [(105, 54, 15, 25, 9), (106, 55, 16, 26, 10)]
JUNIOR = [(81, 40, 31, 12, 3), (82, 41, 32, 13, 4), (83, 42, 33, 14, 5)]
TEACHERS = {  # total, degrees from doctor to less than senior secondary, PE, arts, music, fine art, backbone
    "primary": (30, (0, 1, 20, 8, 1, 0), (2, 0, 1, 1), 4),
    "junior_secondary": (24, (1, 3, 18, 2, 0, 0), (2, 1, 1, 0), 5),
}
ROOMS = {"auxiliary": "4200.5", "sports": "600", "ground": "9000", "equipment": "210.35", "multimedia": 31}
BOOKS, COMPUTERS = 20000, 150
# Pupils of every class by grade; they make the pupils above.
CLASSES = {1: [46, 55], 2: [51, 51], 3: [52, 51], 4: [45, 59], 5: [66, 39], 6: [36, 35, 35]}
CLASSES |= {7: [50, 31], 8: [51, 31], 9: [25, 58]}
BANDS = [(0, 25), *((low, low + 4) for low in range(26, 66, 5)), (66, 999)]
TITLES = {"小学": (1, 6, 12), "初中": (0, 5, 9)}  # highest, high, middle


@dataclass
class Sheet:
    """Rows of text from the first cell on, and which cells are merged (first and last, from 0)."""

    name: str
    rows: list[list[Any]]
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def row_with(self, text: str) -> int:
        """The first row that has the text in a cell."""
        return next(n for n, row in enumerate(self.rows) if text in row)

    def insert_row(self, at: int, cells: list[Any]) -> None:
        """A row more; what was there and below moves down, merges included."""
        self.rows.insert(at, cells)
        self.merges = [
            ((top + (top >= at), left), (bottom + (bottom >= at), right))
            for (top, left), (bottom, right) in self.merges
        ]

    def unmerge(self) -> None:
        """What a merged cell says stands in each of its cells."""
        for (top, left), (bottom, right) in self.merges:
            for row in self.rows[top : bottom + 1]:
                row += [""] * (right + 1 - len(row))
                row[left : right + 1] = [self.rows[top][left]] * (right + 1 - left)
        self.merges = []

    def swap_columns(self, first: int, second: int) -> None:
        """Two columns change places, header and all."""
        for row in self.rows:
            row += [""] * (max(first, second) + 1 - len(row))
            row[first], row[second] = row[second], row[first]


Book = dict[str, Sheet]


def write_book(path: Path, book: Book) -> Path:
    """The workbook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as target:
        for sheet in book.values():
            page = target.add_worksheet(sheet.name)
            for number, row in enumerate(sheet.rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        page.write(number, column, cell)
            for (top, left), (bottom, right) in sheet.merges:
                page.merge_range(top, left, bottom, right, sheet.rows[top][left])
    return path


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def grid(
    name: str,
    title: str,
    headings: list[str],
    lines: list[tuple[str, int, list[Any]]],
    *,
    is_framed: bool,
    label_columns: int = 1,
    units: bool = False,
) -> Sheet:
    """A form: ``headings`` are paths with '/', ``lines`` are label, 编号 and figures."""
    depth = max(heading.count("/") + 1 for heading in headings)
    before = label_columns + 1 + units
    code = name.split("_")[0]
    rows: list[list[Any]] = [[title], [f"{code}                    单位：人"]]
    paths = [heading.split("/") for heading in headings]
    for level in range(depth):
        lead = ["指标名称", *[""] * (label_columns - 1), "编号"] if level == 0 else [""] * (label_columns + 1)
        lead += ["计量单位"] * units if level == 0 else [""] * units
        rows.append([*lead, *(path[level] if level < len(path) else "" for path in paths)])
    rows.append(
        [*["甲"], *[""] * (label_columns - 1), "乙", *["丙"] * units, *map(str, range(1, len(headings) + 1))]
    )
    for label, number, figures in lines:
        rows.append(
            [label, *[""] * (label_columns - 1), _text(number), *["个"] * units, *map(_text, figures)]
        )
    sheet = Sheet(name, rows)
    _merge_headings(sheet, paths, before, depth)
    return _framed(sheet) if is_framed else sheet


def _merge_headings(sheet: Sheet, paths: list[list[str]], before: int, depth: int) -> None:
    for level in range(depth - 1):
        column = 0
        while column < len(paths):
            end = column
            while end + 1 < len(paths) and paths[end + 1][: level + 1] == paths[column][: level + 1]:
                end += 1
            is_leaf = len(paths[column]) == level + 1
            if end > column or is_leaf:
                bottom = 2 + depth - 1 if is_leaf else 2 + level
                sheet.merges.append(((2 + level, before + column), (bottom, before + end)))
                for repeated in range(column + 1, end + 1):
                    sheet.rows[2 + level][before + repeated] = ""
            column = end + 1


def _framed(sheet: Sheet) -> Sheet:
    """The sheet with the frame of the 2020/21 export: letters above, row numbers on the left."""
    width = max(map(len, sheet.rows)) + 1
    letters = [chr(ord("A") + n % 26) for n in range(width)]
    rows = [letters, *([float(n), *row] for n, row in enumerate(sheet.rows, start=1))]
    merges = [((t + 1, x + 1), (b + 1, r + 1)) for (t, x), (b, r) in sheet.merges]
    return Sheet(sheet.name, rows, merges)


def _school_2020() -> Sheet:
    s = SCHOOL
    rows: list[list[Any]] = [
        ["基础教育学校（机构）统计调查表"],
        ["（2020 /2021 学年初）"],
        ["制定机关：教       育       部_x000D_\n批准文号：国统制 【2018】 86号"],
        ["基础基111"],
        ["学校标识码", "", "学校（机构）名称（章）", "", "", "", "学校（机构）英文名称"],
        [s["code"], "", s["name"], "", "", "", "*"],
        ["续"],
        [
            "",
            "",
            "学校（机构）地址",
            "",
            "",
            "学校（机构）所在地城乡类型",
            "学校（机构）属地管理教育行政部门",
        ],
        ["名称", "", CONTACTS[5], "", "", s["place"][0], "示例区教育局"],
        ["代码", "", s["address"], "", "", s["place"][1], s["office"]],
        ["续"],
        ["", "", "学校（机构）办学类型", "学校（机构）举办者", "", "学校（机构）性质类别", "规定年制"],
        ["名称", "", s["type"][0], s["operator"][0], "", "*", "小学", "-1"],
        ["代码", "", s["type"][1], s["operator"][1], "", "*", "初中", "-1"],
        ["续"],
        [
            "邮政编码",
            "",
            "000000",
            "校园（局域）网域名",
            "",
            "",
            "校（园）长（签章）",
            "填表人",
            "学校（机构）所在地",
        ],
        [
            "办公电话",
            "",
            CONTACTS[0],
            "单位电子信箱",
            "",
            CONTACTS[1],
            CONTACTS[2],
            CONTACTS[3],
            "经度",
            "纬度",
        ],
        ["传真电话", "", CONTACTS[0], "填表人电子信箱", "", CONTACTS[1], "", "", CONTACTS[4], "23.0"],
        ["续"],
        ["", "", "学校（机构）举办者", "学校（机构）属地管理教育行政部门", "", "学校（机构）地址"],
        ["名称", "附设幼儿班", "", "", "", "", "小学", "*"],
        ["代码", "119", "", "", "", "", "初中", "*"],
    ]
    return _framed(Sheet("基础基111", rows))


def _school_2021() -> Sheet:
    s = SCHOOL
    items = [
        ("学校（机构）标识码", s["code"]),
        ("学校（机构）名称", s["name"]),
        ("学校（机构）地址", CONTACTS[5]),
        ("学校（机构）地址代码", s["address"]),
        ("学校（机构）驻地城乡类型", s["place"][0]),
        ("学校（机构）属地管理教育行政部门", "示例区教育局"),
        ("学校（机构）属地管理教育行政部门代码", s["office"]),
        ("办公电话", CONTACTS[0]),
        ("单位电子信箱", CONTACTS[1]),
        ("校长", CONTACTS[2]),
        ("填表人", CONTACTS[3]),
        ("经度", CONTACTS[4]),
        ("学校（机构）办学类型", s["type"][0]),
        ("学校（机构）举办者", s["operator"][0]),
    ]
    rows: list[list[Any]] = [["学校（机构）统计调查表"], ["指标名称", "代码", "内容"]]
    rows += [[label, str(number), value] for number, (label, value) in enumerate(items, start=1)]
    return Sheet("教基1001_九年一贯制学校", rows)


def _pupil_lines(
    grades: list[tuple[int, ...]], before: list[Any], after: int
) -> list[tuple[str, int, list[Any]]]:
    """Lines of a form of pupils: figures before the total, total, girls, a column a grade, ``after`` more."""
    lines = []
    kinds = [
        ("总计", 1, 0),
        ("女", 2, 1),
        ("寄宿生", 5, 2),
        ("进城务工人员随迁子女", 9, 3),
        ("农村留守儿童", 12, 4),
    ]
    for label, number, kind in kinds:
        figures = [grade[kind] for grade in grades]
        girls = sum(grade[1] for grade in grades) if kind == 0 else "*"
        lines.append((label, number, [*before, sum(figures), girls, *figures, *[""] * after]))
    return lines


def _teacher_lines(
    stage: str, arts: list[int], width: int, *, has_more_lines: bool, is_split: bool
) -> list[tuple[str, int, list[Any]]]:
    """Lines of a form of teachers: by course, then by degree (``is_split``: doctors and masters apart)."""
    total, degrees, courses, _ = TEACHERS[stage]
    first = [total, *[0] * (width - 1)]
    for number, figure in zip(arts, courses, strict=True):
        first[number - 1] = figure
    first[3] = total - sum(courses)
    label = "初中" if stage == "junior_secondary" else "总计"
    lines: list[tuple[str, int, list[Any]]] = [
        (label, 1, first),
        ("女", 2, [total // 2]),
        ("少数民族", 3, [0]),
    ]
    number = 4
    if has_more_lines:
        lines.append(("在编人员", 4, [total]))
        number = 5
    doctor, master, bachelor, college, senior, less = degrees
    if is_split:
        named = [("博士研究生毕业", doctor), ("硕士研究生毕业", master)]
    else:
        named = [("研究生毕业", doctor + master)]
    named += [("本科毕业", bachelor), ("专科毕业", college)]
    if has_more_lines and not is_split:
        named += [("高中阶段毕业及以下", senior + less)]
    else:
        named += [("高中阶段毕业", senior), ("高中阶段毕业以下", less)]
    lines += [(label, number + n, [figure]) for n, (label, figure) in enumerate(named)]
    return lines


def bands_of(grades: range) -> list[int]:
    """All classes of these grades, and how many lie in each band."""
    sizes = [size for grade in grades for size in CLASSES[grade]]
    return [len(sizes), *(sum(low <= size <= high for size in sizes) for low, high in BANDS)]


def _class_lines(grades: range, total: str, first_band: int, after: int) -> list[tuple[str, int, list[Any]]]:
    """Lines of a form of classes: the total, what of it is special, the bands; a class that is none is blank.
    ``after``: columns more, of grades that the school has not."""
    columns = [bands_of(grades), *(bands_of(range(grade, grade + 1)) for grade in grades)]
    labels = ["25人及以下", *(f"{low}－{high}人" for low, high in BANDS[1:-1]), "66人及以上"]
    numbers = [1, *range(first_band, first_band + len(labels))]
    lines: list[tuple[str, int, list[Any]]] = [
        (label, number, [*(column[place] or "" for column in columns), *[""] * after])
        for place, (label, number) in enumerate(zip([total, *labels], numbers, strict=True))
    ]
    if first_band > 2:
        lines.insert(1, ("其中：复式班", 2, [""]))
    return lines


def _title_lines() -> list[tuple[str, int, list[Any]]]:
    """Lines of a form of titles: the stages one below the other, each with its titles."""
    lines: list[tuple[str, int, list[Any]]] = []
    for stage, (highest, high, middle) in TITLES.items():
        total = TEACHERS["primary" if stage == "小学" else "junior_secondary"][0]
        named = [(stage, total), ("其中：女", total // 2), ("正高级", highest), ("副高级", high)]
        named += [("中级", middle), ("助理级", 2), ("未定职级", total - highest - high - middle - 2)]
        lines += [(label, len(lines) + n, [figure]) for n, (label, figure) in enumerate(named, start=1)]
    return lines


def _courses(width: int, arts: dict[int, str], top: str) -> list[str]:
    return ["合计", *(f"{top}/{arts.get(n, f'课程{n}')}" for n in range(2, width + 1))]


def _rooms(total_row: int, sports_row: int, end: int) -> list[tuple[str, int, float]]:
    whole, sports = float(ROOMS["auxiliary"]), float(ROOMS["sports"])
    lines = [("一、教学及辅助用房", total_row, whole)]
    for number in range(total_row + 1, end):
        area = sports if number == sports_row else 0.0
        lines.append(("室内体育用房" if number == sports_row else f"用房{number}", number, area))
    lines[1] = ("教室", total_row + 1, whole - sports)
    return [*lines, ("二、行政办公用房", end, 300.0)]


def book_2020() -> Book:
    """The nine-year school in the forms of 2020/21."""
    arts = {10: "体育与健康", 11: "艺术", 13: "音乐", 14: "美术"}
    junior_arts = {19: "体育与健康", 20: "艺术", 21: "音乐", 22: "美术"}
    changes = [(label, n, [*[""] * 15]) for n, label in enumerate(["幼儿园", "女", "少数民族"], start=1)]
    changes += [("小学", 4, [600, 121, 101, "", 20, "", 100, 95, "*", "", "", "", 5, "", 621])]
    changes += [("初中", 7, [240, 81, 81, "", "", "", 75, 75, "", "", "", "", "", "", 246])]
    change_heads = [
        "上学年初报表在校学生数",
        *(f"增加学生数/{n}" for n in ("合计", "招生", "复学", "转入", "其他")),
    ]
    change_heads += [
        f"减少学生数/{n}" for n in ("合计", "毕业", "结业", "休学", "退学", "死亡", "转出", "其他")
    ]
    pupils = [
        "毕业生数",
        "招生数/合计",
        "招生数/其中：受过学前教育",
        "在校学生数/合计",
        "在校学生数/其中：女",
    ]
    pupils += [f"在校学生数/{g}年级" for g in "一二三四五六"] + ["预计毕业生数"]
    juniors = ["毕业生数", "招生数", "在校学生数/合计", "在校学生数/其中：女"]
    juniors += [f"在校学生数/{g}年级" for g in "一二三四"] + ["预计毕业生数"]
    ground = [f"项目{n}" for n in range(1, 13)]
    ground[2], ground[11] = "占地面积/其中/运动场/运动场地面积", "固定资产/教学、实习仪器设备资产值"
    ground[8], ground[10] = "教室/普通教室/其中：网络多媒体教室", "教室/专用教室/其中：网络多媒体教室"
    figures: list[Any] = ["1"] * 12
    figures[2], figures[11] = ROOMS["ground"], ROOMS["equipment"]
    figures[8], figures[10] = "25", str(int(ROOMS["multimedia"]) - 25)
    items = [(f"项目{n}", n, [""]) for n in range(1, 43)]
    items[25] = ("县级及以上骨干教师（小学）", 26, [TEACHERS["primary"][3]])
    items[26] = ("县级及以上骨干教师（初中）", 27, [TEACHERS["junior_secondary"][3]])
    basics = [["学校（机构）基本情况"], ["基础基112"], ["项目", "编号", "内容", "单位", "备注"]]
    basics += [[label, str(n), str(figure[0])] for label, n, figure in items]
    rooms = [
        (label, n, [f"{area:g}"])
        for label, n, area in [
            ("总计", 1, 9000.0),
            ("危房", 2, 0.0),
            ("当年新增校舍", 3, 0.0),
            *_rooms(4, 10, 14),
        ]
    ]
    notes = [
        ["数据核查结果说明及建议"],
        ["基础基112续表1"],
        ["毕业生多于上年六年级，说明：中途转入 1 人。电话 13912345678"],
    ]
    grades = [f"{g}年级" for g in "一二三四五六"]
    sheets = [
        _school_2020(),
        _framed(Sheet("基础基112", basics)),
        _framed(Sheet("基础基112续表1", notes)),
        grid(
            "基础基312",
            "小学学生数",
            pupils,
            _pupil_lines(PRIMARY, [95, 101, 100], 1),
            is_framed=True,
            label_columns=2,
        ),
        grid(
            "基础基313",
            "初中学生数",
            juniors,
            _pupil_lines(JUNIOR, [75, 81], 2),
            is_framed=True,
            label_columns=2,
        ),
        grid(
            "基础基212",
            "小学教学班数、班额情况",
            ["合计", *grades, "复式班"],
            _class_lines(range(1, 7), "小学班数", 3, 1),
            is_framed=True,
            label_columns=2,
        ),
        grid(
            "基础基213",
            "中学教学班数、班额情况",
            ["初中/合计", *(f"初中/{g}" for g in grades[:4]), "高中/合计", "高中/一年级"],
            _class_lines(range(7, 10), "班数", 3, 3),
            is_framed=True,
            label_columns=2,
        ),
        grid(
            "基础基422",
            "专任教师分专业技术职务、分年龄",
            ["合计", "24岁及以下"],
            _title_lines(),
            is_framed=True,
        ),
        grid(
            "基础基531",
            "中小学信息化情况",
            ["图书（册）", "计算机（台）/合计", "计算机（台）/其中：教学用计算机"],
            [("总计", 1, [BOOKS, COMPUTERS + 20, COMPUTERS])],
            is_framed=True,
        ),
        grid("基础基331", "学生变动情况", [*change_heads, "本学年初报表在校学生数"], changes, is_framed=True),
        grid(
            "基础基423",
            "小学专任教师分课程、分学历",
            _courses(16, arts, "按课程分/计"),
            _teacher_lines("primary", list(arts), 16, has_more_lines=False, is_split=False),
            is_framed=True,
        ),
        grid(
            "基础基424",
            "中学专任教师分课程、分学历",
            _courses(24, junior_arts, "按课程分/计"),
            _teacher_lines("junior_secondary", list(junior_arts), 24, has_more_lines=True, is_split=False),
            is_framed=True,
        ),
        grid(
            "基础基512",
            "中小学校舍情况",
            ["校舍建筑面积/合计", "校舍建筑面积/框架结构"],
            rooms,
            is_framed=True,
            label_columns=2,
        ),
        grid("基础基522", "中小学占地面积及其他办学条件", ground, [("总计", 1, figures)], is_framed=True),
    ]
    return {sheet.name: sheet for sheet in sheets}


def book_2021() -> Book:
    """The same school in the forms of 2021/22 on: no frame, the type of school in the names of the sheets."""
    arts = {10: "体育与健康", 12: "艺术", 13: "音乐", 14: "美术"}
    junior_arts = {19: "体育与健康", 20: "艺术", 21: "音乐", 22: "美术"}
    kind = "_九年一贯制学校"
    pupils = ["毕业生数", "招生数", *(f"接受学前教育/{n}" for n in ("未接受过", "一年", "两年", "三年"))]
    pupils += [
        "在校生数/合计",
        "在校生数/#女",
        *(f"在校生数/{g}年级" for g in "一二三四五六"),
        "预计毕业生数",
    ]
    juniors = ["毕业生数", "招生数", "在校生数/合计", "在校生数/#女"]
    juniors += [f"在校生数/{g}年级" for g in "一二三四"] + ["预计毕业生数"]
    areas = ["上学年校舍建筑面积/计", "增加面积/计", "减少面积/计", "本学年校舍建筑面积/计"]
    before = [(f"校舍{n}", n, 9000.0) for n in range(1, 5)] + _rooms(5, 12, 16)
    rooms = [(label, n, ["1", "", "", f"{area:g}"]) for label, n, area in before]
    ground: list[Any] = [(f"项目{n}", n, ["1"]) for n in range(1, 15)]
    ground[1], ground[6] = ("#运动场地面积", 2, [ROOMS["ground"]]), ("图书", 7, [BOOKS])
    ground[11] = ("网络多媒体教室", 12, [ROOMS["multimedia"]])
    ground[13] = ("#教学、实习仪器设备资产值", 14, [ROOMS["equipment"]])
    basics = [("接入互联网", 1, ["是"]), ("县级及以上骨干教师（小学）", 2, [TEACHERS["primary"][3]])]
    basics += [("县级及以上骨干教师（初中）", 3, [TEACHERS["junior_secondary"][3]])]
    ground.append(("教学用计算机", 15, [COMPUTERS]))
    grades = [f"{g}年级" for g in "一二三四五六"]
    sheets = [
        _school_2021(),
        grid(
            f"教基2106{kind}",
            "小学班额情况",
            ["合计", *grades],
            _class_lines(range(1, 7), "总计", 2, 0),
            is_framed=False,
        ),
        grid(
            f"教基2107{kind}",
            "中学班额情况",
            ["初中合计", "初一", "初二", "初三", "高中合计"],
            _class_lines(range(7, 10), "总计", 2, 1),
            is_framed=False,
        ),
        grid(
            f"教基4153{kind}",
            "专任教师分专业技术职务、分年龄",
            ["合计", "24岁及以下"],
            _title_lines(),
            is_framed=False,
        ),
        grid(f"教基1102续{kind}", "学校（机构）基本情况", ["数量/计"], basics, is_framed=False, units=True),
        grid(
            f"教基3112{kind}",
            "小学分类型学生数",
            pupils,
            _pupil_lines(PRIMARY, [95, 101, 0, 0, 0, 101], 1),
            is_framed=False,
        ),
        grid(
            f"教基3115{kind}", "初中分类型学生数", juniors, _pupil_lines(JUNIOR, [75, 81], 2), is_framed=False
        ),
        grid(
            f"教基4155{kind}",
            "小学专任教师分课程、分学历",
            _courses(16, arts, "按课程分"),
            _teacher_lines("primary", list(arts), 16, has_more_lines=False, is_split=True),
            is_framed=False,
        ),
        grid(
            f"教基4156{kind}",
            "中学专任教师分课程、分学历",
            _courses(24, junior_arts, "按课程分"),
            _teacher_lines("junior_secondary", list(junior_arts), 24, has_more_lines=True, is_split=True),
            is_framed=False,
        ),
        grid(f"教基5170{kind}", "校舍情况", areas, rooms, is_framed=False),
        grid(f"教基5176{kind}", "办学条件", ["数量/计"], ground, is_framed=False, units=True),
    ]
    return {sheet.name.split("_")[0]: sheet for sheet in sheets}


BOOKS_OF = {"2020": book_2020, "2021": book_2021}


def own_rows(record: str, year: int) -> tuple[list[str], list[list[Any]]]:
    """The same school in our own template: headers and rows."""
    s = SCHOOL
    base = ["990101", year, s["code"]]
    headers = ["district_code", "school_year", "school_code"]
    if record == "school":
        names = ["school_name", "school_type_code", "operator_code", "urban_rural_code", "town_code"]
        return [*headers, *names], [
            [*base, s["name"], s["type"][1], s["operator"][1], s["place"][1], "990101001"]
        ]
    if record == "enrolment":
        names = ["stage", "grade", "students", "female_students", "boarding_students", "migrant_students"]
        rows = [[*base, "primary", n, *grade] for n, grade in enumerate(PRIMARY, start=1)]
        rows += [[*base, "junior_secondary", n, *grade] for n, grade in enumerate(JUNIOR, start=7)]
        return [*headers, *names, "left_behind_students"], rows
    if record == "staffing":
        names = [
            "stage",
            "full_time_teachers",
            "over_qualified_teachers",
            "pe_arts_teachers",
            "backbone_teachers",
            "mid_plus_title_teachers",
        ]
        rows = []
        for stage, (total, degrees, courses, backbone) in TEACHERS.items():
            enough = degrees[:4] if stage == "primary" else degrees[:3]
            titles = TITLES["小学" if stage == "primary" else "初中"]
            rows.append([*base, stage, total, sum(enough), sum(courses), backbone, sum(titles)])
        return [*headers, *names], rows
    if record == "class_size_band":
        names = ["classes_up_to_25", *(f"classes_{low}_{high}" for low, high in BANDS[1:-1])]
        spans = {"primary": range(1, 7), "junior_secondary": range(7, 10)}
        rows = [[*base, stage, "all", *bands_of(span)] for stage, span in spans.items()]
        rows += [
            [*base, stage, grade, *bands_of(range(grade, grade + 1))]
            for stage, span in spans.items()
            for grade in span
        ]
        return [*headers, "stage", "grade", "classes", *names, "classes_66_and_over"], rows
    names = ["teaching_auxiliary_area_m2", "indoor_sports_area_m2", "sports_ground_area_m2"]
    names += ["teaching_equipment_yuan", "multimedia_classrooms", "computers", "books"]
    figures = [ROOMS["auxiliary"], ROOMS["sports"], ROOMS["ground"], "2103500", ROOMS["multimedia"]]
    return [*headers, *names], [[*base, *figures, COMPUTERS, BOOKS]]
