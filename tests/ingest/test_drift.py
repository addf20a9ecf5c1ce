"""Files whose layout changed: found, shown, held, and read only as somebody accepted it, for those years."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes
from ingest.hand_in import records_of
from ingest.landing import pending_files
from ingest.load import LoadOutcome, load_file
from tests.ingest.conftest import HEADERS, Put, Query, Rows, csv_bytes, good_rows
from tests.ingest.made_workbooks import BOOKS, SCHOOL, book_2021, row_with, write_book

WAN = [
    "区县代码",
    "学年",
    "学校标识码",
    "学校名称",
    "教学及辅助用房面积",
    "教学仪器设备资产值(万元)",
    "计算机台数",
]
WAN_ROWS: Rows = [["990101", 2023, f"S{i}", f"学校{i}", 1000 + i, 12.5, 40 + i] for i in range(6)]
RENAMED = [*HEADERS[:6], "女生人数", "班级数"]
FIGURES = (
    "select school_code, school_year, students, female_students, classes from raw.enrolment order by 1, 2"
)
FILE_YEARS = ["--from", "2023", "--to", "2024", "--by", "李明"]


def junheng(*arguments: object) -> Result:
    """What the command answers."""
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def accept(path: Path, *arguments: object) -> Result:
    """Accept after the differences were shown."""
    junheng("profile", "diff", path)
    return junheng("profile", "accept", path, *arguments, *FILE_YEARS, "--yes")


def held(outcome: LoadOutcome, query: Query, rule: str, *said: str) -> None:
    """The file is held under ``rule``; the message names what differs and the command; nothing came in."""
    assert outcome.status == "refused"
    problem = outcome.problems[0]
    assert problem.rule == rule
    for text in (*said, "junheng profile diff"):
        assert text in problem.message_zh()
        assert text in problem.message_en()
    assert "暂存" in problem.message_zh()
    assert query("select 1 from raw.enrolment union all select 1 from raw.facilities") == []
    assert query("select 1 from ops.load_batch where status <> 'refused'") == []
    (row,) = query("select reason_zh from ops.held_file where resolved_at is null")
    assert row["reason_zh"] == problem.message_zh()


def of_year(year: int) -> Rows:
    return [[row[0], year, *row[2:]] for row in good_rows()]


def test_a_required_header_renamed_is_held_and_the_new_name_proposed(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), [*HEADERS[:4], "就读年级", *HEADERS[5:]]))
    held(load_file(path, "enrolment"), query, "missing_header", "“年级”", "“就读年级”", "junheng_enrolment")
    (row,) = query("select differences from ops.held_file")
    gone, new = [d for d in row["differences"] if d["is_held"]]
    assert (gone["kind"], gone["header"], gone["proposal"], gone["is_required"]) == (
        "gone",
        "年级",
        "就读年级",
        True,
    )
    assert (new["kind"], new["header"], new["column"]) == ("new", "就读年级", "E")


def test_of_records_that_share_their_first_columns_the_one_that_differs_least_is_meant(put: Put) -> None:
    file = put("a.csv", csv_bytes(good_rows(), ["学生总数" if h == "在校生数" else h for h in HEADERS]))
    assert records_of(file) == ["enrolment"]


def test_a_sign_that_no_console_shows_is_written_out_in_what_differs(put: Put, query: Query) -> None:
    outcome = load_file(
        put("a.csv", csv_bytes(good_rows(), ["\x1a" if h == "在校生数" else h for h in HEADERS])), "enrolment"
    )
    (problem,) = outcome.problems
    assert problem.message_en().isprintable(), problem.message_en()
    assert problem.message_zh().isprintable(), problem.message_zh()
    assert "\\x1a" in problem.message_zh()


def test_an_optional_header_renamed_is_held_not_dropped(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    held(load_file(path, "enrolment"), query, "layout_changed", "女生数", "女生人数")


def test_an_unlike_name_in_the_place_and_with_the_figures_of_a_column_is_held(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), [*HEADERS[:6], "甲类", "班级数"]))
    held(load_file(path, "enrolment"), query, "layout_changed", "甲类")


@pytest.mark.parametrize("note", ["备注", "核对人"])
def test_a_clerks_note_beside_our_own_template_is_told_and_holds_nothing(
    put: Put, query: Query, note: str
) -> None:
    rows = [[*row, "已核"] for row in good_rows()]
    outcome = load_file(put("a.csv", csv_bytes(rows, [*HEADERS, note])), "enrolment")
    assert (outcome.status, outcome.rows_loaded) == ("loaded", 10)
    (row,) = query("select layout_differences from ops.load_batch")
    assert [(d["kind"], d["header"], d["column"]) for d in row["layout_differences"]] == [("new", note, "I")]


def test_a_column_more_or_less_holds_a_layout_that_is_not_ours(put: Put, query: Query) -> None:
    more = csv_bytes([[*row, 1] for row in WAN_ROWS], [*WAN, "录播教室数"])
    held(load_file(put("a.csv", more), "facilities"), query, "layout_changed", "H", "“录播教室数”")
    less = csv_bytes([row[1:] for row in WAN_ROWS], WAN[1:])
    outcome = load_file(put("b.csv", less), "facilities")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "missing_header")
    assert "“区县代码”" in outcome.problems[0].message_zh()
    good = load_file(put("c.csv", csv_bytes(WAN_ROWS, WAN)), "facilities")
    assert (good.status, good.rows_loaded) == ("loaded", 6)


def test_a_layout_in_another_unit_is_never_a_rename(put: Put, query: Query) -> None:
    headers = [h.replace("(万元)", "(千元)") for h in WAN]
    path = put("a.csv", csv_bytes(WAN_ROWS, headers))
    outcome = load_file(path, "facilities")
    assert (outcome.status, "facilities_wan" in outcome.problems[0].message_en()) == ("refused", True)
    renamed = f"{WAN[5]}={headers[5]}"
    answer = accept(path, "--rename", renamed, "--record", "facilities")
    assert (answer.exit_code, "different units" in answer.output) == (exit_codes.WRONG_USAGE, True)
    assert query("select 1 from ops.accepted_layout") == []


def test_columns_in_any_order_give_the_same_rows(put: Put, query: Query) -> None:
    assert load_file(put("plain.csv", csv_bytes(good_rows())), "enrolment").rows_loaded == 10
    for seed in range(4):
        order = random.Random(seed).sample(range(len(HEADERS)), len(HEADERS))
        rows = [[row[c] for c in order] for row in good_rows()]
        outcome = load_file(put(f"{seed}.csv", csv_bytes(rows, [HEADERS[c] for c in order])), "enrolment")
        assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 10, 0)
    (rows,) = query(
        "select count(distinct batch_id) as batches, count(distinct (school_code, school_year, stage, grade, "
        "students, female_students, classes)) as rows from raw.enrolment"
    )
    assert rows == {"batches": 5, "rows": 10}
    (told,) = query("select layout_differences as d from ops.load_batch where file_name = '0.csv'")
    order = random.Random(0).sample(range(len(HEADERS)), len(HEADERS))
    assert {d["header"] for d in told["d"]} == {HEADERS[c] for place, c in enumerate(order) if place != c}
    assert {d["kind"] for d in told["d"]} == {"moved"}


def test_accepted_it_is_read_for_its_years_and_no_other(put: Put, query: Query) -> None:
    first, beyond = (
        put("a.csv", csv_bytes(of_year(2023), RENAMED)),
        put("b.csv", csv_bytes(of_year(2025), RENAMED)),
    )
    held(load_file(first, "enrolment"), query, "layout_changed", "女生人数")
    answer = accept(first, "--rename", "女生数=女生人数", "--load")
    assert answer.exit_code == exit_codes.DONE, answer.output
    assert [tuple(r.values()) for r in query(FIGURES)] == [
        (f"S{i:04d}", 2023, 100 + i, 40 + i, 3) for i in range(10)
    ]
    assert query("select status from ops.load_batch") == [{"status": "accepted"}]
    assert query("select 1 from ops.held_file where resolved_at is null") == []
    (column,) = query(
        "select source_column, header from ops.batch_column where field_name = 'female_students'"
    )
    assert column == {"source_column": "G", "header": "女生人数"}
    assert load_file(first, "enrolment").status == "known"
    later = load_file(beyond, "enrolment")
    assert (later.status, later.problems[0].rule) == ("refused", "layout_changed")
    assert "2023–2024" in later.problems[0].message_zh()
    assert query("select distinct school_year from raw.enrolment") == [{"school_year": 2023}]


def test_the_landing_folder_reads_a_held_file_after_it_was_accepted(
    query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    path = tmp_path / "enrolment" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(csv_bytes(good_rows(), RENAMED))
    assert load_file(path, "enrolment").status == "refused"
    assert pending_files("enrolment") == []
    assert accept(path, "--rename", "女生数=女生人数").exit_code == exit_codes.DONE
    assert pending_files("enrolment") == [path]
    assert load_file(path, "enrolment").status == "loaded"
    assert pending_files("enrolment") == []


def test_withdrawn_it_is_held_again_and_may_be_accepted_anew(put: Put, query: Query) -> None:
    path, other = (
        put("a.csv", csv_bytes(good_rows(), RENAMED)),
        put("b.csv", csv_bytes(of_year(2024), RENAMED)),
    )
    load_file(path, "enrolment")
    accept(path, "--rename", "女生数=女生人数", "--load")
    (row,) = query("select layout_id from ops.accepted_layout")
    answer = junheng("profile", "withdraw", str(row["layout_id"])[:8], "--by", "王芳", "--yes")
    assert (answer.exit_code, "a.csv" in answer.output) == (exit_codes.DONE, True)
    assert load_file(other, "enrolment").problems[0].rule == "layout_changed"
    assert load_file(path, "enrolment").problems[0].rule == "layout_changed"
    assert accept(path, "--ignore", "女生人数", "--ignore", "女生数", "--load").exit_code == exit_codes.DONE
    assert load_file(other, "enrolment").status == "loaded"
    current = query(
        "select e.female_students from raw.enrolment as e inner join ops.current_batch as c "
        "on e.batch_id = c.batch_id and e.partition_key = c.partition_key group by 1"
    )
    assert current == [{"female_students": None}]
    (shown,) = query(
        "select withdrawn_by, accepted_by from ops.accepted_layout where withdrawn_at is not null"
    )
    assert shown == {"withdrawn_by": "王芳", "accepted_by": "李明"}


def test_the_difference_is_shown_in_80_columns_and_changes_nothing(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    monkeypatch.setattr("ingest.drift.profile_cli._console", lambda: Console(width=80))
    load_file(
        put("before.csv", csv_bytes([[*r[:6], r[7]] for r in good_rows()], [*HEADERS[:6], "班级数"])),
        "enrolment",
    )
    path = put("a.csv", csv_bytes(of_year(2024), RENAMED))
    before = query("select count(*) as n from ops.load_batch")
    told = junheng("profile", "diff", path).output
    for text in (
        "junheng_enrolment",
        "女生人数",
        "缺少 gone",
        "新列 new",
        "移位 moved",
        "G → H",
        "相同 same",
    ):
        assert text in told
    assert f"junheng profile accept {path} --rename '女生数=女生人数' --from" in told
    assert query("select count(*) as n from ops.load_batch") == before
    assert max(len(line) for line in told.splitlines() if "│" in line) <= 80
    assert "gone" not in junheng("profile", "diff", path, "--language", "zh").output


def test_only_the_content_that_was_shown_is_accepted(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    words = ["profile", "accept", path, "--rename", "女生数=女生人数", *FILE_YEARS, "--yes"]
    load_file(path, "enrolment")  # as at night: nobody looks
    unseen = junheng(*words)
    assert (unseen.exit_code, "look first" in unseen.output) == (exit_codes.WRONG_USAGE, True)
    assert CliRunner().invoke(cli.app, [str(w) for w in words[:-1]], input="n\n").exit_code != exit_codes.DONE
    path.write_bytes(csv_bytes(good_rows(11), RENAMED))
    changed = junheng(*words)
    assert (changed.exit_code, "has changed" in changed.output) == (exit_codes.WRONG_USAGE, True)
    assert query("select 1 from ops.accepted_layout") == []
    assert junheng("profile", "diff", path).exit_code == exit_codes.DONE
    assert junheng(*words).exit_code == exit_codes.DONE


def test_it_asks_and_a_no_records_nothing(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    words = ["profile", "accept", str(path), "--rename", "女生数=女生人数", *FILE_YEARS]
    answer = CliRunner().invoke(cli.app, words, input="n\n")
    assert (answer.exit_code, "女生人数" in answer.output) == (exit_codes.WRONG_USAGE, True)
    assert query("select 1 from ops.accepted_layout") == []
    assert CliRunner().invoke(cli.app, words, input="y\n").exit_code == exit_codes.DONE
    assert len(query("select 1 from ops.accepted_layout")) == 1


def test_nobody_waits_for_who_leaves_a_question_open(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones = "select state from pg_stat_activity where datname = current_database() and state like %s"
    asked = []

    def left_open(question: str) -> bool:
        assert query(open_ones, "idle in transaction%") == []
        asked.append(question)
        return True

    monkeypatch.setattr(typer, "confirm", left_open)
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    taken = junheng("profile", "accept", path, "--rename", "女生数=女生人数", *FILE_YEARS)
    (row,) = query("select layout_id from ops.accepted_layout")
    back = junheng("profile", "withdraw", row["layout_id"], "--by", "王芳")
    assert [taken.exit_code, back.exit_code, len(asked)] == [exit_codes.DONE, exit_codes.DONE, 2]
    assert query("select withdrawn_by from ops.accepted_layout") == [{"withdrawn_by": "王芳"}]


def test_what_somebody_else_decides_while_the_question_is_open_is_not_overrun(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = put("b.csv", csv_bytes(of_year(2025), RENAMED))
    names = ["--rename", "女生数=女生人数"]

    def other_accepts(question: str) -> bool:
        junheng("profile", "diff", later)
        other = junheng("profile", "accept", later, *names, "--from", "2025", "--by", "王芳", "--yes")
        return other.exit_code == exit_codes.DONE

    monkeypatch.setattr(typer, "confirm", other_accepts)
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    late = junheng("profile", "accept", path, *names, *FILE_YEARS)
    assert (late.exit_code, "has just changed" in late.output) == (exit_codes.WRONG_USAGE, True)
    (row,) = query("select layout_id, accepted_by from ops.accepted_layout")
    assert row["accepted_by"] == "王芳"

    words = ["profile", "withdraw", row["layout_id"], "--by"]
    monkeypatch.setattr(typer, "confirm", lambda question: junheng(*words, "王芳", "--yes").exit_code == 0)
    late = junheng(*words, "李明")
    assert (late.exit_code, "has just withdrawn" in late.output) == (exit_codes.WRONG_USAGE, True)
    assert query("select withdrawn_by from ops.accepted_layout") == [{"withdrawn_by": "王芳"}]


WRONG = {
    "nothing decided": ([], "still to be decided"),
    "a header that is not gone": (["--rename", "班级数=女生人数"], "is no column that is gone"),
    "a header that is not there": (["--rename", "女生数=女生总数"], "is no new column"),
    "only the new one": (["--ignore", "女生人数"], "“女生数” is gone"),
    "no such code": (
        ["--ignore", "女生数", "--ignore", "女生人数", "--code", "学段:大学=小学"],
        "no new code",
    ),
    "renamed twice": (
        ["--rename", "女生数=女生人数", "--rename", "女生数=女生人数"],
        "one rename each",
    ),
}


def test_what_is_not_decided_by_name_is_not_accepted(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    load_file(path, "enrolment")
    for name, (arguments, said) in WRONG.items():
        answer = accept(path, *arguments)
        assert (answer.exit_code, said in answer.output) == (exit_codes.WRONG_USAGE, True), (
            name,
            answer.output,
        )
    other_years = junheng(
        "profile", "accept", path, "--rename", "女生数=女生人数", "--from", "2030", "--by", "李明", "--yes"
    )
    assert "the file is of 2023" in other_years.output
    assert query("select 1 from ops.accepted_layout") == []


def test_two_that_contradict_each_other_are_refused(put: Put, query: Query) -> None:
    headers = [*HEADERS[:6], "女生人数", "班级数", "女生数(期末)"]
    rows = [[*row, 1] for row in good_rows()]
    path = put("a.csv", csv_bytes(rows, headers))
    load_file(path, "enrolment")
    assert (
        accept(path, "--rename", "女生数=女生人数", "--ignore", "女生数(期末)").exit_code == exit_codes.DONE
    )
    same = csv_bytes([[row[0], 2025, *row[2:]] for row in rows], headers)
    later = put("b.csv", same)
    load_file(later, "enrolment")
    junheng("profile", "diff", later)
    words = [
        "--ignore",
        "女生数",
        "--ignore",
        "女生人数",
        "--ignore",
        "女生数(期末)",
        "--by",
        "李明",
        "--yes",
    ]
    clash = junheng("profile", "accept", later, *words, "--from", "2024")
    assert (clash.exit_code, "contradicts" in clash.output) == (exit_codes.WRONG_USAGE, True)
    beside = junheng("profile", "accept", later, *words, "--from", "2025")
    assert beside.exit_code == exit_codes.DONE, beside.output
    assert [load_file(p, "enrolment").status for p in (later, path)] == ["loaded", "loaded"]
    found = query("select school_year, count(female_students) as n from raw.enrolment group by 1 order by 1")
    assert [tuple(row.values()) for row in found] == [(2023, 10), (2025, 0)]


def with_codes(*codes: str, year: int = 2023) -> bytes:
    rows = of_year(year)
    for row, code in zip(rows, codes, strict=False):
        row[3] = code
    return csv_bytes(rows)


def test_a_slip_is_set_aside_and_a_new_code_is_held(put: Put, query: Query) -> None:
    path = put("a.csv", with_codes("小學校", "小学部", "小学部", "小学部"))
    outcome = load_file(path, "enrolment")
    held(outcome, query, "new_codes", "“小学部”", "3")
    assert "小學校" not in outcome.problems[0].message_zh()
    assert "“小学部”" in junheng("status").output
    assert "学段" in junheng("profile", "diff", path).output
    slip = load_file(put("b.csv", with_codes("小學校")), "enrolment")
    assert (slip.status, slip.rows_loaded, slip.rows_rejected) == ("loaded", 9, 1)


def test_an_accepted_code_is_read_from_its_first_row_on_within_its_years(put: Put, query: Query) -> None:
    path = put("a.csv", with_codes("小学部", "小学部", "小学部"))
    load_file(path, "enrolment")
    wrong = accept(path, "--code", "学段:小学部=大学")
    assert (wrong.exit_code, "no known code" in wrong.output) == (exit_codes.WRONG_USAGE, True)
    answer = accept(path, "--code", "学段:小学部=小学", "--load")
    assert answer.exit_code == exit_codes.DONE, answer.output
    assert query("select stage, count(*) as n from raw.enrolment group by 1") == [
        {"stage": "primary", "n": 10}
    ]
    assert [row["status"] for row in query("select status from ops.load_batch")] == ["accepted"]
    once = load_file(put("b.csv", with_codes("小学部", year=2024)), "enrolment")
    assert (once.status, once.rows_loaded, once.rows_rejected) == ("loaded", 10, 0)
    beyond = load_file(put("c.csv", with_codes("小学部", year=2025)), "enrolment")
    assert (beyond.status, beyond.rows_loaded, beyond.rows_rejected) == ("loaded", 9, 1)
    many = load_file(put("d.csv", with_codes("小学部", "小学部", "小学部", year=2026)), "enrolment")
    assert (many.status, many.problems[0].rule) == ("refused", "new_codes")
    assert "2023–2024" in many.problems[0].message_zh()


def test_a_text_known_as_no_code_stays_set_aside_and_holds_nothing(put: Put, query: Query) -> None:
    rows = good_rows(20)
    for row in rows[:3]:
        row[3] = "托管"
    path = put("a.csv", csv_bytes(rows))
    assert load_file(path, "enrolment").problems[0].rule == "new_codes"
    assert accept(path, "--code", "学段:托管=").exit_code == exit_codes.DONE
    outcome = load_file(path, "enrolment")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 17, 3)


def test_a_new_code_in_an_accepted_layout_is_accepted_on_top(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    load_file(path, "enrolment")
    assert accept(path, "--rename", "女生数=女生人数").exit_code == exit_codes.DONE
    rows = of_year(2024)
    for row in rows[:4]:
        row[3] = "小学部"
    path = put("b.csv", csv_bytes(rows, RENAMED))
    outcome = load_file(path, "enrolment")
    assert (outcome.problems[0].rule, "女生" in outcome.problems[0].message_zh()) == ("new_codes", False)
    assert accept(path, "--code", "学段:小学部=小学", "--load").exit_code == exit_codes.DONE
    assert [r["female_students"] for r in query(FIGURES)] == [40 + i for i in range(10)]


def test_the_same_files_come_to_the_same_in_any_order(put: Put, query: Query) -> None:
    files = [
        put("a.csv", csv_bytes(good_rows(), RENAMED)),
        put("b.csv", csv_bytes(of_year(2024))),
        put("c.csv", with_codes("小学部", "小学部", "小学部", year=2025)),
    ]
    first = [load_file(path, "enrolment").status for path in files]
    assert first == ["refused", "loaded", "refused"]
    query_of = "select file_name, reason_zh from ops.held_file order by 1"
    told = query(query_of)
    with_order = [
        load_file(put(f"again {p.name}", p.read_bytes() + b"\n"), "enrolment").status for p in files[::-1]
    ]
    assert with_order == first[::-1]
    assert [r["reason_zh"].count("女生人数") for r in told] == [2, 0]


def test_profiles_are_listed_and_shown_with_their_years(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(), RENAMED))
    load_file(path, "enrolment")
    accept(path, "--rename", "女生数=女生人数")
    assert "facilities_wan" in junheng("profile", "list").output
    shown = junheng("profile", "show", "junheng_enrolment").output
    for text in ("必需 required: 区县代码", "2023–2024", "李明", "女生数 → 女生人数", "a.csv"):
        assert text in shown
    assert junheng("profile", "show", "nonsense").exit_code == exit_codes.WRONG_USAGE


def test_what_is_set_aside_of_persons_is_repeated_only_where_many_share_it() -> None:
    from collections import Counter

    from ingest.drift.codes import code_differences
    from ingest.profile_files import profiles

    teacher = next(p for p in profiles() if p.name == "junheng_teacher")
    counter = Counter({("stage", "学段", "张三"): 9, ("stage", "学段", "小学部"): 10})
    assert [(d.value, d.rows) for d in code_differences(teacher, counter)] == [("小学部", 10)]
    accepted = code_differences(teacher, Counter({("stage", "学段", "小学部"): 1}), {("stage", "小学部")})
    assert [(d.value, d.is_held) for d in accepted] == [("小学部", True)]


def edition(folder: Path, *, count: int = 3, changed: int = 3) -> Path:
    """School workbooks of which some have a new edition of 教基5176: another label, another 编号."""
    for number in range(count):
        book = book_2021()
        code = f"310000000{number}"
        for sheet in book.values():
            sheet.rows = [[code if cell == SCHOOL["code"] else cell for cell in row] for row in sheet.rows]
        sheet = book["教基5176"]
        if number < changed:
            sheet.rows[row_with(sheet, "12")][0] = "交互式多媒体教室（间）"
            sheet.rows[row_with(sheet, "7")][1] = "27"
        write_book(folder / f"学校{number}.xlsx", book)
    return folder


def test_a_new_edition_of_a_form_is_held_and_read_once_its_cells_are_accepted(
    tmp_path: Path, query: Query
) -> None:
    folder = edition(tmp_path / "2021")
    assert load_file(folder, "facilities").problems[0].rule == "form_changed"
    assert query("select 1 from raw.facilities") == []
    told = junheng("profile", "diff", folder, "--record", "facilities").output
    assert ("图书" in told, "表式不同" in told) == (True, True)
    books, rooms = ["--rename", "图书=27"], ["--rename", "网络多媒体教室=12"]
    record = ["--record", "facilities"]
    half = junheng("profile", "accept", folder, *books, *record, "--from", "2021", "--by", "李明", "--yes")
    assert (half.exit_code, "网络多媒体教室" in half.output) == (exit_codes.WRONG_USAGE, True)
    wrong = ["--rename", "图书=99"]
    assert "there is no 99" in accept(folder, *wrong, *rooms, *record).output
    words = ["profile", "accept", folder, *books, *rooms, *record, "--by", "李明", "--yes"]
    assert "the file is of 2021" in junheng(*words, "--from", "2022").output
    answer = junheng(*words, "--from", "2021", "--to", "2021")
    assert answer.exit_code == exit_codes.DONE, answer.output
    assert load_file(folder, "facilities").status == "loaded"
    found = query("select school_code, books, multimedia_classrooms from raw.facilities order by 1")
    assert [tuple(row.values()) for row in found] == [(f"310000000{n}", BOOKS, 31) for n in range(3)]
    later = load_file(edition(tmp_path / "2022"), "facilities")
    assert (later.status, later.problems[0].rule) == ("refused", "form_changed")
    assert "2021–2021" in later.problems[0].message_zh()


def test_one_altered_workbook_among_many_is_set_aside_alone(tmp_path: Path, query: Query) -> None:
    outcome = load_file(edition(tmp_path / "2021", count=6, changed=1), "facilities")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 5, 1)


def test_an_optional_row_of_a_form_under_another_label_is_held_not_lost(tmp_path: Path, query: Query) -> None:
    folder = edition(tmp_path / "2021", count=2, changed=0)
    for path in folder.iterdir():
        book = book_2021()
        sheet = book["教基3112"]
        sheet.rows[row_with(sheet, "寄宿生")] = [
            "住宿生" if cell == "寄宿生" else cell for cell in sheet.rows[row_with(sheet, "寄宿生")]
        ]
        code = f"31000000{path.stem[-1]}0"
        for page in book.values():
            page.rows = [[code if cell == SCHOOL["code"] else cell for cell in row] for row in page.rows]
        write_book(path, book)
    outcome = load_file(folder, "enrolment")
    assert outcome.problems[0].rule == "form_changed"
    assert "住宿生" in outcome.problems[0].message_zh()
    cells = [f"小学{n}年级寄宿生" for n in "一二三四五六"]
    words = [w for cell in cells for w in ("--rename", f"{cell}=5")]
    junheng("profile", "diff", folder, "--record", "enrolment")
    answer = junheng(
        "profile",
        "accept",
        folder,
        *words,
        "--record",
        "enrolment",
        "--from",
        "2021",
        "--by",
        "李明",
        "--yes",
    )
    assert answer.exit_code == exit_codes.DONE, answer.output
    assert load_file(folder, "enrolment").status == "loaded"
    found = query("select boarding_students as n from raw.enrolment where grade in ('1', '6') order by 1")
    assert [row["n"] for row in found] == [11, 11, 16, 16]
