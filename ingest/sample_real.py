"""The made district in the layouts that offices really have; our own template only where there is none.

Figures and seed are those of ``write_sample``, without its planted faults: the night must come to the same
marts, whichever way the district is handed in.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest import sample_layout_finance, sample_layout_statistics
from ingest.contract import contracts
from ingest.landing import STATISTICS
from ingest.sample import DEFAULT_SEED, truths
from ingest.sample_district import DISTRICT_CODE, DISTRICT_NAME, STAGE_ZH, District
from ingest.sample_files import FORMS, hand_in, minute, write_table
from ingest.sample_parts import Table
from ingest.sample_tables import tables

GROUPS = (sample_layout_statistics, sample_layout_finance)
# Records whose every figure stands in the files of the groups.
CARRIED = frozenset({"facilities", *sample_layout_finance.RECORDS})
SENIOR = STAGE_ZH["senior_secondary"]
# Of these records our own template completes what the forms carry: which rows, and why.
COMPLETED = {
    "school": (
        None,
        "统计工作簿没有镇街名称、是否计校数和主校",
        "the workbooks do not say the town's name, whether a campus counts as a school, nor its parent",
    ),
    "enrolment": (SENIOR, "普通高中的表式尚未收录", "the forms of senior secondary schools are not read yet"),
    "staffing": (SENIOR, "普通高中的表式尚未收录", "the forms of senior secondary schools are not read yet"),
}
NO_LAYOUT = ("尚无已收录的实际版式", "no real layout of it is read yet")
# The workbooks count as handed in before everything else: what completes them comes later.
FIRST_FILE = 0


@dataclass(frozen=True)
class KeptTemplate:
    """A record of which our own template remains, wholly or in part, and why."""

    record: str
    is_whole: bool
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class RealSample:
    """What was written: files below the landing folder, and what still came in our own templates."""

    seed: int
    files: tuple[str, ...]
    kept: tuple[KeptTemplate, ...]


def write_real_sample(folder: Path, seed: int = DEFAULT_SEED) -> RealSample:
    """Write the made district in real layouts, and ``folder/manifest.json`` with what must come of it."""
    district = District(seed)
    written: list[str] = []
    for file in (file for group in GROUPS for file in group.files(district)):
        hand_in(folder / file.path, minute(FIRST_FILE + len(written)), file.write)
        written.append(file.path)
    _date_folders(folder, written)
    kept = list(kept_tables(district))
    for number, table in enumerate(kept):
        path, _ = write_table(table, FORMS[number % len(FORMS)], folder, FIRST_FILE + len(written))
        written.append(path.relative_to(folder).as_posix())
    sample = RealSample(seed, tuple(written), kept_templates(kept))
    manifest = {**asdict(sample), "district_code": DISTRICT_CODE, "district_name": DISTRICT_NAME}
    text = json.dumps({**manifest, "truths": truths(district)}, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return sample


def _date_folders(folder: Path, written: list[str]) -> None:
    """A folder of workbooks counts as handed in when its last workbook was, not when this ran."""
    for parent in {(folder / path).parent for path in written if path.startswith(STATISTICS)}:
        latest = max(path.stat().st_mtime for path in parent.iterdir())
        os.utime(parent, (latest, latest))


def kept_tables(district: District) -> Iterator[Table]:
    """Tables in our own templates: of records without a real layout, and what completes the others."""
    for table in tables(district):
        if table.record in CARRIED:
            continue
        stage, *_ = COMPLETED.get(table.record, (None,))
        rows = table.rows
        if stage is not None:
            place = table.headers.index("学段")
            rows = [row for row in table.rows if row.cells[place] == stage]
        yield Table(table.record, table.period, table.headers, rows)


def kept_templates(kept: list[Table]) -> tuple[KeptTemplate, ...]:
    """The records of these tables, each with its reason."""
    found = []
    for record in dict.fromkeys(table.record for table in kept):
        _, zh, en = COMPLETED.get(record, (None, *NO_LAYOUT))
        found.append(KeptTemplate(record, record not in COMPLETED, zh, en))
    return tuple(found)


def describe(sample: RealSample) -> Iterator[str]:
    """What a person is told: how many files, and of which records our own template remains."""
    yield f"已写出 written: {len(sample.files)} 份文件 files"
    for kept in sample.kept:
        name = contracts()[kept.record].name_zh
        part = "标准表 own template" if kept.is_whole else "标准表补充 completed by our own template"
        yield f"  {name} {kept.record}：{part}（{kept.reason_zh}；{kept.reason_en}）"
