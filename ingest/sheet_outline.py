"""What stands before and after the rows of an .xlsx sheet, and whether it can be cut between two rows."""

from __future__ import annotations

from collections.abc import Sequence
from operator import lt
from pathlib import Path

ROWS_BEGIN = b"<sheetData>"
ROWS_END = b"</sheetData>"
ROW_BEGIN = b"<row "
# With more beside its rows than any table has, a sheet is not kept in mind.
MAX_BESIDE_BYTES = 8 << 20
MAX_ROW_BYTES = 1 << 19  # a piece of this length without the beginning of a row is not cut anywhere


class Outline:
    """Looks at the XML of a sheet as it passes by, in pieces that each begin with a tag.

    It is kept in a file, so that it need not be unpacked a second time.
    """

    def __init__(self, xml: Path) -> None:
        self.xml = xml
        xml.unlink(missing_ok=True)  # of an earlier attempt
        self.head = b""  # up to where the rows begin
        self.tail = b""  # from where they end
        self._state = "before"
        self._last_row = 0

    @property
    def can_be_cut(self) -> bool:
        """Whether rows say their numbers, which rise, in the usual way; told of a whole sheet only."""
        return self._state == "after"

    def look(self, text: bytes, row_numbers: Sequence[int]) -> None:
        """Take the next piece, with the numbers that its rows say."""
        if self._state == "uncuttable":
            return
        try:
            with self.xml.open("ab") as kept:
                kept.write(text)
        except OSError:  # no room for it: read at once, a sheet needs none
            self._give_up()
        if self._state == "after":
            self.tail += text
        elif self._state == "before":
            self._look_for_rows(text, row_numbers)
        elif self._state == "rows":
            self._look_at_rows(text, row_numbers)
        if max(len(self.head), len(self.tail)) > MAX_BESIDE_BYTES:
            self._give_up()

    def _look_for_rows(self, text: bytes, row_numbers: Sequence[int]) -> None:
        self.head += text
        begin = self.head.find(ROWS_BEGIN)
        if begin >= 0:
            begin += len(ROWS_BEGIN)
            self._state, rows, self.head = "rows", self.head[begin:], self.head[:begin]
            if _hides_tags(self.head.removeprefix(b"<?")):
                self._give_up()
            else:
                self._look_at_rows(rows, row_numbers)

    def _look_at_rows(self, text: bytes, row_numbers: Sequence[int]) -> None:
        end = text.find(ROWS_END)
        rows = text if end < 0 else text[:end]
        # A row without a number is counted from the one before it, which may be in another part.
        is_numbered = rows.count(b"<row") == len(row_numbers)
        in_order = all(map(lt, (self._last_row, *row_numbers), row_numbers))
        is_endless = len(rows) > MAX_ROW_BYTES and rows.rfind(ROW_BEGIN) < 0
        if not is_numbered or not in_order or is_endless or _hides_tags(text):
            self._give_up()
            return
        self._last_row = row_numbers[-1] if row_numbers else self._last_row
        if end >= 0:
            self.tail, self._state = text[end:], "after"

    def _give_up(self) -> None:
        self.xml.unlink(missing_ok=True)
        self.head = self.tail = b""
        self._state = "uncuttable"


def _hides_tags(text: bytes) -> bool:
    """Whether a comment, marked text or an instruction may hold what looks like a tag.

    One byte is found several times as fast as two, and these are rare.
    """
    return (b"!" in text and b"<!" in text) or (b"?" in text and b"<?" in text)
