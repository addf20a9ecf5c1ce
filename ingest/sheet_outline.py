"""What stands before and after the rows of an .xlsx sheet, and whether it can be cut between two rows."""

from __future__ import annotations

from pathlib import Path

ROWS_BEGIN = b"<sheetData>"
ROWS_END = b"</sheetData>"
ROW_BEGIN = b"<row "
# With more beside its rows than any table has, a sheet is not kept in mind.
MAX_BESIDE_BYTES = 8 << 20


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

    @property
    def can_be_cut(self) -> bool:
        """Whether each row says its number and all are written the usual way; told of a whole sheet only."""
        return self._state == "after"

    def look(self, text: bytes, numbered_rows: int) -> None:
        """Take the next piece, in which so many rows say their number."""
        if self._state == "uncuttable":
            return
        with self.xml.open("ab") as kept:
            kept.write(text)
        if self._state == "after":
            self.tail += text
        # A comment or marked text could hold what looks like a row. "!" is found several times as fast.
        elif b"!" in text and b"<!" in text:
            self._give_up()
        elif self._state == "before":
            self._look_for_rows(text, numbered_rows)
        else:
            self._look_at_rows(text, numbered_rows)
        if max(len(self.head), len(self.tail)) > MAX_BESIDE_BYTES:
            self._give_up()

    def _look_for_rows(self, text: bytes, numbered_rows: int) -> None:
        self.head += text
        begin = self.head.find(ROWS_BEGIN)
        if begin >= 0:
            begin += len(ROWS_BEGIN)
            self._state, rows, self.head = "rows", self.head[begin:], self.head[:begin]
            self._look_at_rows(rows, numbered_rows)

    def _look_at_rows(self, text: bytes, numbered_rows: int) -> None:
        end = text.find(ROWS_END)
        rows = text if end < 0 else text[:end]
        # A row without a number is counted from the one before it, which may be in another part.
        if rows.count(b"<row") != numbered_rows:
            self._give_up()
        elif end >= 0:
            self.tail, self._state = text[end:], "after"

    def _give_up(self) -> None:
        self.xml.unlink(missing_ok=True)
        self.head = self.tail = b""
        self._state = "uncuttable"
