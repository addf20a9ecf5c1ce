"""Suite of the spending floor: whether what is spent ever falls."""

from __future__ import annotations

import csv

from expectations.check import Check, Text
from expectations.promises import (
    CENTS,
    Mart,
    between,
    current,
    holds,
    in_set,
    nothing_left_over,
    partitions_present,
)
from ingest.settings import SEEDS_DIR

_FISCAL = "district_code, fiscal_year"
_READINGS = ("nominal", "comparable_scope", "real")
_VERDICTS = (
    *("verdict", "verdict_strict", "floor_verdict"),
    *(f"{kind}_{reading}" for kind in ("verdict", "floor_verdict") for reading in _READINGS),
)


def _spending_items() -> str:
    """Codes of the items that are spending, quoted for a list; revenue, pay and standards are none."""
    with (SEEDS_DIR / "code_finance_item.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["is_spending"] == "true"]
    return ", ".join(f"'{row['code']}'" for row in rows)


def _spending_floor(schema: str) -> list[Check]:
    is_spending = f"item_code in ({_spending_items()})"
    reported = current("raw.finance", _FISCAL, is_spending)
    # A row that prints last year's amount makes that year known too.
    known = f"{reported} union {current('raw.finance', 'district_code, fiscal_year - 1', is_spending)}"
    # Which of two directions decides is a parameter of the mart; where both say the same, it is settled.
    printed_first = "coalesce(direction_printed, direction_comparable_scope)"
    comparable_first = "coalesce(direction_comparable_scope, direction_printed)"
    what = Text("每个已接收经费数据的主体年度都在", "every year with accepted finance data is there")
    return [
        partitions_present("expected_partitions", reported, _FISCAL, what),
        nothing_left_over(known, _FISCAL),
        in_set("status", "finance_status"),
        *(in_set(column, "verdict") for column in _VERDICTS),
        between("shortfall_amount", 0, None),
        holds(
            "no_comparison_has_reason",
            "status in ('no_data', 'not_comparable') and reason is null",
            Text("无法比较时写明原因", "where years cannot be compared, a reason is given"),
            Text("空白会被读成没有下降", "A blank is read as no fall"),
            column="reason",
        ),
        holds(
            "no_comparison_no_verdict",
            "(status in ('no_data', 'not_comparable')) <> (verdict = 'no_data') "
            "or (verdict = 'no_data') <> (verdict_strict = 'no_data')",
            Text("无法比较的不作判定，可比较的都判定", "only what can be compared is judged, and all of it"),
            Text("缺数据不可判达标", "Missing data must not be judged met"),
            column="verdict",
        ),
        holds(
            "verdict_follows_direction",
            f"verdict = 'met' and {printed_first} = 'falls' and {comparable_first} = 'falls' "
            f"or verdict = 'not_met' and {printed_first} <> 'falls' and {comparable_first} <> 'falls'",
            Text("下降的不判达标，未下降的不判未达标", "a fall is not judged met, nor a rise not met"),
            Text("这是“只增不减”的判定本身", "This is the clause that spending never falls"),
            column="verdict",
        ),
        holds(
            "both_directions_are_told",
            "status = 'falls_on_printed_rises_on_comparable_scope' and not coalesce("
            "direction_printed = 'falls' and direction_comparable_scope = 'rises', false) "
            "or status in ('rises', 'unchanged') and direction_printed = 'falls'",
            Text("公布数下降时状态写明", "a fall of the printed amounts is told in the status"),
            Text(
                "不可用同口径增长掩盖公布数下降",
                "Growth on the comparable scope must not hide a printed fall",
            ),
            column="status",
        ),
        holds(
            "change_is_recomputed",
            f"abs(compared_amount - previous_amount - change_amount) > {CENTS}",
            Text("增减额等于本年与上年之差", "the change is this year's amount less last year's"),
            Text("增减额决定升降", "The change decides between rise and fall"),
            column="change_amount",
        ),
        holds(
            "direction_has_the_sign",
            "change_amount < 0 and direction_printed is distinct from 'falls' "
            "or change_amount > 0 and direction_printed is distinct from 'rises'",
            Text("升降与增减额的正负一致", "the direction has the sign of the change"),
            Text("升降说反即结论相反", "A direction turned round turns the finding round"),
            column="direction_printed",
        ),
        holds(
            "shortfall_is_recomputed",
            f"abs(greatest(floor_amount - floor_compared_amount, 0) - shortfall_amount) > {CENTS}",
            Text(
                "差额等于底线减同一数据版本的本年金额（不小于 0）",
                "the shortfall is the floor less the amount of that vintage, never below 0",
            ),
            Text("差额是须补足的钱", "The shortfall is the money to be made up"),
            column="shortfall_amount",
        ),
        holds(
            "floor_verdict_follows_shortfall",
            "floor_verdict = 'met' and coalesce(shortfall_amount <> 0, true) "
            "or floor_verdict = 'not_met' and coalesce(shortfall_amount <= 0, true) "
            "and not is_turned_by_rounding "
            "or floor_verdict = 'no_data' and shortfall_amount is not null",
            Text("有差额的不判达标，无差额的不判未达标", "a shortfall is not met, and none is not a failure"),
            Text("底线判定须与差额一致", "The verdict on the floor must follow the shortfall"),
            column="floor_verdict",
        ),
    ]


KEY = (
    *("region_code", "district_code", "entity_code", "leg", "item_code", "stage", "scope_code"),
    *("fund_source_code", "fiscal_year"),
)

MARTS = (
    Mart(
        "mart_finance__spending_floor",
        (
            *(*KEY, "amount", "compared_amount", "previous_amount", "change_amount", "floor_amount"),
            *("floor_compared_amount", "judged_on", "verdict_nominal", "verdict_comparable_scope"),
            *("verdict_real", "floor_verdict_nominal", "floor_verdict_comparable_scope"),
            "floor_verdict_real",
            *("shortfall_amount", "direction_printed", "direction_comparable_scope", "status", "reason"),
            *("verdict", "verdict_strict", "floor_verdict", "is_turned_by_rounding"),
        ),
        KEY,
        _spending_floor,
    ),
)
