"""The ledger of large classes on a sheet of its own beside the pupils: each entry goes to the class it names.

An entry that names no class of the roster, or of which a cell cannot be read, refuses the file: a class must
not lose its entry because somebody mistyped its number.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ingest import class_names
from ingest.chunks import SheetHeader, Source, column_letter
from ingest.contract import Contract
from ingest.count_rule import LedgerRule
from ingest.problems import RefusedFileError, refuse
from ingest.profile import FieldSource, normal_header
from ingest.pupils.count import KEYS, PupilCount
from ingest.values import convert

READERS = {
    "school_code": class_names.school_code,
    "grade": class_names.grade,
    "class_number": class_names.class_number,
}
Cells = dict[str, tuple[int, np.ndarray]]  # field -> its column and the texts below it


def add_ledger(
    file_name: str, source: Source, contract: Contract, rule: LedgerRule, count: PupilCount
) -> dict[str, tuple[str, str]]:
    """Enter the ledger into the classes; where each of its fields stands (place, header), if there is one."""
    places: dict[str, tuple[str, str]] = {}
    for header in _headers(source, rule):
        columns = _columns(header, rule)
        for cells, rows in _blocks(source, header, columns):
            _enter(file_name, header, contract, rule, count, cells, rows)
        places |= {
            name: (f"{header.sheet}!{column_letter(columns[name])}", header.names[columns[name]])
            for name, _ in rule.fields
            if name in columns
        }
    return places


def _columns(header: SheetHeader, rule: LedgerRule) -> dict[str, int]:
    names = [normal_header(name) for name in header.names]
    found = {}
    for field, headers in (*rule.keys, *rule.fields):
        places = [names.index(normal_header(h)) for h in headers if normal_header(h) in names]
        if places:
            found[field] = places[0]
    return found


def _headers(source: Source, rule: LedgerRule) -> Iterator[SheetHeader]:
    """The first row of each sheet that has every key and the first of the ledger's fields."""
    wanted = {*(field for field, _ in rule.keys), rule.fields[0][0]}
    for preview in source.previews():
        for first in range(len(preview.rows)):
            header = SheetHeader(preview.sheet, preview.header(first, 1), first + 1)
            if wanted <= set(_columns(header, rule)):
                yield header
                break


def _blocks(
    source: Source, header: SheetHeader, columns: dict[str, int]
) -> Iterator[tuple[Cells, np.ndarray]]:
    for chunk in source.chunks(header.sheet, header.end_row, len(header.names), frozenset()):
        texts = {
            name: np.array(chunk.columns[column].to_pylist(), dtype=object)
            for name, column in columns.items()
            if column in chunk.columns
        }
        is_filled = np.zeros(len(chunk.rows), dtype=bool)
        for column in texts.values():
            is_filled |= np.array([bool(text.strip()) for text in column], dtype=bool)
        if is_filled.any():
            yield (
                {name: (columns[name], column[is_filled]) for name, column in texts.items()},
                chunk.rows[is_filled],
            )


def _enter(
    file_name: str,
    header: SheetHeader,
    contract: Contract,
    rule: LedgerRule,
    count: PupilCount,
    cells: Cells,
    rows: np.ndarray,
) -> None:
    values = {
        name: _typed(file_name, header, contract, name, *cells[name], rows)
        for name, _ in rule.fields
        if name in cells
    }
    by_place = {tuple(key[KEYS.index(name)] for name in READERS): key for key in count.classes}
    if len(by_place) < len(count.classes):
        raise _refusal("ledger_of_two_years", file_name, header, int(rows[0]), _ONE_YEAR, _SPLIT)
    for at, row in enumerate(rows):
        texts = {name: str(cells[name][1][at]) for name in READERS}
        place = tuple(read(texts[name]) for name, read in READERS.items())
        grades = class_names.grades_of_class(texts["class_number"])
        if place not in by_place or (grades and class_names.grade(texts["grade"]) not in grades):
            raise _refusal("ledger_without_class", file_name, header, int(row), _A_CLASS, _MEND_CLASS)
        count.classes[by_place[place]].ledger = {name: column[at] for name, column in values.items()}


def _typed(
    file_name: str,
    header: SheetHeader,
    contract: Contract,
    name: str,
    column: int,
    texts: np.ndarray,
    rows: np.ndarray,
) -> list[str]:
    """The texts of one field as its contract takes them; empty where there is none."""
    typed = convert(contract.field(name), FieldSource(), pa.array(list(texts), pa.string()), ("", "*"))
    if typed.faults:
        at = int(np.flatnonzero(typed.fault)[0])
        fault = typed.faults[typed.fault[at] - 1]
        raise refuse(
            fault.rule,
            file_name,
            sheet=header.sheet or None,
            row=int(rows[at]),
            found=str(texts[at]),
            expected=(
                f"{column_letter(column)} 列“{header.names[column]}”：{fault.expected_zh}",
                f"in column {column_letter(column)} “{header.names[column]}” {fault.expected_en}",
            ),
            mend=(fault.mend_zh, fault.mend_en),
        )
    return [text or "" for text in typed.values.to_pylist()]


_A_CLASS = ("花名册中有学生的班级", "a class that has pupils in the roster")
_MEND_CLASS = ("核对学校标识码、年级和班级", "check school code, grade and class")
_ONE_YEAR = (
    "有大班额台账的工作簿只含一个学年",
    "one school year in a workbook with a ledger of large classes",
)
_SPLIT = ("每学年一个工作簿", "make a workbook of each school year")


def _refusal(
    rule: str, file_name: str, header: SheetHeader, row: int, expected: tuple[str, str], mend: tuple[str, str]
) -> RefusedFileError:
    return refuse(rule, file_name, sheet=header.sheet or None, row=row, expected=expected, mend=mend)
