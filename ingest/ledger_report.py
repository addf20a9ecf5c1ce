"""What the ledger says, printed for a person: what came, what was taken, what was set aside and why."""

from __future__ import annotations

from rich.console import Console

from ingest import exit_codes
from ingest.contract import contracts
from ingest.drift import report as layout_report
from ingest.hand_back.kept_mends import MendNote
from ingest.hand_back.rejections import problem_of
from ingest.problems import Problem
from ingest.rule_names import rule_text
from ingest.tables import is_published, number, read, table


def print_status(console: Console) -> int:
    """Print what is published, current and refused; the exit code."""
    print_batches(console)
    print_refused(console)
    print_mends_replaced(console)
    if not is_published():
        console.print("尚未发布任何数据 nothing is published yet: junheng demo · junheng nightly")
        return exit_codes.NOTHING_PUBLISHED
    status = read("select * from marts.publication_status")[0]
    published = f"{status['last_published_at']:%Y-%m-%d %H:%M:%S %z}"
    console.print(f"最近发布 last published: {published}", markup=False)
    if status["is_last_night_failed"]:
        console.print(
            f"上一夜未发布 last night failed: {status['last_reason_zh']}", style="red", markup=False
        )
        console.print(str(status["last_reason_en"]), style="red", markup=False)
        return exit_codes.NIGHT_FAILED
    return exit_codes.DONE


def print_batches(console: Console) -> None:
    """Print files and rows by record: what is current, what was set aside. A batch that came back mended is
    told by its replay, which holds its rows."""
    rows = read(
        """
        select
            record,
            count(*) filter (where status = 'accepted') as accepted,
            count(*) filter (where status = 'loaded') as waiting,
            count(*) filter (where status = 'refused') as refused,
            sum(rows_loaded) filter (where status = 'accepted') as rows_loaded,
            sum(rows_rejected) filter (where batch_id in (select batch_id from ops.batch_to_mend))
                as rows_rejected,
            sum(rows_skipped) as rows_skipped
        from ops.load_batch as batch
        where not exists (
            select 1 from ops.load_batch as replay
            where replay.base_batch_id = batch.batch_id and replay.status = 'accepted'
        )
        group by record
        order by record
        """
    )
    shown = table(
        "文件与行 files and rows",
        "记录 record",
        "接收 accepted",
        "待定 waiting",
        "拒收 refused",
        "入库行 rows loaded",
        "隔离行 quarantined",
        "略过(合计行等) skipped",
        right=range(1, 7),
    )
    for row in rows:
        name = contracts()[row["record"]].name_zh
        shown.add_row(
            f"{name} {row['record']}",
            *(number(row[c]) for c in ("accepted", "waiting", "refused")),
            *(number(row[c]) for c in ("rows_loaded", "rows_rejected", "rows_skipped")),
        )
    console.print(shown)


def print_refused(console: Console) -> None:
    """Print files that are held for a decision, and those that were refused as a whole."""
    layout_report.print_held(console)
    rows = read(
        """
        select file_name, reason_zh, reason_en from ops.refused_file where held_file_id is null
        union all
        select file_name, reason_zh, reason_en
        from ops.load_batch as batch
        where status = 'refused' and not exists (
            select 1 from ops.held_file as held
            where held.record = batch.record and held.file_path = batch.file_path
                and held.file_sha256 = batch.file_sha256 and held.resolved_at is null
        )
        order by 1
        """
    )
    for row in rows:
        console.print(f"✗ 拒收 refused {row['file_name']}", style="red", markup=False)
        console.print(f"  {row['reason_zh']}\n  {row['reason_en']}", markup=False)


def print_mends_replaced(console: Console) -> None:
    """Print which mended workbooks count no more since their folder was read again, and why."""
    rows = read(
        """
        select kept.outcome, kept.member, mended.file_name, kept.stages, kept.left_for
        from ops.kept_mend as kept
        inner join ops.load_batch as mended on kept.mended_batch_id = mended.batch_id
        where kept.outcome <> 'kept' and exists (
            select 1 from ops.current_batch where current_batch.batch_id = kept.batch_id
        )
        group by kept.outcome, kept.member, mended.file_name, kept.stages, kept.left_for
        order by kept.member, mended.file_name
        """
    )
    for row in rows:
        zh, en = MendNote(**row).said
        console.print(f"· {zh}\n  {en}", style="yellow", markup=False)


def rejected_problems(record: str | None, file: str | None, limit: int) -> list[Problem]:
    """Problems of rows that were set aside, in the order of file, row and column.

    What is still wrong of a batch that came back mended stands with its replay; what a newer file replaced
    is no longer to be mended.
    """
    rows = read(
        """
        select batch.file_name, rejected.*
        from ops.rejected_row as rejected
        inner join ops.load_batch as batch
            on ops.origin_batch(rejected.batch_id, rejected.source_block) = batch.batch_id
        where rejected.batch_id in (select batch_id from ops.batch_to_mend)
            and (%s::text is null or rejected.record = %s)
            and (%s::text is null or strpos(batch.file_name, %s) > 0)
        order by
            batch.file_name, rejected.source_sheet, rejected.source_row, rejected.source_column nulls last
        limit %s
        """,
        [record, record, file, file, limit],
    )
    return [problem_of(row) for row in rows]


def print_rejected(console: Console, record: str | None, file: str | None, limit: int) -> None:
    """Print the rows that were set aside, its rule and then the problem in two lines."""
    problems = rejected_problems(record, file, limit)
    for problem in problems:
        text = f"{rule_text(problem.rule)}\n  {problem.message_zh()}\n  {problem.message_en()}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    if not problems:
        console.print("没有隔离行 no row was set aside")


def shorten(text: str, limit: int = 64) -> str:
    """A text cut to what a table's cell can hold."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def print_rejected_by_rule(console: Console) -> None:
    """Print how many rows were set aside for which reason, with one example each."""
    rows = read(
        """
        with cells as (
            select
                rejected.*,
                batch.file_name,
                row_number() over (partition by rejected.rule order by rejected.rejected_row_id) as place
            from ops.rejected_row as rejected
            inner join ops.load_batch as batch
                on ops.origin_batch(rejected.batch_id, rejected.source_block) = batch.batch_id
            where rejected.batch_id in (select batch_id from ops.batch_to_mend)
        )
        select
            rule,
            count(distinct (batch_id, source_sheet, source_row, source_block)) as row_count,
            max(expected_zh) filter (where place = 1) as expected_zh,
            max(expected_en) filter (where place = 1) as expected_en,
            max(file_name) filter (where place = 1) as file_name,
            max(source_row) filter (where place = 1) as source_row,
            max(source_column) filter (where place = 1) as source_column
        from cells
        group by rule
        order by row_count desc, rule
        """
    )
    if not rows:
        return
    shown = table(
        "隔离的行与原因 rows set aside and why",
        "规则 rule",
        "行 rows",
        "应为 expected",
        "例 example",
        right=[1],
    )
    for row in rows:
        shown.add_row(
            rule_text(row["rule"], "\n"),
            number(row["row_count"]),
            f"{shorten(row['expected_zh'])}\n{shorten(row['expected_en'])}",
            f"{row['file_name']}\n{row['source_row']} 行 row，{row['source_column'] or '–'} 列 column",
        )
    console.print(shown)
