"""Forms that are not as their layout says: one altered by hand is a slip, most of them are a new edition."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.drift import Difference
from ingest.form_faults import FormFaultError
from ingest.form_source import FormRow

LEAST_WORKBOOKS = 2
Change = tuple[str, str, str, str | None]  # cell, what was expected (zh), sheet, what was found


@dataclass
class FormChanges:
    """Counts of workbooks: how many there are, and in how many a cell is not where its layout says."""

    workbooks: int = 0
    counts: Counter[Change] = field(default_factory=Counter)

    def add(self, row: FormRow) -> None:
        """Take one workbook in."""
        self.workbooks += 1
        faults = [*row.form_faults.values(), *([row.school_fault] if row.school_fault else [])]
        for change in {_change(fault) for fault in faults if fault.cell}:
            self.counts[change] += 1

    def differences(self) -> list[Difference]:
        """What most workbooks have: a new edition of the form. The rest is set aside workbook by workbook."""
        return [
            Difference(
                "form", True, expected, sheet, field_name=cell, is_required=True, found=found, rows=count
            )
            for (cell, expected, sheet, found), count in sorted(self.counts.items(), key=str)
            if count >= LEAST_WORKBOOKS and count * 2 > self.workbooks
        ]


def _change(fault: FormFaultError) -> Change:
    return fault.cell or "", fault.fault.expected_zh, fault.sheet, fault.found
