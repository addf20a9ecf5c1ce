"""Rosters of pupils in the layouts of the registration system, made from a roster of classes.

Every name and number is invented. What a class counts is spread over its first pupils; one pupil more a
school is suspended, so that a reader who counts rows is found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.sample.district import DISTRICT_CODE
from ingest.sample.files import to_csv_bytes
from ingest.sample.layout import Lines, Sheet, by_year, write_book
from ingest.sample.parts import Cell, Table, flag

Line = dict[str, Cell]
EXPORT_NOTES = ("注：", "1. 本表由学籍系统导出（虚构数据）。")
# Columns of a roster of classes, and the column of the export in which a pupil answers yes to it.
EXPORT_ANSWERS = {
    "寄宿生数": "是否住宿",
    "随迁子女数": "是否进城务工人员随迁子女",
    "留守儿童数": "是否留守儿童",
    "购买学位学生数": "是否由政府购买学位",
    "随班就读数": "是否随班就读",
}


def pupil_export_lines(classes: Lines) -> Iterator[Line]:
    """One line a pupil as the system exports them; ``classes`` are rows of a class roster of one year."""
    seen: set[Cell] = set()
    for number, line in enumerate(classes):
        yield from (_exported(line, number, place) for place in range(_count(line["班级学生数"])))
        if line["学校标识码"] not in seen:
            seen.add(line["学校标识码"])
            yield {**_exported(line, number, 999), "学籍状态": "休学"}


def _exported(line: Line, number: int, place: int) -> Line:
    serial = number * 1000 + place
    return {
        "序号": str(serial + 1),
        "学籍号": f"G{DISTRICT_CODE}{line['学年']}{serial:08d}",
        "姓名": f"样本生{serial:08d}",
        "性别": "女" if place % 2 else "男",
        "学校标识码": line["学校标识码"],
        "年级": line["年级"],
        "班级": f"({line['班号']})班",
        **{
            column: flag(place < _count(line[counted]))
            for counted, column in EXPORT_ANSWERS.items()
            if line.get(counted) is not None
        },
        "残疾人类型": None,
        "家庭住址": f"样本路{serial}号",
        "学籍状态": "在校",
    }


def pupil_town_lines(classes: Lines, town_names: dict[Cell, str]) -> Iterator[Line]:
    """One line a pupil as towns keep them: schools by their names; ``town_names`` by code of the school."""
    for number, line in enumerate(classes):
        for place in range(_count(line["班级学生数"])):
            serial = number * 1000 + place
            moved, left = _count(line.get("随迁子女数")), _count(line.get("留守儿童数"))
            which = "随迁子女" if place < moved else "留守儿童" if place < moved + left else "否"
            yield {
                "所在镇乡(街道)": town_names[line["学校标识码"]],
                "学段": line["学段"],
                "学校名称": line["学校名称"],
                "年级": line["年级"],
                "班级": f"{line['班号']}班",
                "班内编号": str(place + 1),
                "学生姓名": f"样本生{serial:08d}",
                "性别": "女" if place % 2 else "男",
                "民族": "汉族",
                "学籍主号": f"G{DISTRICT_CODE}{line['学年']}{serial:08d}",
                "户籍省县": "示例省样本市",
                "户籍镇街": "样本镇",
                "户籍社区/村": "样本村",
                "父亲姓名": f"样本父{serial:08d}",
                "母亲姓名": f"样本母{serial:08d}",
                "是否为随迁子女或留守儿童": which,
                "是否随班就读": flag(place < _count(line.get("随班就读数"))),
                "是否为住宿生": flag(place < _count(line["寄宿生数"])),
                "无户口学生": None,
                "休学中": None,
                "备注": None,
            }


def _count(cell: Cell) -> int:
    return int(str(cell)) if cell is not None else 0


def write_pupil_export(folder: Path, table: Table) -> list[Path]:
    """The export of each school year of a table of class rosters; their paths.

    A year with a ledger of large classes is a workbook with the ledger on a second sheet, any other a .csv
    (GB18030).
    """
    written = []
    for year, classes in by_year(table, "学年").items():
        lines = list(pupil_export_lines(classes))
        ledger = [_ledger_line(line) for line in classes if line.get("台账化解方式")]
        path = folder / f"{DISTRICT_CODE}_{year}学年_学籍"
        if ledger:
            sheets = [Sheet("学生", lines, notes=EXPORT_NOTES), Sheet("大班额台账", ledger)]
            written.append(write_book(path.with_suffix(".xlsx"), sheets))
        else:
            content = to_csv_bytes(list(lines[0]), [list(line.values()) for line in lines], "gb18030")
            path.with_suffix(".csv").write_bytes(content)
            written.append(path.with_suffix(".csv"))
    return written


def _ledger_line(line: Line) -> Line:
    return {
        "学校标识码": line["学校标识码"],
        "学校名称": line["学校名称"],
        "年级": line["年级"],
        "班级": f"({line['班号']})班",
        "化解方式": line["台账化解方式"],
        "计划完成日期": line["台账计划完成日期"],
        "台账文件": line["台账文件"],
    }


def write_pupil_town(folder: Path, table: Table, town_names: dict[Cell, str]) -> list[Path]:
    """One workbook a school year, a sheet a town, with a title above each; their paths."""
    written = []
    for year, classes in by_year(table, "学年").items():
        lines = list(pupil_town_lines(classes, town_names))
        sheets = [
            Sheet(town, own, title=f"{town}{year}学年学生花名册（虚构数据）") for town, own in _by_town(lines)
        ]
        written.append(write_book(folder / f"{DISTRICT_CODE}_{year}学年_镇街花名册.xlsx", sheets))
    return written


def _by_town(lines: Iterable[Line]) -> Iterator[tuple[str, Lines]]:
    towns: dict[str, Lines] = {}
    for line in lines:
        towns.setdefault(str(line["所在镇乡(街道)"]), []).append(line)
    yield from towns.items()
