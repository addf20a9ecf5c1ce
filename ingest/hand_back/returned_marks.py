"""What a file handed back carries beside its owner's cells: of which batch each row is, where it stood, why.

A table gets these as its last columns, in a text file and in a workbook alike; a school workbook, of which
every cell has its place, gets a sheet. Both survive whatever program the file is mended in.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ingest.forms.source import FormSource
from ingest.opener import FOLDER, Opener
from ingest.problems import RefusedFileError, refuse
from ingest.profile import normal_header
from ingest.readers import Recognised

BATCH = "批次 Batch"
PLACE = "原位置 Original place"
REASON = "退回原因 Reason"
EXTRA_CELL = "多出的单元格 Extra cell"
OWN_COLUMNS = (EXTRA_CELL, BATCH, PLACE, REASON)
# Stands where a row of a text had no cell: left as it is, the row is still too short.
MISSING_CELL = "【缺单元格 cell missing】"
# Of a school workbook. A workbook handed back whole, of which nothing was taken, gets the other name.
SHEET = "退回原因 Returned"
SHEET_OF_REFUSED = "退回说明 Reasons"
SHEET_HEADERS = (BATCH, "原文件 File", "表 Form", "单元格 Cell", REASON)
REPLAY_ZH, REPLAY_EN = "改正后用 junheng replay 交回", "mend it and hand it back with junheng replay"


def own_columns(names: Sequence[str]) -> dict[str, int]:
    """Where our columns stand in a header, by name; the first where one is there twice."""
    normal = [normal_header(name) for name in names]
    return {own: normal.index(normal_header(own)) for own in OWN_COLUMNS if normal_header(own) in normal}


def is_returned(names: Sequence[str]) -> bool:
    """Whether a header is that of rows handed back, to be replayed."""
    return {BATCH, PLACE} <= set(own_columns(names))


def batches_in(text: str) -> list[UUID]:
    """Batches named in a cell. ValueError when what stands there is none."""
    return [UUID(word) for word in text.split()]


def place_text(sheet: str, row: int) -> str:
    """Where a row stood, as the last columns tell it."""
    return f"{sheet}!{row}" if sheet else str(row)


def place_of(text: str) -> tuple[str, int]:
    """Sheet and row of such a text. ValueError when it is none."""
    sheet, _, row = text.strip().rpartition("!")
    return sheet, int(row)


def check_is_no_return(file_name: str, recognised: Recognised, opener: Opener) -> None:
    """RefusedFileError for rows handed back: taken as a whole file they would replace all the others."""
    is_one = any(is_returned(sheet.names) for sheet in recognised.sheets)
    if isinstance(recognised.source, FormSource) and opener.format != FOLDER:
        is_one = is_one or recognised.source.has_sheet(SHEET)
    if is_one:
        raise returned_file(file_name)


def returned_file(file_name: str) -> RefusedFileError:
    """The refusal of a file that is only a part of another."""
    return refuse(
        "returned_file",
        file_name,
        found=f"{BATCH} · {REASON}",
        expected=("完整的文件；这是退回改正的部分", "a whole file; this is the part that was handed back"),
        mend=(REPLAY_ZH, REPLAY_EN),
    )
