"""A table of education finance that comes as one file a stage or a town: which rows of which file count."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import psycopg
import pytest
from psycopg.rows import dict_row

from expectations.batch_facts import facts_of
from expectations.incoming import check_batches
from expectations.reopened import reopen_changed
from ingest import database, night
from ingest.accept import accept_batches
from ingest.contract import contracts
from ingest.hand_back.replay import replay_file
from ingest.hand_in import HandIn, hand_in
from ingest.load import load_file
from ingest.settings import SEEDS_DIR
from ingest.standing import table_key
from tests.ingest.conftest import Put, Query, Rows, csv_bytes
from tests.ingest.test_hands_back import handed_back, mend_csv, refused, taken
from tests.ingest.test_withdraw import HEADERS, command, row

STAGES = ("学前", "小学", "初中", "高中", "中职", "特教")
LINEAGE = """
    select stage, amount, origin.file_name, source_row
    from raw.finance as amounts
    inner join ops.current_batch as held
        on amounts.batch_id = held.batch_id and amounts.partition_key = held.partition_key
    inner join ops.load_batch as origin
        on ops.origin_batch(amounts.batch_id, source_block) = origin.batch_id
    where held.record = 'finance' order by stage, amount
"""


@pytest.fixture(autouse=True)
def _fresh(warehouse: str) -> None:
    """Every test has a warehouse of its own."""


def amount(stage: str, value: int, entity: str = "990101", **other: Any) -> list[Any]:
    """An amount of the district's, or of a town's, per pupil."""
    cells = row(stage, value, "yearly")
    cells[2] = entity
    for name, cell in other.items():
        cells[HEADERS.index(name)] = cell
    return cells


def give(put: Put, name: str, *rows: list[Any]) -> HandIn:
    """A file handed in as a clerk does."""
    return hand_in(put(name, csv_bytes(rows, HEADERS)), "finance")


def goes_in(put: Put, name: str, *rows: list[Any]) -> str:
    """A file that is taken; what was told of the others, in Chinese."""
    done = give(put, name, *rows)
    assert not done.is_refused, done.reasons
    return "\n".join(zh for zh, _ in done.notes)


def staged(query: Query) -> list[dict[str, Any]]:
    """What the model of staging reads, but for the place of a row."""
    models = SEEDS_DIR.parent
    environment = jinja2.Environment(autoescape=False)  # noqa: S701  owner: maintainers; it makes SQL of ours, no end
    environment.globals["source"] = lambda schema, table: f"{schema}.{table}"
    macros = (models / "macros" / "staging.sql").read_text(encoding="utf-8")
    model = (models / "models" / "staging" / "stg_finance.sql").read_text(encoding="utf-8")
    rows = query(environment.from_string(macros + model).render())
    origin = {"batch_id", "source_sheet", "source_row", "source_block"}
    told = [{name: value for name, value in one.items() if name not in origin} for one in rows]
    return sorted(told, key=str)


def stages(query: Query) -> dict[str, int]:
    """Amounts of the district that count, by stage."""
    return {one["stage"]: int(one["amount"]) for one in query(LINEAGE)}


def forget_everything(connection: psycopg.Connection) -> None:
    connection.execute("truncate ops.load_batch, ops.partition_batch, raw.finance, ops.seen_file cascade")
    connection.commit()


def former_shape(connection: psycopg.Connection, whole: str) -> None:
    """The ledger as it was before tables came in parts: of the table of 2022 the file ``whole`` is the last
    word, slices that it has not included; and brought up to date from there."""
    table = table_key(contracts()["finance"])
    connection.execute(
        "update ops.partition_batch set superseded_at = clock_timestamp(), superseded_by = file.batch_id "
        "from ops.load_batch as file where file.file_name = %s and superseded_at is null "
        "and partition_batch.batch_id <> file.batch_id and split_part(partition_key, '|', 2) = '2022'",
        [whole],
    )
    connection.execute(
        f"create temp table former on commit drop as select record, {table} as partition_key, batch_id, "
        "min(accepted_at) as accepted_at, max(superseded_at) as superseded_at, superseded_by "
        "from ops.partition_batch group by 1, 2, batch_id, superseded_by"
    )
    connection.execute("truncate ops.partition_batch, ops.emptied_partition")
    connection.execute(
        "insert into ops.partition_batch (record, partition_key, batch_id, accepted_at, superseded_at, "
        "superseded_by) select * from former"
    )
    connection.execute(f"update raw.finance set partition_key = {table}")
    for _ in range(2):  # the second time there is nothing to do
        connection.execute("comment on schema ops is 'before tables came in parts'")
        connection.commit()
        database.migrate()


@pytest.fixture
def connection() -> Iterator[psycopg.Connection]:
    with database.connect() as opened:
        yield opened


def test_files_by_stage_and_by_town_count_as_one_file_does(
    put: Put, query: Query, connection: psycopg.Connection
) -> None:
    parts: dict[str, Rows] = {
        "小学.csv": [amount("小学", 100), amount("小学", 40, "990101001")],
        "初中.csv": [amount("初中", 200), amount("初中", 50, "990101001")],
    }
    goes_in(put, "全.csv", *(one for rows in parts.values() for one in rows))
    whole = staged(query)
    assert len(whole) == 4
    for order in (list(parts), list(reversed(parts))):
        forget_everything(connection)
        for name in order:
            goes_in(put, name, *parts[name])
        assert staged(query) == whole, order


def test_what_comes_beside_is_told_and_the_same_file_again_is_known(put: Put, query: Query) -> None:
    assert goes_in(put, "小学.csv", amount("小学", 100)) == ""
    told = goes_in(put, "初中.csv", amount("初中", 200))
    assert "初中.csv：是同一张表的另一部分，与 小学.csv (" in told
    before = query("select * from ops.partition_batch order by partition_key")
    again = give(put, "初中.csv", amount("初中", 200))
    assert ([one["status"] for one in again.loads], again.reasons, again.notes) == (["known"], (), ())
    assert query("select * from ops.partition_batch order by partition_key") == before


def test_a_corrected_part_replaces_its_slices_and_tells_what_they_were(put: Put, query: Query) -> None:
    goes_in(put, "全.csv", amount("小学", 1320), amount("初中", 200))
    told = goes_in(put, "小学（改）.csv", amount("小学", 1400))
    assert "取代 全.csv (" in told
    assert "的 1 行，其中 1 行金额有变（101号区 小学 一般公共预算教育支出 1320 → 1400）" in told
    assert "它的另外 1 行本文件未提及，仍然有效" in told
    assert [tuple(one.values())[:3] for one in query(LINEAGE)] == [
        ("junior_secondary", 200, "全.csv"),
        ("primary", 1400, "小学（改）.csv"),
    ]
    (batch,) = query("select batch_id from ops.load_batch where file_name = '小学（改）.csv'")
    with database.connect() as opened, opened.cursor(row_factory=dict_row) as cursor:
        totals = facts_of(cursor, batch["batch_id"]).totals
    assert (totals["rows_now"], totals["rows_changed"], totals["rows_gone"]) == (1, 1, 0)


def test_parts_that_repeat_rows_are_held_whichever_came_first(
    put: Put, query: Query, connection: psycopg.Connection
) -> None:
    """The eight repeated rows are no proof that the second file is the first one corrected."""
    towns = [amount("全学段", 10 + number, f"9901010{number:02d}") for number in range(8)]
    parts: dict[str, Rows] = {"小学": [amount("小学", 100)], "初中": [amount("初中", 200)]}
    goes_in(put, "全.csv", *towns, *parts["小学"], *parts["初中"])
    whole = staged(query)
    for first, second in (("小学", "初中"), ("初中", "小学")):
        forget_everything(connection)
        goes_in(put, f"{first}.csv", *towns, *parts[first])
        ((zh, en),) = give(put, f"{second}.csv", *towns, *parts[second]).reasons
        assert f"（{first}.csv " in zh
        assert "只看文件无法判断" in zh
        assert "cannot be known from the files" in en
        assert len(staged(query)) == 9, "nothing of the first is gone"
        goes_in(put, f"{second}（无重复）.csv", *parts[second])
        assert staged(query) == whole
    # It was the first one corrected: the other way out.
    forget_everything(connection)
    goes_in(put, "表.csv", *towns, *parts["小学"])
    assert give(put, "表（改）.csv", *towns, *parts["初中"]).is_refused
    assert command("表.csv", "--reason", "学段填错", "--yes")[0] == 0
    assert night.accept("finance", night.check("finance", "run-2"))["batches_accepted"] == 1
    assert stages(query)["junior_secondary"] == 200
    assert "primary" not in stages(query)


def test_the_old_row_of_one_that_moved_goes_and_is_told(put: Put, query: Query) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    goes_in(put, "表.csv", *rows)
    goes_in(put, "镇.csv", amount("小学", 50, "990101001"))
    rows[-1] = amount("高等教育", 105)
    told = goes_in(put, "表.csv", *rows)
    assert "它的 1 行本文件没有，不再计入（101号区 特殊教育 一般公共预算教育支出 105）" in told
    assert "与 镇.csv (" in told
    assert sorted(int(one["amount"]) for one in query(LINEAGE)) == [50, *range(100, 106)]
    assert "special_education" not in stages(query)
    history = query(
        "select superseded_by = (select batch_id from ops.current_batch where partition_key like "
        "'%%higher_education%%') as is_later "
        "from ops.partition_batch where partition_key like '%%special_education%%'"
    )
    assert [one["is_later"] for one in history] == [True]


def test_a_file_that_overlaps_is_held_and_goes_in_as_its_message_says(put: Put, query: Query) -> None:
    goes_in(put, "一.csv", amount("小学", 100), amount("高中", 300))
    goes_in(put, "特教.csv", amount("特教", 30))
    done = give(put, "二.csv", amount("小学", 100), amount("初中", 300))
    ((zh, en),) = done.reasons
    assert "2 个键中有 1 个键缺失（一.csv " in zh
    assert "：990101 普通高中 一般公共预算教育支出）" in zh
    assert "特教.csv" not in zh
    assert "take the old one back with junheng batch withdraw and its number" in en
    assert stages(query) == {"primary": 100, "senior_secondary": 300, "special_education": 30}
    # As a part of the table: what is new alone.
    goes_in(put, "初中.csv", amount("初中", 300))
    assert len(stages(query)) == 4
    # Nothing in it is new by now, so it is looked at again and replaces what it holds.
    assert reopen_changed("finance") == 0, "a later file has taken its place"


def test_a_total_that_two_parts_print_is_told_to_be_left_out(put: Put, query: Query) -> None:
    goes_in(put, "小学.csv", amount("小学", 100), amount("全学段", 500))
    done = give(put, "初中.csv", amount("初中", 200), amount("全学段", 500))
    assert "去掉重复的“合计”等行" in done.reasons[0][0]
    goes_in(put, "初中（无合计）.csv", amount("初中", 200))
    assert stages(query) == {"all_stages": 500, "junior_secondary": 200, "primary": 100}


def test_a_file_written_anew_in_its_place_leaves_nothing_of_what_it_said(put: Put, query: Query) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    goes_in(put, "表.csv", *rows)
    told = goes_in(put, "表.csv", *rows[:-1])  # nothing in it is new, and yet the row is gone
    assert "它的 1 行本文件没有，不再计入" in told
    assert "special_education" not in stages(query)
    goes_in(put, "小学.csv", amount("小学", 7))
    done = give(put, "小学.csv", amount("高等教育", 7))  # its only stage was wrong: not silently beside it
    assert "小学.csv " in done.reasons[0][0]
    assert command("小学.csv", "--reason", "学段填错", "--yes")[0] == 0
    night.accept("finance", night.check("finance", "run-2"))
    assert (stages(query)["higher_education"], "primary" in stages(query)) == (7, False)


def test_a_file_written_anew_empties_tables_too_that_it_no_longer_has(put: Put, query: Query) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    goes_in(put, "表.csv", *rows[:-1], amount("特教", 105, 财政年度=2021))
    other = goes_in(put, "2021.csv", amount("小学", 90, 财政年度=2021))
    assert "2021.csv：是同一张表的另一部分，与 表.csv" in other
    told = goes_in(put, "表.csv", *rows)  # the year of the last row was wrong
    assert "它的 1 行本文件没有，不再计入（101号区 特殊教育 一般公共预算教育支出 105）" in told
    assert "2021.csv" not in told, "of that table it says nothing"
    years = "select fiscal_year, count(*) as rows from raw.finance inner join ops.current_batch " + (
        "using (batch_id, partition_key) group by 1 order by 1"
    )
    assert [tuple(one.values()) for one in query(years)] == [(2021, 1), (2022, 6)]
    # The table of the next year by the same name unsays nothing of this one.
    goes_in(
        put, "表.csv", *(amount(stage, 100 + number, 财政年度=2023) for number, stage in enumerate(STAGES))
    )
    assert [tuple(one.values()) for one in query(years)] == [(2021, 1), (2022, 6), (2023, 6)]
    # But it is that table again, with its last row of another year: beyond the share it is held.
    done = give(put, "表.csv", *rows[:2], amount("特教", 105, 财政年度=2023))
    assert "键缺失" in done.reasons[0][0]


def test_a_figure_does_not_go_because_its_row_could_not_be_read(put: Put, query: Query) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    goes_in(put, "表.csv", *rows)
    done = give(put, "表.csv", *rows[:-1], amount("特教", 0, 金额="1O5"))
    ((zh, en),) = done.reasons
    assert "：990101 特殊教育 一般公共预算教育支出）" in zh
    assert "漏了行的或有行被隔离的，补全、改正后放入完整的文件" in zh
    assert "set aside" in en
    assert stages(query)["special_education"] == 105
    goes_in(put, "表.csv", *rows[:-1], amount("特教", 106))
    assert stages(query)["special_education"] == 106


def test_a_part_taken_back_brings_nothing_back_and_leaves_the_others(put: Put, query: Query) -> None:
    goes_in(put, "全.csv", amount("小学", 1), amount("初中", 2))
    goes_in(put, "小学.csv", amount("小学", 10))
    goes_in(put, "高中.csv", amount("高中", 3))
    assert command("小学.csv", "--reason", "填错学校", "--yes")[0] == 0
    assert stages(query) == {"junior_secondary": 2, "senior_secondary": 3}
    goes_in(put, "小学（再改）.csv", amount("小学", 11))
    assert stages(query) == {"junior_secondary": 2, "primary": 11, "senior_secondary": 3}


def test_a_mended_row_goes_to_its_part(put: Put, query: Query, tmp_path: Path) -> None:
    towns = [amount("小学", 10 + number, f"9901010{number:02d}") for number in range(8)]
    goes_in(put, "小学.csv", *towns, amount("小学", 0, 金额="许多"))
    goes_in(put, "初中.csv", amount("初中", 200))
    goes_in(put, "镇.csv", amount("小学", 77, "990101000"))  # the part does not count for this one any more
    (done,) = handed_back(tmp_path)
    column = HEADERS.index("金额")
    mended = mend_csv(
        done.path, tmp_path / "改正.csv", lambda rows: rows[1].__setitem__(column, "99"), "utf-8"
    )
    assert taken(replay_file(mended)).rows_taken == 1
    told = {(one["stage"], int(one["amount"])): one["file_name"] for one in query(LINEAGE)}
    assert told[("primary", 99)] == "改正.csv"
    assert {told[("primary", 10 + number)] for number in range(1, 8)} == {"小学.csv"}
    assert (told[("primary", 77)], ("primary", 10) in told) == ("镇.csv", False)
    assert told[("junior_secondary", 200)] == "初中.csv"
    assert [one.status for one in replay_file(mended)] == ["known"]


def test_a_mended_row_of_last_year_is_taken_beside_the_next_years_table_of_that_name(
    put: Put, query: Query, tmp_path: Path
) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    goes_in(put, "表.csv", *rows[:-1], amount("特教", 0, 金额="许多"))
    (done,) = handed_back(tmp_path)
    goes_in(
        put, "表.csv", *(amount(stage, 200 + number, 财政年度=2023) for number, stage in enumerate(STAGES))
    )
    column = HEADERS.index("金额")
    mended = mend_csv(
        done.path, tmp_path / "改正.csv", lambda rows: rows[1].__setitem__(column, "105"), "utf-8"
    )
    assert taken(replay_file(mended)).rows_taken == 1
    assert len(query(LINEAGE)) == 12


def test_a_mended_row_of_a_slice_that_was_emptied_since_is_not_taken(
    put: Put, query: Query, connection: psycopg.Connection, tmp_path: Path
) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    before = [amount(stage, 100 + number, 财政年度=2021) for number, stage in enumerate(STAGES)]
    bad = [*amount("特教", 0, 金额="许多"), "政府性基金"]
    content = csv_bytes([*([*one, ""] for one in (*rows, *before)), bad], [*HEADERS, "资金来源"])
    assert hand_in(put("表.csv", content), "finance").loads[0]["rows_rejected"] == 1
    (done,) = handed_back(tmp_path)
    # The whole table of 2022 by another name, as it counted before tables came in parts: it took 特教 along.
    goes_in(put, "表2022.csv", *rows[:-1])
    former_shape(connection, "表2022.csv")
    emptied = "select partition_key from ops.emptied_partition"
    assert [one["partition_key"].split("|")[-2] for one in query(emptied)] == ["special_education"]
    column = HEADERS.index("金额")
    mended = mend_csv(
        done.path, tmp_path / "改正.csv", lambda cells: cells[1].__setitem__(column, "99"), "utf-8"
    )
    refused(replay_file(mended), "已由另一文件提供", "told by another file")
    assert not [one for one in query(LINEAGE) if one["amount"] == 99]
    # What emptied it is taken back: nothing is told beside it any more.
    assert command("表2022.csv", "--reason", "交错了文件", "--yes")[0] == 0
    assert taken(replay_file(mended)).rows_taken == 1


@pytest.mark.parametrize("is_in_place", [False, True])
def test_a_mended_row_is_not_taken_beside_the_whole_table_of_another_file(
    put: Put, query: Query, connection: psycopg.Connection, tmp_path: Path, is_in_place: bool
) -> None:
    """Only the row that was set aside ever told of its slice: the later file tells the table without it."""
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    before = [amount(stage, 100 + number, 财政年度=2021) for number, stage in enumerate(STAGES)]
    goes_in(put, "表.csv", *rows[:-1], *before, amount("特教", 0, 金额="许多"))
    (done,) = handed_back(tmp_path)
    goes_in(put, "表2022.csv", *rows[: 3 if is_in_place else -1])
    if is_in_place:  # as it was accepted while it emptied only what it had something of
        connection.execute(
            "update ops.load_batch as later set file_path = file.file_path from ops.load_batch as file "
            "where (later.file_name, file.file_name) = ('表2022.csv', '表.csv')"
        )
        connection.commit()
    column = HEADERS.index("金额")
    mended = mend_csv(
        done.path, tmp_path / "改正.csv", lambda cells: cells[1].__setitem__(column, "99"), "utf-8"
    )
    refused(replay_file(mended), "已由另一文件提供", "told by another file")
    assert not [one for one in query(LINEAGE) if one["amount"] == 99]
    assert command("表2022.csv", "--reason", "交错了文件", "--yes")[0] == 0
    assert taken(replay_file(mended)).rows_taken == 1


def test_files_of_one_night_see_what_those_before_them_empty(put: Put, query: Query) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    moved = [*rows[:-1], amount("高等教育", 105)]
    files = [("一.csv", rows), ("一.csv", moved), ("三.csv", [rows[-1]])]
    batches = []
    for place, (name, cells) in enumerate(files):
        path = put(name, csv_bytes(cells, HEADERS))
        os.utime(path, (1_700_000_000 + place, 1_700_000_000 + place))
        batches.append(load_file(path, "finance").batch_id)
    done = night.check("finance", "run-1")
    assert len(done["passed"]) == 3, done["refused"]
    emptied = query("select batch_id, partition_key from ops.emptied_partition")
    assert [(one["batch_id"], one["partition_key"].split("|")[-2]) for one in emptied] == [
        (batches[1], "special_education")
    ]
    assert night.accept("finance", done)["batches_accepted"] == 3
    names = {one["stage"]: one["file_name"] for one in query(LINEAGE)}
    assert (names["special_education"], names["primary"]) == ("三.csv", "一.csv")
    assert len(query(LINEAGE)) == 7


def test_a_batch_waits_where_another_file_came_after_its_check(put: Put, query: Query) -> None:
    rows = [amount(stage, 100 + number) for number, stage in enumerate(STAGES)]
    first = load_file(put("一.csv", csv_bytes(rows, HEADERS)), "finance").batch_id
    moved = put("一.csv", csv_bytes([*rows[:-1], amount("高等教育", 105)], HEADERS))
    second = load_file(moved, "finance").batch_id
    assert first is not None
    assert second is not None
    for batch in (first, second):  # each by itself, as in two sessions
        assert check_batches("finance", [batch], "run-1")[batch].is_success
    assert accept_batches("finance", batch_ids=[first]).accepted == (first,)
    assert accept_batches("finance", batch_ids=[second]).accepted == ()
    assert query("select status from ops.load_batch where batch_id = %s", second) == [{"status": "loaded"}]
    assert night.accept("finance", night.check("finance", "run-2"))["batches_accepted"] == 1
    assert "special_education" not in stages(query)


def test_what_must_fit_together_is_asked_of_all_parts(put: Put, query: Query) -> None:
    total = {"计量方式": "总额"}
    goes_in(put, "合计.csv", amount("全学段", 100, **total))
    goes_in(put, "小学.csv", amount("小学", 60, **total))
    done = give(put, "初中.csv", amount("初中", 50, **total))
    ((zh, en),) = done.reasons
    assert "各学段金额之和不超过全学段合计" in zh
    assert "第 2 行" in zh
    assert "合计.csv " in zh
    assert "小学.csv " in en
    goes_in(put, "合计（改）.csv", amount("全学段", 110, **total))
    night.accept("finance", night.check("finance", "run-2"))  # it is looked at again
    assert stages(query) == {"all_stages": 110, "junior_secondary": 50, "primary": 60}


def test_a_row_that_two_take_the_place_of_is_told_with_both(put: Put) -> None:
    headers = [*HEADERS, "资金来源"]

    def funded(name: str, *rows: tuple[int, str]) -> str:
        cells = [[*amount("小学", value), fund] for value, fund in rows]
        return "\n".join(zh for zh, _ in hand_in(put(name, csv_bytes(cells, headers)), "finance").notes)

    funded("一.csv", (100, ""))
    told = funded("二.csv", (40, "政府性基金"), (60, "一般公共预算"))
    assert "取代 一.csv (" in told
    assert "其中 1 行金额有变（101号区 小学 一般公共预算教育支出 100 → 60 + 40）" in told
    # Each has its own now: what states the same takes the place of the same alone.
    told = funded("三.csv", (40, "政府性基金"), (70, "一般公共预算"))
    assert "的 2 行，其中 1 行金额有变（101号区 小学 一般公共预算教育支出 60 → 70）" in told


def test_what_must_fit_together_is_asked_within_a_table(put: Put, query: Query) -> None:
    """Each of two tables is right by itself; a file may hold rows of both."""
    total: dict[str, Any] = {"计量方式": "总额"}
    account = {**total, "来源表": "account"}
    goes_in(put, "年报.csv", amount("全学段", 100, **total), amount("小学", 60, **total))
    goes_in(put, "决算.csv", amount("小学", 60, **account))
    goes_in(put, "初中.csv", amount("初中", 30, **total), amount("初中", 30, **account))
    assert len(query(LINEAGE)) == 5
    done = give(put, "高中.csv", amount("高中", 20, **total), amount("高中", 20, **account))
    assert "各学段金额之和不超过全学段合计" in done.reasons[0][0], "of the table that has a total"


def test_public_funds_are_held_against_the_education_of_their_own_table(put: Put) -> None:
    rows = [
        amount("小学", 100),
        amount("小学", 50, 来源表="account"),
        amount("小学", 80, 项目="公用经费", 口径="教育事业费", 来源表="account"),
    ]
    done = give(put, "两表.csv", *rows)
    assert "公用经费不超过教育经费（同一张表）" in done.reasons[0][0]


def test_a_file_of_another_source_of_funds_is_told_to_join_the_first(put: Put, query: Query) -> None:
    headers = [*HEADERS, "资金来源"]

    def funded(name: str, *funds: tuple[str, int]) -> HandIn:
        rows = [[*amount(stage, value), fund] for fund, value in funds for stage in ("小学", "初中")]
        return hand_in(put(name, csv_bytes(rows, headers)), "finance")

    assert not funded("一般.csv", ("一般公共预算", 100)).is_refused
    ((zh, en),) = funded("基金.csv", ("政府性基金", 10)).reasons
    assert zh.count("其中 2 个键本文件有，只是资金来源不同：请把同一张表的各资金来源写入同一份文件交入") == 1
    assert "put all sources of funds of one table into one file" in en
    # As it says.
    assert not funded("各来源.csv", ("一般公共预算", 100), ("政府性基金", 10)).is_refused
    assert sorted(int(one["amount"]) for one in query(LINEAGE)) == [10, 10, 100, 100]
    other = give(put, "高等.csv", amount("小学", 100), amount("高等教育", 1))
    assert "资金来源不同" in other.reasons[0][0], "to state no source is another one"
    ((zh, en),) = give(put, "县.csv", amount("初中", 5), amount("特教", 5, "990101001")).reasons
    assert "另有本文件没有的数据" not in zh
    assert "holds more" not in en


def test_what_else_the_old_file_holds_is_told_before_it_is_taken_back(put: Put, query: Query) -> None:
    years = (2019, 2020, 2021, 2022)
    old = [amount(stage, 100, 财政年度=year) for year in years for stage in ("小学", "初中", "高中")]
    other = amount("小学", 9, 财政年度=2022, 来源表="account")
    goes_in(put, "四年.csv", *old, other)
    new = [amount("小学", 101), amount("高等教育", 5), amount("特教", 5)]
    ((zh, en),) = give(put, "2022改.csv", *new).reasons
    hint = "财政年度 2019、2020、2021、2022；项目 一般公共预算教育支出；来源表 "
    assert zh.count("该文件另有本文件没有的数据：" + hint) == 1
    assert "教育经费决算表" in zh
    assert "holds more, of which this one says nothing: Fiscal year 2019, 2020, 2021, 2022" in en
    assert "撤回它会一并失去" in zh
    # As it says: all of it, written in its place.
    goes_in(put, "四年.csv", *old[:-3], *new, other)
    counts = query(LINEAGE)
    assert len(counts) == 13
    assert {one["stage"] for one in counts if one["amount"] == 5} == {"higher_education", "special_education"}


def test_what_divides_a_table_are_the_last_fields_of_its_partition() -> None:
    divided = {record: contract for record, contract in contracts().items() if contract.parts_by}
    assert set(divided) == {"finance"}
    for contract in divided.values():
        assert (*contract.table_by, *contract.parts_by) == contract.partition_by
        assert contract.table_by
