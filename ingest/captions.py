"""What stands above a table's header: year, vintage, whose it is, and in what unit its amounts are.

A bureau's table says once, in its title or in a cell below it, what holds for every row. What a profile looks
for must be there, and be said once: a table that leaves it open is refused, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.chunks import SheetHeader, column_letter
from ingest.problems import RefusedFileError, refuse
from ingest.units import caption_units, header_units

KNOWN_UNITS = ("元、千元、万元、百万元或亿元", "元, 千元, 万元, 百万元 or 亿元")


@dataclass(frozen=True)
class CaptionSpec:
    """What to look for above the header: the first group of ``pattern``; how a clerk is told of it."""

    pattern: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Captions:
    """The cells above the header of one sheet."""

    file_name: str
    header: SheetHeader

    def value(self, spec: CaptionSpec) -> str:
        """What the cells say; RefusedFileError when they say nothing, or two things."""
        cells = [" ".join(text.split()) for text in self.header.caption]
        found = list(dict.fromkeys(m.group(1) for text in cells for m in re.finditer(spec.pattern, text)))
        if len(found) == 1:
            return found[0]
        raise self._refuse(
            "caption_twice" if found else "caption_missing",
            "；".join(found) or None,
            (f"表头上方写明一个{spec.name_zh}", f"{spec.name_en}, said once above the header"),
            (
                f"在表头上方的单元格写明{spec.name_zh}，只写一个",
                f"write {spec.name_en} into a cell above the header, and only one",
            ),
        )

    def unit(self, column: int, unit_columns: Sequence[int]) -> str | None:
        """The unit of a column of amounts; None where it stands beside each amount, in ``unit_columns``.

        RefusedFileError when nothing says it, or when two places do.
        """
        header = self.header.names[column]
        in_header = header_units(header)
        known, unknown = caption_units(self.header.caption)
        if len(in_header) > 1 or len(unit_columns) > 1 or (unit_columns and (in_header or known)):
            raise self._two_units(column, (*in_header, *known, *(self._place(c) for c in unit_columns)))
        if in_header:
            return in_header[0]
        if unit_columns:
            return None
        if len(known) > 1:
            raise self._two_units(column, known)
        if not known or unknown:
            raise self._no_unit(column, unknown)
        return known[0]

    def _place(self, column: int) -> str:
        return f"{column_letter(column)} “{self.header.names[column]}”"

    def _no_unit(self, column: int, unknown: Sequence[str]) -> RefusedFileError:
        zh, en = KNOWN_UNITS
        return self._refuse(
            "unit_not_stated",
            "、".join(unknown) or None,
            (
                f"{self._place(column)} 列的金额单位（{zh}）",
                f"the unit of column {self._place(column)} ({en})",
            ),
            (
                "在表头上方写明“单位：万元”，或在列名后用括号注明，或加“计量单位”列",
                "say 单位：万元 above the header, or the unit in brackets after the column's name, or in a "
                "column 计量单位",
            ),
        )

    def _two_units(self, column: int, said: Sequence[str]) -> RefusedFileError:
        return self._refuse(
            "unit_said_twice",
            "；".join(said),
            (f"{self._place(column)} 列的金额单位只有一处说明", f"one unit for column {self._place(column)}"),
            ("核对后只保留一处单位说明", "check which is right and keep that one only"),
        )

    def _refuse(
        self, rule: str, found: str | None, expected: tuple[str, str], mend: tuple[str, str]
    ) -> RefusedFileError:
        return refuse(
            rule,
            self.file_name,
            sheet=self.header.sheet or None,
            row=self.header.end_row,
            found=found,
            expected=expected,
            mend=mend,
        )
