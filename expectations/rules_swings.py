"""Whether what leaps against last year is explained; ``expectations.swings`` writes down what leaps."""

from __future__ import annotations

from expectations.check import Check, Grace, Text, no_rows
from expectations.rule_parts import case_of, word_of
from expectations.swing_bands import bands
from expectations.swings import HOLDING
from ingest.contract import Contract

_FIGURES = Text("处", "figures")
_MATTERS = Text(
    "同一学校（主体）与上一年度相比变化过大，多为单位、列位或学校填错；确有其事时须有书面说明",
    "So large a step from last year of the same school or entity is mostly one of unit, column or school; "
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
    grace = Grace.first_of(rows)
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
    names = ", ".join(f"{_named(contract, language)} as name_{language}" for language in ("zh", "en"))
    return no_rows(
        name,
        f"select source_sheet, source_row {swung}",
        what=what,
        matters=_MATTERS,
        mend=_MEND,
        counted=_FIGURES,
        total_query="select count(*) from ops.swing where batch_id in (select batch_id from {batch})",
        names_query=f"select {names} {swung}",
        grace=grace,
    )


def _named(contract: Contract, language: str) -> str:
    """In SQL: what leaps; of amounts whose, and of which item, basis and stage."""
    if contract.record == "finance":
        parts = [
            word_of(name, codes, language)
            for name, codes in (
                ("field_name", "finance_item"),
                ("basis", "finance_basis"),
                ("stage", "stage"),
            )
        ]
        comma = "，" if language == "zh" else ", "
        return "school_code || ' ' || year || '“' || " + f" || '{comma}' || ".join(parts) + " || '”'"
    fields = {row["field"]: contract.field(row["field"]) for row in bands(contract.record)}
    names = {name: f.name_zh if language == "zh" else f.name_en for name, f in fields.items()}
    space = "" if language == "zh" else " "
    return f"school_code || '{space}“' || {case_of('field_name', names)} || '”'"
