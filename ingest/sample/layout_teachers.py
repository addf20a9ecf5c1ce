"""The workbook of the teacher information system: a sheet a school year, and one of hours of training.

It is made from the three tables of teachers, and one file feeds the three records again. Every name and
number is invented.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from ingest.sample.district import DISTRICT_CODE, DISTRICT_NAME
from ingest.sample.layout import Lines, Sheet, lines_of, slashed, write_book
from ingest.sample.parts import Cell, Table

Line = dict[str, Cell]
YUAN_PER_WAN = 10_000
# Columns of the roster that only go by another name in the system.
RENAMED = {
    "教师身份号": "身份证件号",
    "姓名": "姓名",
    "学校标识码": "学校标识码",
    "学段": "任教学段",
    "任教学科": "任教学科",
    "学历": "最高学历",
    "是否持有教师资格证": "教师资格证",
    "职称": "专业技术职务",
    "骨干教师级别": "骨干教师/级别",
    "骨干认定文件": "骨干教师/认定文件",
    "骨干认定起始日期": "骨干教师/有效期起",
    "骨干认定截止日期": "骨干教师/有效期止",
    "聘用方式": "编制情况",
    "是否专任教师": "是否专任教师",
    "到本校工作日期": "到本校时间",
    "是否持有心理健康教育证书": "心理健康教育证",
    "是否修满师德学分": "师德/修满学分",
    "是否师德一票否决": "师德/一票否决",
    "当年是否晋升或受表彰": "当年晋升或受表彰",
    "是否参加社会保险": "参加社会保险",
    "是否特教教师": "特教教师",
}
MOVE = {
    "派出学校标识码": "派出学校标识码",
    "接收学校标识码": "接收学校标识码",
    "交流轮岗方式": "方式",
    "交流开始日期": "开始时间",
}
MOVES = ("交流轮岗", "再次交流轮岗")  # as many as a sheet has room for
HAS = {"是": "有", "否": "无"}


def write_teachers(folder: Path, roster: Table, rotation: Table, training: Table) -> list[Path]:
    """One workbook, to be read as ``teacher``, ``teacher_rotation`` and ``teacher_training``; its path."""
    moves: dict[tuple[Cell, Cell], Lines] = defaultdict(list)
    for line in lines_of(rotation):
        moves[line["学年"], line["教师身份号"]].append(line)
    every = lines_of(roster)
    sheets = []
    for year in sorted({int(str(line["学年"])) for line in every}):
        own = [_roster_line(line, moves) for line in every if int(str(line["学年"])) == year]
        title = f"{DISTRICT_NAME}{year}学年教师信息表（虚构数据）"
        sheets.append(Sheet(f"{year}学年", own, title, header_rows=2, notes=("注：本表由教师信息系统导出",)))
    sheets.append(Sheet("培训学时", _training_lines(lines_of(training)), f"{DISTRICT_NAME}教师培训学时"))
    return [write_book(folder / f"{DISTRICT_CODE}_教师信息.xlsx", sheets)]


def _roster_line(line: Line, moves: dict[tuple[Cell, Cell], Lines]) -> Line:
    """A teacher at a school; the moves of a year stand in the first of his rows."""
    own = moves.pop((line["学年"], line["教师身份号"]), [])
    if len(own) > len(MOVES):
        raise ValueError("more moves of a teacher in a year than the sheet has room for")
    pay = line["年工资收入(元)"]
    cells = {RENAMED[name]: line[name] for name in RENAMED}
    cells["教师资格证"] = HAS[str(line["是否持有教师资格证"])]
    cells["到本校时间"] = slashed(line["到本校工作日期"])
    cells["年工资收入(万元)"] = None if pay is None else _decimal(Fraction(str(pay)) / YUAN_PER_WAN)
    for place, name in enumerate(MOVES):
        move = own[place] if place < len(own) else {}
        cells |= {f"{name}/{theirs}": move.get(ours) for ours, theirs in MOVE.items()}
    return cells


def _decimal(value: Fraction) -> str:
    """An amount in 万元 as text with a separator, exact to a yuan."""
    return f"{float(value):,.4f}"


def _training_lines(lines: Lines) -> Lines:
    """One line a teacher, two columns a year: hours in special education stand apart."""
    years = sorted({int(str(line["年度"])) for line in lines})
    hours = {
        (line["教师身份号"], int(str(line["年度"])), line["是否特教培训"]): line["培训学时"] for line in lines
    }
    names = {line["教师身份号"]: line["姓名"] for line in lines}
    return [
        {
            "身份证件号": number,
            "姓名": name,
            **{
                f"{year}年{kind}学时": hours.get((number, year, answer))
                for year in years
                for kind, answer in (("", "否"), ("特教", "是"))
            },
        }
        for number, name in names.items()
    ]
