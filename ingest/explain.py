"""How a figure came about: an indicator of a school down to the cells of the files."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from rich.console import Console

from ingest.findings import verdict
from ingest.questions import Place, one_of, places
from ingest.tables import Row, figure, read, table
from ingest.trace import Trace, agrees, batches, trace

SCHOOLS = """
    select * from marts.mart_balance__school_indicators
    where standard_code = %(standard)s and district_code = %(district)s and school_year = %(year)s
        and stage = %(stage)s and indicator_code = %(indicator)s
    order by school_code
"""
COEFFICIENT = """
    select * from marts.mart_balance__coefficients
    where standard_code = %(standard)s and district_code = %(district)s and school_year = %(year)s
        and stage = %(stage)s and indicator_code = %(indicator)s
"""
EXTRA = """
    select extra_measure from warehouse.standard_concession
    where standard_code = %s and concession_code = %s
"""


def explain_indicator(
    console: Console,
    asked: str,
    school: str | None,
    district: str | None,
    year: int | None,
    stage: str | None,
    standard: str | None = None,
) -> None:
    """Print an indicator: of a school down to its cells, of a district its schools and its coefficient.

    QuestionError names what there is when something asked for is not there.
    """
    found = [
        (place, read(SCHOOLS, place.parameters)) for place in places(asked, district, year, stage, standard)
    ]
    if school is not None:
        names = {row["school_code"]: row["school_name"] for _, rows in found for row in rows}
        one_of("学校", "school of the district and year", school, names)
    for place, rows in found:
        if school is None:
            _print_district(console, place, rows)
        for row in rows:
            if row["school_code"] == school:
                _print_school(console, place, row)


def _title(place: Place) -> str:
    one = place.indicator
    return (
        f"{place.district_code} · {place.school_year} 学年 · {one['stage_zh']} {one['stage_en']} · "
        f"{one['indicator_number']} {one['indicator_zh']} {one['indicator_en']}"
    )


def _say(console: Console, text: str) -> None:
    """Print a text as it is: brackets of a cell are no markup."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def plain(value: Fraction | Decimal | None) -> str:
    """An exact figure without trailing zeros, at most ten decimals; a dash where it is missing."""
    if value is None:
        return "–"
    exact = Fraction(value)
    number = round(Decimal(exact.numerator) / Decimal(exact.denominator), 10)
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _definition(console: Console, place: Place) -> None:
    one = place.indicator
    _say(console, _title(place))
    scale = f" × {plain(one['scale'])}" if one["scale"] != 1 else ""
    _say(
        console,
        f"  = {one['numerator_zh']}{scale} ÷ {one['denominator_zh']}  "
        f"= {one['numerator_en']}{scale} / {one['denominator_en']} [{one['unit_zh']} {one['unit_en']}]",
    )
    _say(console, f"  {one['standard_zh']} {one['standard_en']} · {one['clause']} · {one['source']}")


def _print_district(console: Console, place: Place, rows: Sequence[Row]) -> None:
    _definition(console, place)
    [coefficient] = read(COEFFICIENT, place.parameters)
    shown = table(
        "各校 schools",
        "学校 school",
        f"{place.indicator['numerator_zh']}",
        f"{place.indicator['denominator_zh']}",
        "指标值 value",
        "标准 threshold",
        "结论 verdict",
        right=[1, 2, 3, 4],
    )
    for row in rows:
        shown.add_row(
            f"{row['school_code']} {row['school_name'] or ''}",
            plain(row["numerator"]),
            plain(row["denominator"]),
            figure(row["value"], place.indicator["decimals"]),
            figure(row["threshold"], place.indicator["decimals"]),
            f"{verdict(row)}{_turned(row)}",
        )
    console.print(shown)
    console.print(
        f"均值 mean {figure(coefficient['mean'], place.indicator['decimals'])} · 差异系数 CV "
        f"{figure(coefficient['coefficient'], 3)} · "
        f"限值 limit {figure(coefficient['coefficient_limit'], 2)} · "
        f"{coefficient['schools_reported']}/{coefficient['schools_in_scope']} 校 schools · "
        f"{verdict(coefficient)}"
    )
    _say(console, "加 --school 学校代码 可追溯到文件、行、列 add --school CODE to see file, row and column")


def _turned(row: Row) -> str:
    """Why a printed value seems to contradict its verdict: the exact value, where rounding would turn it."""
    if not row.get("is_turned_by_rounding"):
        return ""
    return f"（按未舍入值判定 judged unrounded: {plain(row['value'])}）"


def _print_school(console: Console, place: Place, row: Row) -> None:
    _definition(console, place)
    console.print(
        f"  {row['school_code']} {row['school_name'] or ''}：指标值 value "
        f"{figure(row['value'], place.indicator['decimals'])} · "
        f"标准 threshold {figure(row['threshold'], place.indicator['decimals'])} · "
        f"底线 floor {figure(row['floor_value'], place.indicator['decimals'])} · {verdict(row)}{_turned(row)}"
    )
    code, one = row["school_code"], place.indicator
    numerator = [trace(place, code, one["numerator_measure"])]
    numerator += [trace(place, code, measure) for measure in _extras(place, row)]
    denominator = [trace(place, code, one["denominator_measure"])]
    _print_part(console, "分子 numerator", row["numerator"], numerator)
    _print_part(console, "分母 denominator", row["denominator"], denominator)
    print_batches(console, [b for one in (*numerator, *denominator) for b in one.batch_ids])


def _extras(place: Place, row: Row) -> list[str]:
    """The measure that a concession lets the school count besides."""
    if row["concession_code"] is None:
        return []
    found = read(EXTRA, [place.standard_code, row["concession_code"]])
    return [str(found[0]["extra_measure"])]


def _print_part(console: Console, label: str, published: Decimal | None, traced: Sequence[Trace]) -> None:
    for one in traced:
        measure = one.measure
        title = f"{label} {plain(published)} · {measure['name_zh']} {measure['name_en']} ({measure['unit']})"
        if one.is_protected:
            _say(
                console, f"{title}\n  个人数据只追溯到文件 records of persons are traced to their files only"
            )
            continue
        shown = table(
            title,
            "学校 school",
            "字段 field",
            "值 value",
            "份额 share",
            "计入 counted",
            "文件 file",
            "表 sheet",
            "行 row",
            "列 column",
            right=[2, 3, 4, 7],
        )
        for cell in one.cells:
            shown.add_row(
                cell.school_code,
                f"{'−' if cell.sign < 0 else ''}{cell.field_zh}",
                plain(cell.value),
                plain(cell.share),
                plain(cell.counted),
                cell.file_name,
                cell.sheet or "–",
                str(cell.row),
                f"{cell.column} “{cell.header}”" if cell.column else "–",
            )
        console.print(shown)
    _print_agreement(console, agrees(published, traced))


def _print_agreement(console: Console, is_same: bool | None) -> None:
    if is_same is None:
        _say(console, "  有部分缺失，未合计 a part is missing, nothing is added up")
    elif is_same:
        _say(console, "  ✓ 各格之和与公布值一致 the cells add up to what is published")
    else:
        _say(
            console,
            "  ✗ 各格之和与公布值不一致：发布之后收到了新数据，先运行 junheng nightly "
            "the cells do not make what is published: newer files came since, run junheng nightly first",
        )


def print_batches(console: Console, batch_ids: Sequence[str]) -> None:
    """Print the files behind figures, each with its batch and its hash."""
    shown = table(
        "批次与文件 batches and files", "批次 batch", "记录 record", "文件 file", "SHA-256", "读入 loaded"
    )
    for row in batches(list(dict.fromkeys(batch_ids))):
        shown.add_row(
            str(row["batch_id"]),
            row["record"],
            row["file_name"],
            row["file_sha256"][:16],
            f"{row['loaded_at']:%Y-%m-%d %H:%M}",
        )
    console.print(shown)
