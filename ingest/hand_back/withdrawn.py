"""Rows that a clerk took out of a returned file because another row of the same key is the right one.

A row that merely did not come back stays set aside. Only where the message itself said to delete one of two,
and the other came back and was taken, is the missing one settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from ingest.duplicates import RULE, other_place
from ingest.hand_back.returned_marks import place_of
from ingest.lineage import Lineage, Place
from ingest.tables import Row

_SAME_KEY = """
    select
        ops.origin_batch(batch_id, source_block) as origin_id, source_sheet, source_row, rule, expected_en
    from ops.rejected_row
    where batch_id = %s and rule = any(%s)
    order by rejected_row_id
"""


def withdrawn_places(
    connection: psycopg.Connection,
    found: Lineage,
    batch_id: UUID,
    offset: int,
    moved: Mapping[tuple[str, int], Place],
    stamp: UUID,
) -> list[Place]:
    """Places of the base that did not come back and need not: their key stands, by the row that did."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SAME_KEY, [found.head.batch_id, [RULE, f"{RULE}_accepted"]]).fetchall()
    if not rows:
        return []
    taken = _taken(connection, batch_id, offset, moved)
    groups = _Groups()
    for row in rows:
        other = other_place(row["rule"], row["expected_en"])
        if other is not None:
            sheet, number = place_of(other)
            groups.join(_place(row), (row["origin_id"], sheet or row["source_sheet"], number))
    settled = {groups.of(place) for place in taken}
    handed = set(moved.values())
    missing = {_place(row): row for row in rows if not _came_back(_place(row), handed)}
    return [
        place
        for place, row in missing.items()
        if groups.of(place) in settled or (row["rule"] != RULE and place[0] == stamp)
    ]


def _place(row: Row) -> Place:
    return row["origin_id"], row["source_sheet"], row["source_row"]


def _came_back(place: Place, handed: set[Place]) -> bool:
    """Whether the row, or the workbook that it stands for, is in the mended file."""
    batch, sheet, _ = place
    return place in handed or (batch, sheet, 0) in handed


def _taken(
    connection: psycopg.Connection, batch_id: UUID, offset: int, moved: Mapping[tuple[str, int], Place]
) -> set[Place]:
    """Places whose mended row has no fault; of a school workbook every row that it stands for."""
    bad = {
        (sheet, row)
        for sheet, row in connection.execute(
            "select source_sheet, source_row from ops.rejected_row where batch_id = %s and source_block < %s",
            [batch_id, offset],
        )
    }
    good = {place for own, place in moved.items() if own not in bad and own[1]}
    workbooks = [] if bad else [place for own, place in moved.items() if not own[1]]
    for batch, sheet, _ in workbooks:
        rows = connection.execute(
            "select source_row from ops.rejected_row where batch_id = any(%s) and source_sheet = %s",
            [[batch], sheet],
        )
        good |= {(batch, sheet, row) for (row,) in rows}
    return good


class _Groups:
    """Rows that share a key, joined two by two."""

    def __init__(self) -> None:
        self._above: dict[Place, Place] = {}

    def of(self, place: Place) -> Place:
        """What stands for the group of a row; itself where it has none."""
        while place in self._above:
            place = self._above[place]
        return place

    def join(self, one: Place, other: Place) -> None:
        """The two share a key."""
        first, second = self.of(one), self.of(other)
        if first != second:
            self._above[first] = second
