"""The made district's registers, rosters and ledgers as files of real layouts, table by table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from ingest.sample import layout_government as government
from ingest.sample.district import DISTRICT_CODE, District, schools_in
from ingest.sample.layout import Lines, Sheet, by_year, write_book
from ingest.sample.layout_pupils import write_pupil_export
from ingest.sample.layout_teachers import write_teachers
from ingest.sample.parts import Cell, Table

TEACHERS = ("teacher", "teacher_rotation", "teacher_training")
TEACHERS_FOLDER = "teachers"  # one workbook, read as each of the three
# Writes the files of a folder.
Write = Callable[[Path], list[Path]]
SIMPLE: Mapping[str, Callable[[Path, Table], list[Path]]] = {
    "project": government.write_projects,
    "land_case": government.write_land_cases,
    "population": government.write_population,
    "school_cluster": government.write_clusters,
    "recognition": government.write_recognitions,
    "pairing": government.write_pairings,
    "declaration": government.write_declarations,
    "satisfaction": government.write_satisfaction,
    "migrant_children": government.write_migrant_children,
    "class_roster": write_pupil_export,
}
RECORDS = frozenset({*SIMPLE, "school", "establishment", *TEACHERS})


def writers(district: District, tables: list[Table]) -> Iterator[tuple[str, Write]]:
    """Below which folder of the landing folder files come, and what writes them, given all tables."""
    of = {record: [table for table in tables if table.record == record] for record in RECORDS}
    for table in of["school"]:
        yield "school", partial(write_register, table=table)
    for record, write in SIMPLE.items():
        for table in of[record]:
            yield record, _of(write, table)
    names: dict[Cell, str] = {
        school.code: school.name for table in of["school"] for school in schools_in(_year(table))
    }
    for table in of["establishment"]:
        yield "establishment", partial(government.write_establishment, table=table, school_names=names)
    roster, rotation, training = (of[record][0] for record in TEACHERS)
    yield TEACHERS_FOLDER, partial(write_teachers, roster=roster, rotation=rotation, training=training)


def _of(write: Callable[[Path, Table], list[Path]], table: Table) -> Write:
    return lambda folder: write(folder, table)


def _year(table: Table) -> int:
    return int(str(table.rows[0].cells[table.headers.index("学年")]))


def write_register(folder: Path, table: Table) -> list[Path]:
    """The wide export of the register: one row a school, two rows of header, campuses with their parent."""
    written = []
    for year, lines in by_year(table, "学年").items():
        sheet = Sheet("各校一览表", _register_lines(lines), f"{year}学年各校一览表", header_rows=2)
        written.append(write_book(folder / f"{DISTRICT_CODE}_各校一览表_{year}学年.xlsx", [sheet]))
    return written


def _register_lines(lines: Lines) -> Lines:
    return [
        {
            "序号": str(number),
            "学校名称": line["学校名称"],
            "学校标识码": line["学校标识码"],
            "统计三级": f"{line['区县代码']} {line['区县名称']}",
            "统计三级名称": line["区县名称"],
            "驻地镇街": line["镇街名称"],
            "地址代码": f"{line['镇街代码']}001",
            "办学类型": line["办学类型"],
            "举办者": line["举办者"],
            "城乡类型": line["城乡类型"],
            "是否计校数": 1 if line["是否计校数"] == "是" else 0,
            "主校标识码": line["主校标识码"],
        }
        for number, line in enumerate(lines, start=1)
    ]
