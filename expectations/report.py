"""The results of the checks as one plain page: no internet, no script, no value of a row.

The page shows counts, places, the words of the checks and what schools wrote in explanation. Values that
were found stay in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import psycopg
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg.rows import dict_row

from ingest import database
from ingest.contract import code_list, contracts
from ingest.rule_names import rule_name

ROLE = "junheng_loader"
TEMPLATES = Path(__file__).parent / "templates"
TIME_ZONE = ZoneInfo("Asia/Shanghai")
# A page that nobody can leaf through helps nobody; the ledger holds the rest.
MAX_BATCHES = 300
MAX_REFUSED_FILES = 50
MAX_LISTED = 200

Row = dict[str, Any]

# A step that was retried asks again under the same run: the last answer counts.
_LATEST: LiteralString = """
    with answers as (
        select
            *,
            row_number() over (
                partition by border, suite, batch_id, check_name order by quality_result_id desc
            ) as answer_rank
        from ops.quality_result
        where border = %(border)s and (%(run_id)s::text is null or run_id = %(run_id)s)
    ),
    latest as (select * from answers where answer_rank = 1)
"""
_BATCHES: LiteralString = (
    _LATEST
    + """
    select
        batch.batch_id, batch.record, batch.file_name, batch.status, batch.loaded_at,
        batch.rows_read, batch.rows_loaded, batch.rows_rejected, batch.rows_skipped,
        count(*) as checks,
        count(*) filter (where not latest.is_success and latest.severity <> 'warning') as failed,
        max(latest.checked_at) as checked_at, count(*) over () as batches_in_all
    from latest
    inner join ops.load_batch as batch on latest.batch_id = batch.batch_id
    group by batch.batch_id
    order by batch.loaded_at desc, batch.file_name
    limit %(limit)s
    """
)
_CHECKS: LiteralString = (
    _LATEST
    + """
    select
        latest.suite, latest.record, latest.batch_id, latest.check_name,
        -- A warning holds nothing: it is shown, and is no failure.
        latest.is_success or latest.severity = 'warning' as is_success,
        not latest.is_success and latest.severity = 'warning' as is_warning,
        latest.message_zh, latest.message_en, latest.unexpected_count, latest.element_count,
        latest.checked_at, batch.file_name
    from latest
    left join ops.load_batch as batch on latest.batch_id = batch.batch_id
    where latest.batch_id is null or latest.batch_id = any(%(batch_ids)s)
    order by latest.suite, latest.quality_result_id
    """
)
# What was found is left out: the page shows no value, personal or not.
_REJECTED: LiteralString = """
    with counted as (
        select
            *,
            row_number() over same_rule as place,
            count(*) over (partition by record, rule, field_name) as rows_rejected
        from ops.rejected_row
        where batch_id = any(%(batch_ids)s)
        window same_rule as (partition by record, rule, field_name order by rejected_row_id)
    )
    select
        counted.record, counted.rule, counted.field_name, counted.rows_rejected, counted.source_sheet,
        counted.source_row, counted.expected_zh, counted.expected_en, counted.mend_zh, counted.mend_en,
        batch.file_name
    from counted
    inner join ops.load_batch as batch on counted.batch_id = batch.batch_id
    where counted.place = 1
    order by counted.record, counted.rows_rejected desc, counted.rule, counted.field_name
"""
_REFUSED: LiteralString = """
    select record, file_name, rule, reason_zh, reason_en, refused_at
    from ops.refused_file
    order by refused_file_id desc
    limit %(limit)s
"""
# What the school wrote stands here whole; the figures themselves stay in the ledger.
_SWINGS: LiteralString = """
    select
        swing.record, swing.school_code, swing.year, swing.field_name, swing.band, swing.explanation,
        swing.explained_by, swing.source_row, swing.source_sheet, batch.file_name,
        swing.basis, swing.stage,
        count(*) over () as swings_in_all
    from ops.swing as swing
    inner join ops.load_batch as batch on swing.batch_id = batch.batch_id
    where swing.batch_id = any(%(batch_ids)s)
    order by
        swing.explanation is not null, swing.band desc, swing.record, swing.school_code, swing.year,
        swing.field_name
    limit %(limit)s
"""
_GAPS: LiteralString = """
    select
        record, district_code, school_code, school_year, stage, state, explanation,
        count(*) over () as gaps_in_all
    from ops.missing_record
    where run_id = %(run_id)s
    order by
        array_position(
            array['missing', 'year_missing', 'refused', 'explained', 'not_due', 'never_sent'], state
        ) nulls last,
        record, school_year, school_code nulls first
    limit %(limit)s
"""
_LAST_OUTGOING: LiteralString = """
    select run_id from ops.quality_result
    where border = 'outgoing' order by quality_result_id desc limit 1
"""


def write_report(path: Path, run_id: str | None = None) -> Path:
    """Write the page and return its path; folders are made, an older page is replaced at once.

    Without ``run_id`` the page shows the last answer for every batch and the last check of the marts.
    """
    with database.connect(ROLE) as connection, connection.cursor(row_factory=dict_row) as cursor:
        page = _page(cursor, run_id)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(template("report.html.j2").render(page), encoding="utf-8")
    return unfinished.replace(path)


def template(name: str) -> Any:
    """A page's template; what it is given and lacks is an error, what files say is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.globals["rule_name"] = rule_name
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment.get_template(name)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"


def _page(cursor: psycopg.Cursor[Row], run_id: str | None) -> dict[str, Any]:
    """Everything the template shows."""
    batches = _rows(cursor, _BATCHES, border="incoming", run_id=run_id, limit=MAX_BATCHES)
    batch_ids = [batch["batch_id"] for batch in batches]
    incoming = _rows(cursor, _CHECKS, border="incoming", run_id=run_id, batch_ids=batch_ids)
    last_run = run_id or next((row["run_id"] for row in _rows(cursor, _LAST_OUTGOING)), None)
    outgoing = []
    if last_run:
        outgoing = _rows(cursor, _CHECKS, border="outgoing", run_id=last_run, batch_ids=[])
    return {
        "run_id": run_id,
        "written_at": datetime.now(TIME_ZONE),
        "names": {record: (c.name_zh, c.name_en) for record, c in contracts().items()},
        "stages": {code.code: (code.name_zh, code.name_en) for code in code_list("stage")},
        "batches_in_all": batches[0]["batches_in_all"] if batches else 0,
        "batches": batches,
        "records": _by_record(batches, incoming),
        "outgoing_run": last_run,
        "marts": _suites(outgoing),
        "outgoing": _tally(outgoing),
        "incoming": _tally(incoming),
        "rejected": [_with_field_names(row) for row in _rows(cursor, _REJECTED, batch_ids=batch_ids)],
        "refused": _rows(cursor, _REFUSED, limit=MAX_REFUSED_FILES),
        "swings": [
            {**_with_field_names(row), **_amount_names(row), "said_by": _roles(row["explained_by"])}
            for row in _rows(cursor, _SWINGS, batch_ids=batch_ids, limit=MAX_LISTED)
        ],
        "gaps": _rows(cursor, _GAPS, run_id=last_run, limit=MAX_LISTED) if last_run else [],
        "sums": {
            name: sum(batch[name] for batch in batches)
            for name in ("rows_read", "rows_loaded", "rows_rejected", "rows_skipped")
        },
    }


def _rows(cursor: psycopg.Cursor[Row], query: LiteralString, **parameters: Any) -> list[Row]:
    return cursor.execute(query, parameters).fetchall()


def _tally(results: Sequence[Row]) -> dict[str, int]:
    failed = sum(not result["is_success"] for result in results)
    return {"asked": len(results), "failed": failed, "passed": len(results) - failed}


def _by_record(batches: Sequence[Row], results: Sequence[Row]) -> list[dict[str, Any]]:
    """Batches, failures and checks of each record, those with failures first."""
    suites = {suite["name"]: suite for suite in _suites(results)}
    found = []
    for record, suite in suites.items():
        own = [batch for batch in batches if batch["record"] == record]
        own.sort(key=lambda batch: (-batch["failed"], batch["file_name"]))
        found.append({"record": record, "batches": own, **suite})
    return sorted(found, key=lambda entry: (entry["failed"] == 0, entry["record"]))


def _suites(results: Sequence[Row]) -> list[dict[str, Any]]:
    """Results by suite: how often each check held, and the messages of those that did not."""
    suites = []
    for name, rows in groupby(sorted(results, key=lambda r: r["suite"]), key=lambda r: r["suite"]):
        own = list(rows)
        checks: dict[str, dict[str, Any]] = {}
        for row in own:
            check = checks.setdefault(
                row["check_name"], {"name": row["check_name"], "passed": 0, "failed": 0}
            )
            check["passed" if row["is_success"] else "failed"] += 1
            if row["is_success"] and not row["is_warning"]:
                check["what"] = _without_subject(row)
        broken = [row for row in own if not row["is_success"]]
        warned = [row for row in own if row["is_warning"]]
        lists = {"checks": list(checks.values()), "broken": broken, "warned": warned}
        suites.append({"name": name, **lists, **_tally(own)})
    return suites


def _without_subject(row: Row) -> tuple[str, str]:
    """What a check that held promises, without the file or the mart in front."""
    subject = row["file_name"] or row["suite"]
    return row["message_zh"].removeprefix(f"{subject}："), row["message_en"].removeprefix(f"{subject}: ")


def _roles(explained_by: str | None) -> tuple[str, str]:
    """Who explained it, by role; a form that speaks for the school stays as it is called."""
    known = {code.code: code for code in code_list("author_role")}
    said = [known.get(role) or role for role in (explained_by or "").split(", ")]
    zh = [role if isinstance(role, str) else role.name_zh for role in said]
    en = [role if isinstance(role, str) else role.name_en for role in said]
    return "、".join(zh), ", ".join(en)


def _amount_names(row: Row) -> Row:
    """Of an amount that leaps, which it is: item, basis and stage."""
    if row["basis"] is None:
        return {}
    lists = (("field_name", "finance_item"), ("basis", "finance_basis"), ("stage", "stage"))
    codes = [code for name, codes in lists for code in code_list(codes) if code.code == row[name]]
    return {"field_zh": "，".join(c.name_zh for c in codes), "field_en": ", ".join(c.name_en for c in codes)}


def _with_field_names(row: Row) -> Row:
    """A rejected row's count with the names of its field, where the contract still has it."""
    contract = contracts().get(row["record"])
    fields = {field.name: field for field in contract.fields} if contract else {}
    field = fields.get(row["field_name"])
    return {**row, "field_zh": field.name_zh if field else None, "field_en": field.name_en if field else None}
