"""Rows of a batch as the contract has them, and the same rows given in our own template."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from ingest.contract import contracts
from ingest.load import LoadOutcome, load_file
from ingest.sample.files import to_csv_bytes
from ingest.sample.layout import Lines
from ingest.sample.xls import Value, xls_bytes
from tests.ingest.conftest import Query


def as_old_workbook(path: Path) -> Path:
    """The same cells as an .xls beside it: days as days, merged cells merged."""
    book = CalamineWorkbook.from_path(str(path))
    sheets = []
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        cells = [[_old(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        sheets.append((name, cells, sheet.merged_cell_ranges or []))
    target = path.with_suffix(".xls")
    target.write_bytes(xls_bytes(sheets))
    return target


def _old(cell: object) -> Value:
    if isinstance(cell, datetime.datetime):
        return cell.date()
    return cell if isinstance(cell, str | int | float | datetime.date) else str(cell)


def loaded_rows(query: Query, record: str, *outcomes: LoadOutcome) -> list[dict[str, Any]]:
    """The stored fields of these batches by key."""
    contract = contracts()[record]
    fields = ", ".join(field.name for field in contract.stored_fields)
    return query(
        f"select {fields} from {contract.table} where batch_id = any(%s) order by {', '.join(contract.key)}",
        [outcome.batch_id for outcome in outcomes],
    )


def load_all(paths: list[Path], record: str) -> list[LoadOutcome]:
    """Load files of a layout, each without a row set aside."""
    outcomes = [load_file(path, record) for path in paths]
    for outcome in outcomes:
        assert (outcome.status, outcome.problems, outcome.rows_rejected) == ("loaded", (), 0), outcome
    return outcomes


def template_rows(folder: Path, query: Query, record: str, lines: Lines) -> list[dict[str, Any]]:
    """The rows of the same lines under the headers of our own template."""
    path = folder / f"template_{record}.csv"
    path.write_bytes(to_csv_bytes(list(lines[0]), [list(line.values()) for line in lines], "utf-8"))
    return loaded_rows(query, record, *load_all([path], record))


def rejected(query: Query, outcome: LoadOutcome | None = None) -> list[dict[str, Any]]:
    """What was set aside (of one batch), in the order of the rows."""
    return query(
        "select source_sheet, source_row, source_column, header, rule, found, expected_zh, expected_en, "
        "mend_zh, mend_en from ops.rejected_row where batch_id = coalesce(%s, batch_id) "
        "order by source_sheet, source_row, source_column, rule",
        outcome.batch_id if outcome else None,
    )
