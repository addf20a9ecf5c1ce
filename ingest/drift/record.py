"""Recording an accepted layout, and withdrawing it: under a lock, never against what is accepted already."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg.types.json import Jsonb

from ingest.drift.accepted_layouts import Accepted, active, all_accepted
from ingest.drift.compare import Difference
from ingest.drift.held_ledger import as_json, shown_sha256
from ingest.profile import normal_header

LAYOUT_NAMESPACE = UUID("9d0f6a0c-2a55-5d3a-8f0e-6f7f6c0d5b11")


class DecisionError(Exception):
    """What was asked for cannot be accepted; said in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def check_shown(connection: psycopg.Connection, path: Path, sha256: str, *, must_be: bool) -> None:
    """Only the content that somebody was shown may be accepted."""
    shown = shown_sha256(connection, path)
    if shown is None and must_be:
        raise DecisionError("请先看差异：junheng profile diff", "look first: junheng profile diff")
    if shown not in (None, sha256):
        raise DecisionError(
            "文件内容在显示差异之后已改变，请重新查看：junheng profile diff",
            "the file has changed since its differences were shown; look again: junheng profile diff",
        )


def record(
    connection: psycopg.Connection,
    accepted: Accepted,
    differences: tuple[Difference, ...],
    known: Iterable[Accepted],
) -> UUID:
    """Write the acceptance, under a lock on its profile; its name.

    DecisionError: it contradicts another, or what is accepted is no longer ``known``, which was decided upon.
    """
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"junheng.layout/{accepted.profile}"]
    )
    now = active(connection, accepted.record)
    _check_not_contradicted(accepted, now)
    _check_not_moved(accepted, known, now)
    said = content(accepted)
    earlier = [a for a in all_accepted(connection, accepted.profile) if content(a) == said]
    if any(a.withdrawn_at is None for a in earlier):
        raise DecisionError("同样的内容已登记", "the same is accepted already")
    # The same said again after it was withdrawn is another acceptance: its files are read anew.
    layout_id = uuid5(LAYOUT_NAMESPACE, f"{said}/{len(earlier)}")
    connection.execute(
        "insert into ops.accepted_layout (layout_id, profile, record, layouts, renames, ignored, codes, "
        "cells, differences, year_from, year_to, file_name, file_sha256, accepted_by) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            layout_id,
            accepted.profile,
            accepted.record,
            *(_json(v) for v in (accepted.layouts, accepted.renames, accepted.ignored, accepted.codes)),
            _json(accepted.cells),
            as_json(differences),
            accepted.year_from,
            accepted.year_to,
            accepted.file_name,
            accepted.file_sha256,
            accepted.accepted_by,
        ],
    )
    return layout_id


def _check_not_moved(accepted: Accepted, known: Iterable[Accepted], now: Iterable[Accepted]) -> None:
    before, after = ({a.layout_id for a in all_ if a.profile == accepted.profile} for all_ in (known, now))
    if before != after:
        raise DecisionError(
            "此版式的登记刚刚被他人改变，未登记；请重新查看：junheng profile diff",
            "what is accepted for this layout has just changed; nothing was accepted; look again: "
            "junheng profile diff",
        )


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=lambda v: json.dumps(v, ensure_ascii=False))


def to_withdraw(connection: psycopg.Connection, name: str) -> Accepted:
    """The one acceptance in force whose name begins like this."""
    found = [a for a in all_accepted(connection) if str(a.layout_id).startswith(name) and not a.withdrawn_at]
    if len(found) != 1:
        raise DecisionError(
            f"没有唯一以“{name}”开头的已登记版式；见 junheng profile show",
            f"not one accepted layout begins with “{name}”: see junheng profile show",
        )
    return found[0]


def withdraw(connection: psycopg.Connection, accepted: Accepted, by: str) -> list[str]:
    """Take an acceptance back; the files that were read by it.

    What was loaded stays until another file, or the same read otherwise, takes its place.
    """
    taken = connection.execute(
        "update ops.accepted_layout set withdrawn_by = %s, withdrawn_at = clock_timestamp() "
        "where layout_id = %s and withdrawn_at is null",
        [by, accepted.layout_id],
    )
    if not taken.rowcount:
        raise DecisionError("刚刚已被他人撤销", "somebody else has just withdrawn it")
    files = connection.execute(
        "select distinct batch.file_name from ops.load_batch as batch "
        "inner join ops.partition_batch as part on batch.batch_id = part.batch_id "
        "where batch.layout_id = %s and part.superseded_at is null order by 1",
        [accepted.layout_id],
    )
    return [file_name for (file_name,) in files]


def _check_not_contradicted(accepted: Accepted, others: Iterable[Accepted]) -> None:
    for other in others:
        is_same = other.profile == accepted.profile and other.overlaps(accepted)
        if is_same and (not other.layouts or not accepted.layouts or other.keys & accepted.keys):
            clash = _clash(accepted, other)
            if clash:
                name = str(other.layout_id)[:8]
                who = f"{other.years}, {other.accepted_by}, {name}"
                raise DecisionError(
                    f"“{clash}”与已登记的（{who}）矛盾；须先撤销：junheng profile withdraw {name}",
                    f"“{clash}” contradicts what is accepted ({who}): withdraw that first",
                )


def _clash(first: Accepted, second: Accepted) -> str | None:
    """What two acceptances say differently; None when one may stand beside the other."""
    one, two = _said(first), _said(second)
    different = sorted(str(key[1]) for key in one.keys() & two.keys() if one[key] != two[key])
    return different[0] if different else None


def _said(accepted: Accepted) -> dict[tuple[str, str], object]:
    """What an acceptance says of every header, code and cell."""
    said: dict[tuple[str, str], object] = {("header", normal_header(h)): None for h in accepted.ignored}
    for old, new in accepted.renames:
        said["header", normal_header(old)] = normal_header(new)
        said["header", normal_header(new)] = normal_header(old)
    said |= {(name, normal_header(text)): code for name, text, code in accepted.codes}
    return said | {("cell", name): dict(change) for name, change in accepted.cells}


def content(accepted: Accepted) -> str:
    """What an acceptance says, in one text: two that say the same have the same."""
    said: list[object] = [accepted.profile, sorted(accepted.keys), sorted(accepted.renames)]
    said += [
        sorted(accepted.ignored),
        sorted(accepted.codes),
        sorted((n, dict(c)) for n, c in accepted.cells),
    ]
    return json.dumps([*said, accepted.year_from, accepted.year_to], ensure_ascii=False, sort_keys=True)
