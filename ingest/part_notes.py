"""What a file meant for the others of its table, kept with its batch: for its report and the night."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg
from rich.console import Console

from ingest.tables import read

MAX_NAMED = 5  # files named after a night


def write(
    connection: psycopg.Connection, batch_id: UUID, run_id: str, notes: Sequence[tuple[str, str]]
) -> None:
    """Write the notes (zh, en) of a batch that is checked, in the place of those of an earlier check."""
    connection.execute("delete from ops.part_note where batch_id = %s", [batch_id])
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.part_note (batch_id, place, run_id, note_zh, note_en) "
            "values (%s, %s, %s, %s, %s)",
            [(batch_id, place, run_id, zh, en) for place, (zh, en) in enumerate(notes)],
        )


def notes_of(connection: psycopg.Connection, batch_id: UUID) -> list[tuple[str, str]]:
    """The notes of a batch that became current (zh, en); of any other they say what has not happened."""
    return connection.execute(
        "select note.note_zh, note.note_en from ops.part_note as note "
        "inner join ops.load_batch as batch using (batch_id) "
        "where note.batch_id = %s and batch.status = 'accepted' order by note.place",
        [batch_id],
    ).fetchall()


def print_told(console: Console, run_id: str) -> None:
    """How many files of a night replaced rows of others or stand beside them, and where that can be read."""
    rows = read(
        """
        select distinct batch.file_name, left(batch.batch_id::text, 8) as number
        from ops.part_note as note
        inner join ops.load_batch as batch using (batch_id)
        where note.run_id = %s and batch.status = 'accepted'
        order by batch.file_name, number
        """,
        [run_id],
    )
    if not rows:
        return
    named = [f"{row['file_name']} ({row['number']})" for row in rows[:MAX_NAMED]]
    is_more = len(rows) > MAX_NAMED
    console.print(
        f"· {len(rows)} 份文件取代了同一张表其他文件的行，或与其并列：{'、'.join(named)}{' 等' * is_more}。"
        "详见 junheng batch report --batch 加编号\n"
        f"  files that took the place of rows of others of their table, or stand beside them: {len(rows)} "
        f"({', '.join(named)}{', …' * is_more}); read junheng batch report --batch with the number",
        style="yellow",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
