"""The made district in the layouts that offices really have; our own template only where there is none.

Figures and seed are those of ``write_sample``, without its planted faults: the night must come to the same
marts, whichever way the district is handed in.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from ingest.contract import contracts
from ingest.landing import STATISTICS
from ingest.sample import layout_finance as sample_layout_finance
from ingest.sample import layout_ledgers as sample_layout_ledgers
from ingest.sample import layout_statistics as sample_layout_statistics
from ingest.sample.district import DISTRICT_CODE, DISTRICT_NAME, OLD_FORMS, STAGE_ZH, District
from ingest.sample.files import FORMS, hand_in, minute, write_table
from ingest.sample.layouts import LayoutFile
from ingest.sample.parts import Cell, Table, rows_where
from ingest.sample.tables import tables
from ingest.sample.write import DEFAULT_SEED, truths

GROUPS = (sample_layout_statistics, sample_layout_finance)
# Records whose every figure stands in files of real layouts.
CARRIED = frozenset(
    {"facilities", "school_basics", *sample_layout_finance.RECORDS, *sample_layout_ledgers.RECORDS}
)
Rows = Callable[[Cell], bool]
SENIOR_FORMS = ("普通高中的表式尚未收录", "the forms of senior secondary schools are not read yet")
# Of these records our own template completes what real layouts carry: which rows (by a column), and why.
COMPLETED: dict[str, tuple[str, Rows, tuple[str, str]]] = {
    "enrolment": ("学段", lambda stage: stage == STAGE_ZH["senior_secondary"], SENIOR_FORMS),
    "staffing": ("学段", lambda stage: stage == STAGE_ZH["senior_secondary"], SENIOR_FORMS),
    "pupil_change": (
        "学年",
        lambda year: year not in OLD_FORMS,
        ("教基表中的学生变动表式未见", "the newer form of changes was never seen"),
    ),
}
NO_LAYOUT = ("尚无已收录的实际版式", "no real layout of it is read yet")


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
    every = tables(district)
    written: list[str] = []
    for file in _layout_files(district, every):
        hand_in(folder / file.path, minute(len(written)), file.write)
        written.append(file.path)
    _date_folders(folder, written)
    kept = list(kept_tables(every))
    for number, table in enumerate(kept):
        path, _ = write_table(table, FORMS[number % len(FORMS)], folder, len(written))
        written.append(path.relative_to(folder).as_posix())
    sample = RealSample(seed, tuple(written), kept_templates(kept))
    manifest = {**asdict(sample), "district_code": DISTRICT_CODE, "district_name": DISTRICT_NAME}
    text = json.dumps({**manifest, "truths": truths(district)}, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return sample


def _layout_files(district: District, every: list[Table]) -> Iterator[LayoutFile]:
    """Files of real layouts in the order in which they are handed in: the workbooks of the schools first, as
    the register that follows says more of a school."""
    for group in GROUPS:
        yield from group.files(district)
    with tempfile.TemporaryDirectory() as work:
        for number, (below, write) in enumerate(sample_layout_ledgers.writers(district, every)):
            place = Path(work) / str(number)
            place.mkdir()
            for path in write(place):
                yield LayoutFile(f"{below}/{path.name}", partial(shutil.copyfile, path))


def _date_folders(folder: Path, written: list[str]) -> None:
    """A folder of workbooks counts as handed in when its last workbook was, not when this ran."""
    for parent in {(folder / path).parent for path in written if path.startswith(STATISTICS)}:
        latest = max(path.stat().st_mtime for path in parent.iterdir())
        os.utime(parent, (latest, latest))


def kept_tables(every: list[Table]) -> Iterator[Table]:
    """Tables in our own templates: of records without a real layout, and what completes the others."""
    for table in every:
        if table.record in COMPLETED:
            header, fits, _ = COMPLETED[table.record]
            yield rows_where(table, header, fits)
        elif table.record not in CARRIED:
            yield table


def kept_templates(kept: list[Table]) -> tuple[KeptTemplate, ...]:
    """The records of these tables, each with its reason."""
    found = []
    for record in dict.fromkeys(table.record for table in kept):
        zh, en = COMPLETED[record][2] if record in COMPLETED else NO_LAYOUT
        found.append(KeptTemplate(record, record not in COMPLETED, zh, en))
    return tuple(found)


def describe(sample: RealSample) -> Iterator[str]:
    """What a person is told: how many files, and of which records our own template remains."""
    yield f"已写出 written: {len(sample.files)} 份文件 files"
    for kept in sample.kept:
        name = contracts()[kept.record].name_zh
        part = "标准表 own template" if kept.is_whole else "标准表补充 completed by our own template"
        yield f"  {name} {kept.record}：{part}（{kept.reason_zh}；{kept.reason_en}）"
