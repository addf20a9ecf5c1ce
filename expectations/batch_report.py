"""One batch, told: a page that needs no internet and prints well, and a sheet to sort and to filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter
from psycopg.rows import dict_row

from expectations.batch_facts import BY_ID, LATEST, OF_RECORD, BatchFacts, Row, facts_of
from expectations.report import ROLE, TIME_ZONE, template
from ingest import database
from ingest.profile_files import profiles
from ingest.rule_names import rule_text

SHEET = "批次报告 Batch report"
# On the page; the sheet holds all.
MAX_UNITS, MAX_PLACES = 300, 200
BESIDE = "同一张表的其他文件 other files of the same table"
TAKEN, NOT_TAKEN = "入库 taken", "未入库 not taken"
# What the rows of a batch came to that could be read.
OUTCOMES = {"accepted": TAKEN, "loaded": "待定 waiting", "refused": "整批拒收 refused as a whole"}
COLUMNS = (
    ("记录 Record", 16),
    ("文件 File", 30),
    ("单位 Unit", 16),
    ("名称 Name", 22),
    ("结果 Outcome", 18),
    ("规则 Rule", 26),
    ("字段 Field", 24),
    ("行数 Rows", 10),
    ("上次 Last time", 14),
    ("新增 New", 10),
    ("更改 Changed", 12),
    ("减少 Gone", 10),
    ("工作表 Sheet", 20),
    ("行 Row", 8),
    ("列 Column", 10),
    ("应为 Expected", 60),
    ("处理 Mend", 60),
)


def batches_to_tell(record: str | None = None, batch: str | None = None) -> list[UUID]:
    """The batches asked for: one by its id (or how it begins), those of a record that count or wait, or
    (``latest``, or nothing asked) those of the file that was loaded last."""
    statement = LATEST
    if batch is None and record:
        statement = OF_RECORD
    elif batch not in (None, "latest"):
        statement = BY_ID
    with database.connect(ROLE) as connection:
        rows = connection.execute(statement, {"record": record, "batch": batch}).fetchall()
    return [batch_id for (batch_id,) in rows]


def write_batch_report(batch_ids: Sequence[UUID], folder: Path) -> tuple[Path, Path]:
    """Write the page and the sheet; their paths. Folders are made, an older report is replaced at once."""
    with database.connect(ROLE) as connection, connection.cursor(row_factory=dict_row) as cursor:
        facts = [facts_of(cursor, batch_id) for batch_id in batch_ids]
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"批次报告_{Path(facts[0].batch['file_name']).stem}_{str(batch_ids[0])[:8]}"
    page, sheet = folder / f"{stem}.html", folder / f"{stem}.xlsx"
    unfinished = page.with_name(f".{page.name}.part")
    content = template("batch.html.j2").render(_page(facts, sheet.name))
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(page)
    _write_sheet(facts, sheet)
    return page, sheet


def _page(facts: Sequence[BatchFacts], sheet: str) -> dict[str, Any]:
    titles = {profile.name: (profile.title_zh, profile.title_en) for profile in profiles()}
    return {
        "written_at": datetime.now(TIME_ZONE),
        "facts": facts,
        "titles": titles,
        "sheet": sheet,
        "max_units": MAX_UNITS,
        "max_places": MAX_PLACES,
        "sums": {
            "read": sum(one.batch["rows_read"] for one in facts),
            "skipped": sum(one.batch["rows_skipped"] for one in facts),
            "taken": sum(one.rows_taken for one in facts),
            "waiting": sum(one.rows_waiting for one in facts),
            "not_taken": sum(one.rows_not_taken for one in facts),
            "aside": sum(one.batch["rows_rejected"] for one in facts),
        },
    }


def _write_sheet(facts: Sequence[BatchFacts], path: Path) -> None:
    """One line a unit taken and one a fault: texts stay texts, whatever they begin with."""
    unfinished = path.with_name(f".{path.name}.part")
    with xlsxwriter.Workbook(
        str(unfinished), {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(SHEET)
        bold = book.add_format({"bold": True, "bg_color": "#FFF2CC", "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        for column, (name, width) in enumerate(COLUMNS):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, width)
        last = 0
        for last, line in enumerate((line for one in facts for line in _lines(one)), 1):
            for column, value in enumerate(line):
                if value is not None:
                    sheet.write(last, column, value, plain)
        sheet.autofilter(0, 0, max(last, 1), len(COLUMNS) - 1)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    unfinished.replace(path)


def _lines(one: BatchFacts) -> Iterator[tuple[Any, ...]]:
    record = f"{one.contract.name_zh} {one.contract.record}"
    file_name = one.batch["file_name"]
    units: Sequence[Row] = one.units or ({"unit": None, "name": None, **one.totals},)
    names = {unit["unit"]: unit["name"] for unit in units}
    for unit in units:
        counts = [unit[name] for name in ("rows_now", "rows_before", "rows_new", "rows_changed", "rows_gone")]
        if any(counts):
            outcome = OUTCOMES[one.batch["status"]]
            yield (record, file_name, unit["unit"], unit["name"], outcome, None, None, *counts)
    if one.refusal:
        yield (record, file_name, None, None, OUTCOMES["refused"], *[None] * 10, "\n".join(one.refusal), None)
    if one.rows_removed:
        yield (record, file_name, None, None, NOT_TAKEN, *[None] * 10, "\n".join(one.rows_removed), None)
    for note in one.parts:
        yield (record, file_name, None, None, BESIDE, *[None] * 10, "\n".join(note), None)
    for row in one.rejected:
        unit = row["school_code"] if one.is_by_school else row["district_code"]
        field = f"{row['field_zh']} {row['field_en']}" if row["field_zh"] else None
        place = (row["source_sheet"] or None, row["source_row"], row["source_column"])
        words = (
            f"{row['expected_zh']}\n{row['expected_en']}",
            f"{row['mend_zh']}\n{row['mend_en']}",
        )
        fault = (NOT_TAKEN, rule_text(row["rule"], "\n"), field, 1, None, None, None, None)
        yield (record, row["file_name"], unit, names.get(unit), *fault, *place, *words)
