"""The forms on a school as a whole: its basic situation (112, 1102) and its staff (412, 4149)."""

from __future__ import annotations

from ingest.sample.forms import Line
from ingest.sample.report import JUNIOR, PRIMARY, Basics, SchoolReport, Special
from ingest.sample.sheets import Value

NOT_APPLICABLE = "*"
# Grades of a special school as the yearbook's table names them.
SPECIAL_GRADES = (
    *(f"小学阶段/{grade}年级" for grade in "一二三四五六"),
    *(f"初中阶段/{grade}年级" for grade in "一二三四"),
    *(f"高中阶段/{grade}" for grade in ("一年级", "二年级", "三年级及以上")),
)
SPECIAL_HEADINGS = [
    "毕业生数",
    "招生数",
    *(f"在校学生数/{name}" for name in ("合计", "其中：女", *SPECIAL_GRADES)),
]
STAFF_HEADINGS = [
    *(f"教职工数/{name}" for name in ("合计", "专任教师", "行政人员", "教辅人员", "工勤人员")),
    "代课教师",
    "兼任教师",
]


def backbone(report: SchoolReport, stage: str) -> int | str:
    """Backbone teachers of a stage; not applicable where the school has none."""
    return report.teachers[stage].backbone if stage in report.teachers else NOT_APPLICABLE


def _answers(basics: Basics) -> list[tuple[int, str, Value]]:
    """编号 in form 112, label and answer."""
    return [
        (5, "体育运动场（馆）面积是否达标", _yes(basics.meets_sports_area)),
        (12, "建立校园网", _yes(basics.has_campus_network)),
        (29, "安全保卫人员", str(basics.guards)),
        (30, "心理健康教育教师", str(basics.psychology)),
        (31, "其中：专职", str(basics.full_time_psychology)),
        (32, "心理辅导室", _yes(basics.has_counselling_room)),
        (41, "政府购买学位数", _or_none(basics.bought)),
        (42, "其中：用于进城务工人员随迁子女的学位数", _or_none(basics.bought_for_migrants)),
    ]


def _yes(answer: bool) -> str:
    return "是" if answer else "否"


def _or_none(count: int | None) -> str:
    return NOT_APPLICABLE if count is None else str(count)


def basics_2020(report: SchoolReport) -> list[list[Value]]:
    """Form 112: one answer a row."""
    answers: dict[int, tuple[str, Value]] = {n: (f"项目{n}", "") for n in range(1, 43)}
    answers[26] = ("县级及以上骨干教师（小学）", str(backbone(report, PRIMARY)))
    answers[27] = ("县级及以上骨干教师（初中）", str(backbone(report, JUNIOR)))
    answers |= {number: (label, answer) for number, label, answer in _answers(report.basics)}
    rows: list[list[Value]] = [["学校（机构）基本情况"], ["基础基112"]]
    rows.append(["项目", "编号", "内容", "单位", "备注"])
    return rows + [[label, str(number), answer] for number, (label, answer) in answers.items()]


def basics_lines_2021(report: SchoolReport) -> list[Line]:
    """The lines of form 1102: those of backbone teachers, then the labels of form 112."""
    known = [backbone(report, stage) for stage in (PRIMARY, JUNIOR)]
    lines: list[Line] = [("接入互联网", 1, ["是"]), ("县级及以上骨干教师（小学）", 2, known[:1])]
    lines.append(("县级及以上骨干教师（初中）", 3, known[1:]))
    return lines + [(label, n, [text]) for n, (_, label, text) in enumerate(_answers(report.basics), start=4)]


def staff_lines(basics: Basics) -> list[Line]:
    """The lines of the forms on the staff of a school."""
    others = basics.staff - basics.full_time
    whole = [basics.staff, basics.full_time, others, 0, 0, None, None]
    return [
        ("总　计", 1, whole),
        ("女", 2, [basics.staff // 2]),
        ("少数民族", 3, [None]),
        ("在编人员", 4, [basics.established]),
    ]


def special_lines(special: Special) -> list[Line]:
    """The lines of the forms on the pupils of a special school."""
    grades = [*special.grades, *[None] * (len(SPECIAL_GRADES) - len(special.grades))]
    return [
        ("总计", 1, [None, None, special.total, special.girls, *grades]),
        ("女", 2, [None, None, special.girls, "*"]),
    ]
