"""Whether what leaps against last year is explained; ``expectations.swings`` writes down what leaps."""

from __future__ import annotations

from datetime import date

from expectations.check import Check, Grace, Text, no_rows
from expectations.swings import HOLDING, bands
from ingest.contract import Contract

_FIGURES = Text("处", "figures")
_MATTERS = Text(
    "同一学校与上一年度相比变化过大，多为单位、列位或学校填错；确有其事时须有书面说明",
    "So large a step from the same school's last year is mostly one of unit, column or school; "
    "where it is true, it needs a written explanation",
)
_MEND = Text(
    "核对所列数字；属实的，在 112续表1 或“书面说明”表中写明原因，撤并的先交学校名录",
    "look at the figures; where they are true, say why in form 112续表1 or in the table of written "
    "explanations; hand in the register first where schools were merged",
)


def swing_checks(contract: Contract) -> list[Check]:
    """Beyond the outer band a leap holds the batch; between the bands it warns until its grace ends."""
    rows = bands(contract.record)
    if not rows:
        return []
    # One check speaks for the fields of a record: the first of their days counts.
    first = min(rows, key=lambda row: row["warn_until"])
    grace = Grace(Text(first["owner_zh"], first["owner_en"]), date.fromisoformat(first["warn_until"]))
    held, noticed = HOLDING
    return [
        _check(
            contract,
            held,
            "outer",
            Text(
                "与上一年度相比的大幅变化都有书面说明",
                "every leap against last year has a written explanation",
            ),
        ),
        _check(
            contract,
            noticed,
            "inner",
            Text(
                "与上一年度相比的较大变化都有书面说明",
                "every swing against last year has a written explanation",
            ),
            grace,
        ),
    ]


def _check(contract: Contract, name: str, band: str, what: Text, grace: Grace | None = None) -> Check:
    swung = (
        f"from ops.swing where band = '{band}' and explanation is null "
        "and batch_id in (select batch_id from {batch})"
    )
    zh = " ".join(f"when '{f}' then '{contract.field(f).name_zh}'" for f in _fields(contract))
    en = " ".join(f"when '{f}' then '{contract.field(f).name_en}'" for f in _fields(contract))
    return no_rows(
        name,
        f"select source_sheet, source_row {swung}",
        what=what,
        matters=_MATTERS,
        mend=_MEND,
        counted=_FIGURES,
        total_query="select count(*) from ops.swing where batch_id in (select batch_id from {batch})",
        names_query=f"select school_code || '“' || case field_name {zh} end || '”' as name_zh, "
        f"school_code || ' “' || case field_name {en} end || '”' as name_en {swung}",
        grace=grace,
    )


def _fields(contract: Contract) -> list[str]:
    return [row["field"] for row in bands(contract.record)]
