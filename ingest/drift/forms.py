"""Forms that are not as their layout says: one altered by hand is a slip, most of them are a new edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from ingest.drift.compare import Difference
from ingest.forms.faults import FormFaultError
from ingest.forms.source import FormRow

LEAST_WORKBOOKS = 2
# Cell, what was expected (zh), sheet, what was found, whether some years lack the cell.
Change = tuple[str, str, str, str | None, bool]


@dataclass
class FormChanges:
    """Counts of workbooks: how many there are, and in how many a cell is not where its layout says."""

    workbooks: int = 0
    counts: Counter[Change] = field(default_factory=Counter)

    def add(self, row: FormRow) -> None:
        """Take one workbook in."""
        self.workbooks += 1
        for change in {_change(fault) for fault in row.cell_faults}:
            self.counts[change] += 1

    def differences(self, ignored: Collection[str] = ()) -> list[Difference]:
        """What most workbooks have: a new edition of the form. The rest is set aside workbook by workbook."""
        found = []
        for change, count in sorted(self.counts.items(), key=str):
            cell, expected, sheet, there, is_optional = change
            is_decided = is_optional and cell in ignored
            if count >= LEAST_WORKBOOKS and count * 2 > self.workbooks and not is_decided:
                found.append(
                    Difference(
                        "form",
                        True,
                        expected,
                        sheet,
                        field_name=cell,
                        is_required=not is_optional,
                        found=there,
                        rows=count,
                    )
                )
        return found


def _change(fault: FormFaultError) -> Change:
    return fault.cell or "", fault.fault.expected_zh, fault.sheet, fault.found, fault.is_optional
