"""What stands outside a table: year, vintage, whose it is, and in what unit its amounts are.

A table says once, in its title or in a cell below it, in the name of its sheet or of its file, what holds for
every row. What a profile looks for must be there, and be said once in the place that is asked first: a table
that leaves it open is refused, nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.chunks import SheetHeader, column_letter
from ingest.contract import Field
from ingest.problems import RefusedFileError, refuse
from ingest.units import caption_units, header_units

KNOWN_UNITS = ("元、千元、万元、百万元或亿元", "元, 千元, 万元, 百万元 or 亿元")

# Where a caption is looked for, and how a clerk is told of the place.
ABOVE, SHEET, FILE = "above", "sheet", "file"
PLACES = {
    ABOVE: ("表头上方", "above the header"),
    SHEET: ("工作表名", "in the name of the sheet"),
    FILE: ("文件名", "in the name of the file"),
}


@dataclass(frozen=True)
class CaptionSpec:
    """What to look for: the first group of ``pattern``, in the first of ``places`` that says it.

    Texts are compared width folded; what is kept as it is written is taken from where the pattern was found.
    A clerk is told of it by its name, where it has none by that of its field, and by an example.
    """

    pattern: str
    name_zh: str = ""
    name_en: str = ""
    like: str = ""
    places: tuple[str, ...] = (ABOVE,)
    is_as_written: bool = False

    @property
    def is_in_content(self) -> bool:
        """Whether the table itself says it, whatever sheet and file are called."""
        return self.places == (ABOVE,)


@dataclass(frozen=True)
class Captions:
    """What is said outside the table of one sheet."""

    file_name: str
    header: SheetHeader

    def value(self, spec: CaptionSpec, field: Field) -> str:
        """What is said of a field, nothing where it may be missing.

        RefusedFileError when nothing says what must be said, or when one place says two things.
        """
        for place in spec.places:
            found = _found(spec, self._texts(place))
            if len(found) == 1:
                return found[0]
            if found:
                raise self._said_twice(spec, field, place, found)
        if field.required:
            raise self._not_said(spec, field)
        return ""

    def _texts(self, place: str) -> Iterable[str]:
        if place == ABOVE:
            return self.header.caption
        return (self.header.sheet,) if place == SHEET else (Path(self.file_name).stem,)

    def _said_twice(
        self, spec: CaptionSpec, field: Field, place: str, found: Sequence[str]
    ) -> RefusedFileError:
        (zh, en), (where_zh, where_en) = _names(spec, field), PLACES[place]
        return self._refuse(
            "caption_twice",
            f"{where_zh} {where_en}: {' / '.join(found)}",
            (f"{where_zh}只写一个{zh}{_like(spec)[0]}", f"{en}, said once {where_en}{_like(spec)[1]}"),
            (f"{where_zh}只留一个{zh}后重新交入", f"leave only one {where_en} and hand it in again"),
            is_in_content=place == ABOVE,
        )

    def _not_said(self, spec: CaptionSpec, field: Field) -> RefusedFileError:
        zh, en = _names(spec, field)
        where_zh = "或".join(PLACES[place][0] for place in spec.places)
        where_en = " or ".join(PLACES[place][1] for place in spec.places)
        if spec.is_in_content:
            mend = (
                f"在表头上方的单元格写明{zh}，只写一个",
                f"write {en} into a cell above the header, and only one",
            )
        else:
            mend = ("在文件名中写明后重新交入", "write it into the name of the file and hand it in again")
        return self._refuse(
            "caption_missing",
            None,
            (f"{where_zh}写明一个{zh}{_like(spec)[0]}", f"{en}, said once {where_en}{_like(spec)[1]}"),
            mend,
            is_in_content=spec.is_in_content,
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
        self,
        rule: str,
        found: str | None,
        expected: tuple[str, str],
        mend: tuple[str, str],
        *,
        is_in_content: bool = True,
    ) -> RefusedFileError:
        return refuse(
            rule,
            self.file_name,
            sheet=self.header.sheet or None,
            row=self.header.end_row if is_in_content else None,
            found=found,
            expected=expected,
            mend=mend,
        )


def _names(spec: CaptionSpec, field: Field) -> tuple[str, str]:
    return spec.name_zh or f"“{field.name_zh}”", spec.name_en or f"“{field.name_en}”"


def _like(spec: CaptionSpec) -> tuple[str, str]:
    return (f"，如“{spec.like}”", f", like “{spec.like}”") if spec.like else ("", "")


def _found(spec: CaptionSpec, texts: Iterable[str]) -> tuple[str, ...]:
    """What the texts say, each thing once."""
    found: dict[str, None] = {}
    for text in texts:
        plain = " ".join(text.split())
        folded = unicodedata.normalize("NFKC", plain)
        # Where folding takes one sign for another, the place in one text is that in the other.
        is_kept = spec.is_as_written and len(folded) == len(plain)
        for match in re.finditer(spec.pattern, folded):
            found.setdefault(plain[slice(*match.span(1))] if is_kept else match.group(1))
    return tuple(found)
