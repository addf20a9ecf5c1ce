"""Files to start with: a made district with planted faults and truths, five schools, published figures.

``write_sample`` is the input of ``make demo`` and of ``junheng sample``. The same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ingest.contract import contracts
from ingest.sample.children import coverage_truth
from ingest.sample.clauses import clause_truths
from ingest.sample.district import DATA_DIR, DISTRICT_CODE, DISTRICT_NAME, LATEST, YEARS, District
from ingest.sample.faults import Plant, plant
from ingest.sample.files import (
    FORMS,
    Place,
    column_letter,
    hand_in,
    minute,
    to_csv_bytes,
    write_table,
)
from ingest.sample.finance import Accounts, falls_truth
from ingest.sample.parts import Cell, Table
from ingest.sample.spending import early_warning_truth, exception_truth, restatement_truth
from ingest.sample.tables import tables
from ingest.sample.truth import coefficients, school_values

DEFAULT_SEED = 20190063
GAP_INDICATOR = "backbone_teachers_per_100_students"
FIVE_SCHOOLS_DISTRICT = "990102"
FIVE_SCHOOLS_YEAR = 2022
# Records of which published series are carried along, as ``data/<record>_*.csv``.
PUBLISHED = ("finance", "price_index")
# Files handed in later than those of the sample, whatever their number.
LATER = 1_000


@dataclass(frozen=True)
class SampleFile:
    """One written file; ``path`` is relative to the landing folder, counts are data rows."""

    path: str
    record: str
    sheet: str | None
    rows_written: int
    rows_rejected: int
    rows_skipped: int


@dataclass(frozen=True)
class Planted:
    """One planted fault or oddity, at the place where a spreadsheet shows it (row from 1, column letter)."""

    path: str
    record: str
    sheet: str | None
    row: int
    column: str | None
    header: str | None
    outcome: str  # rejected, skipped or read
    rule: str | None  # rule of ops.rejected_row
    value: str | None  # what must be read, where outcome is read and the cell is not missing
    what_zh: str
    what_en: str


@dataclass(frozen=True)
class Manifest:
    """What ``write_sample`` wrote and what must come out of it."""

    seed: int
    district_code: str
    district_name: str
    files: tuple[SampleFile, ...]
    planted: tuple[Planted, ...]
    truths: dict[str, Any]

    def to_json(self) -> str:
        """The manifest as readable JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def write_sample(folder: Path, seed: int = DEFAULT_SEED, *, has_faults: bool = True) -> Manifest:
    """Write the made district to ``folder/<record>/`` and what it holds to ``folder/manifest.json``."""
    district = District(seed)
    every = tables(district)
    planted = plant(every) if has_faults else []
    files: list[SampleFile] = []
    found: list[Planted] = []
    turns: Counter[str] = Counter()
    for number, table in enumerate(every):
        form = FORMS[turns[table.record] % len(FORMS)]
        turns[table.record] += 1
        path, place = write_table(table, form, folder, number)
        here = [entry for owner, entry in planted if owner is table]
        relative = path.relative_to(folder).as_posix()
        files.append(_describe(table, relative, place, here))
        found += [_locate(table, relative, place, entry) for entry in here]
    manifest = Manifest(seed, DISTRICT_CODE, DISTRICT_NAME, tuple(files), tuple(found), truths(district))
    (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _describe(table: Table, relative: str, place: Place, planted: list[Plant]) -> SampleFile:
    outcomes = Counter(entry.outcome for entry in planted)
    return SampleFile(
        path=relative,
        record=table.record,
        sheet=place.sheet,
        rows_written=len(table.rows),
        rows_rejected=outcomes["rejected"],
        rows_skipped=outcomes["skipped"],
    )


def _locate(table: Table, relative: str, place: Place, entry: Plant) -> Planted:
    row = next(number for number, row in enumerate(table.rows) if row is entry.row)
    return Planted(
        path=relative,
        record=table.record,
        sheet=place.sheet,
        row=place.first_row + row,
        column=column_letter(table, entry.header),
        header=entry.header,
        outcome=entry.outcome,
        rule=entry.rule,
        value=entry.value,
        what_zh=entry.what_zh,
        what_en=entry.what_en,
    )


def truths(district: District) -> dict[str, Any]:
    """Everything that must come out of the marts for the latest year, and the falls of every year."""
    balance = coefficients(district)
    accounts = Accounts(district)
    return {
        "coefficients": balance,
        "over_limit": [
            {key: row[key] for key in ("school_year", "stage", "indicator_code", "coefficient", "limit")}
            for row in balance
            if row["verdict"] == "not_met"
        ],
        "town_country_gap": [
            {key: row[key] for key in ("school_year", "stage", "indicator_code", "urban_rural")}
            for row in balance
            if row["indicator_code"] == GAP_INDICATOR
        ],
        "school_values": school_values(district),
        "spending_falls": falls_truth(accounts),
        "spending_restatements": restatement_truth(accounts),
        "spending_exception": exception_truth(accounts),
        "spending_early_warning": early_warning_truth(accounts),
        "special_education": [coverage_truth(district.noise, year) for year in YEARS],
        "clauses": clause_truths(),
        "latest_school_year": LATEST,
    }


def write_five_schools(folder: Path) -> list[Path]:
    """Write the published example of five primary schools as files of another made district."""
    with (DATA_DIR / "five_schools.csv").open(encoding="utf-8", newline="") as stream:
        schools = list(csv.DictReader(stream))
    names = ["学年", "区县代码", "学校标识码"]
    keys: list[list[Cell]] = [
        [FIVE_SCHOOLS_YEAR, FIVE_SCHOOLS_DISTRICT, f"21990001{number:02d}"] for number in range(1, 6)
    ]
    content: dict[str, tuple[list[str], list[list[Cell]]]] = {
        "school": (
            [*names, "学校名称", "办学类型", "举办者", "城乡类型", "区县名称"],
            [
                [*key, row["学校"], "211", "831", row["城乡类型"], "示例省样本市五校区"]
                for key, row in zip(keys, schools, strict=True)
            ],
        ),
        "enrolment": (
            [*names, "学段", "年级", "在校生数"],
            [[*key, "小学", "全部年级", int(row["学生数"])] for key, row in zip(keys, schools, strict=True)],
        ),
        "facilities": (
            [*names, "图书册数"],
            [[*key, int(row["图书册数"])] for key, row in zip(keys, schools, strict=True)],
        ),
    }
    written = []
    for number, (record, (headers, rows)) in enumerate(content.items()):
        path = folder / record / f"五校示例_{contracts()[record].name_zh}_{FIVE_SCHOOLS_YEAR}学年.csv"
        text = to_csv_bytes(headers, rows, "utf-8-sig")
        hand_in(path, minute(LATER + number), partial(_put_bytes, text))
        written.append(path)
    return written


def write_published_finance(folder: Path) -> list[Path]:
    """Copy the published series of nation and province, with their sources, to ``folder/<record>/``."""
    written = []
    sources = [(record, path) for record in PUBLISHED for path in sorted(DATA_DIR.glob(f"{record}_*.csv"))]
    for number, (record, source) in enumerate(sources):
        path = folder / record / f"公告_{source.name}"
        hand_in(path, minute(2 * LATER + number), partial(_put_bytes, source.read_bytes()))
        written.append(path)
    return written


def _put_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)
