"""Checks of published growths: against the amounts, against each other, against what is known already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from expectations.check import Check, Text, no_row_where, no_rows
from expectations.held import SERIES, held_rows, same_series, told_amounts
from expectations.rule_parts import measure_present
from ingest.contract import Contract

# Growth is printed with two decimals: half a unit of each printed figure stays under this, in points.
GROWTH_TOLERANCE_POINTS = "0.02"
PERCENT_CELL_POINTS = 0.5  # nearer to zero a growth and a hundredth of it agree by chance
# Ten thousand (万元) taken for one is the usual slip; real spending does not change twentyfold in a year.
MAX_YEARLY_FACTOR = 20
# So many growths of no stated basis look like fractions by chance.
LEAST_FRACTIONS = 3
PLACE = ("source_sheet", "source_row")
# What a table prints beside an amount.
PRINTED_BESIDE = ("prior_amount", "growth_pct", "recurring_revenue_growth_pct", "gap_percentage_points")
RECOMPUTED = "(amount - prior_amount) * 100 / prior_amount"
_IN_PER_CENT = Text("增长率以百分数表示（8.17，不是 0.0817）", "a growth is in per cent (8.17, not 0.0817)")
_FRACTION_MATTERS = Text(
    "百分比格式的单元格存的是小数，读入后小了一百倍",
    "A cell in the format of percentages holds a fraction, a hundred times smaller than it shows",
)
_FRACTION_MEND = Text(
    "把增长率列改为常规格式并填百分数，或以文本写 8.17%",
    "give the column of growths the general format and write per cents, or write 8.17% as text",
)


def beside_checks(contract: Contract, earlier: Sequence[UUID]) -> list[Check]:
    """The checks of this module that hold a batch against what counts beside it, or before it."""
    if contract.record != "finance":
        return []
    return [_fraction_of_known_amounts(contract, earlier), _printed_is_kept(contract, earlier)]


def _finance(contract: Contract) -> list[Check]:
    what = Text("每行至少有金额或增长率", "every row holds an amount or a growth")
    is_fraction = _is_fraction(RECOMPUTED, GROWTH_TOLERANCE_POINTS)
    return [
        measure_present(contract, ["amount", "growth_pct"], "amount_or_growth_is_present", what),
        _growth_is_recomputed(),
        no_row_where(
            "growth_is_in_per_cent",
            f"amount is not null and prior_amount > 0 and {is_fraction}",
            what=_IN_PER_CENT,
            matters=_FRACTION_MATTERS,
            mend=_FRACTION_MEND,
            column="growth_pct",
        ),
        _amount_keeps_its_unit(),
        _gap_is_recomputed(contract),
    ]


def _is_fraction(recomputed: str, tolerance: str) -> str:
    """In SQL: the growth is a hundredth of what the amounts give."""
    return (
        f"abs({recomputed} - growth_pct * 100) <= {tolerance} "
        f"and abs({recomputed} - growth_pct) > {PERCENT_CELL_POINTS}"
    )


def _growth_is_recomputed() -> Check:
    return no_row_where(
        "growth_is_recomputed",
        "growth_basis = 'nominal' and amount is not null and growth_pct is not null "
        f"and prior_amount > 0 and abs({RECOMPUTED} - growth_pct) > {GROWTH_TOLERANCE_POINTS}",
        what=Text(
            f"名义增长率等于由本年与上年金额算得的增长率（差不超过 {GROWTH_TOLERANCE_POINTS} 个百分点）",
            "a nominal growth equals the one computed from the two amounts "
            f"(within {GROWTH_TOLERANCE_POINTS} points)",
        ),
        matters=Text(
            "不符多为上年、本年两列互换，涨跌会颠倒",
            "Mostly last year's and this year's columns are swapped, which turns a fall into a rise",
        ),
        mend=Text(
            "核对上年、本年与增长率三列；增长率若为同口径，请在“增长率口径”注明",
            "compare the three columns with the document; mark a growth on the comparable scope as such",
        ),
        column="growth_pct",
    )


def _amount_keeps_its_unit() -> Check:
    return no_row_where(
        "amount_keeps_its_unit",
        "amount > 0 and prior_amount > 0 and "
        f"(amount > {MAX_YEARLY_FACTOR} * prior_amount or prior_amount > {MAX_YEARLY_FACTOR} * amount)",
        what=Text(
            f"本年金额与上年金额相差不到 {MAX_YEARLY_FACTOR} 倍",
            f"this year's amount is within {MAX_YEARLY_FACTOR} times last year's",
        ),
        matters=Text(
            "相差如此之大多为元、万元、亿元混用",
            "A step that large mostly mixes yuan with ten thousands of yuan",
        ),
        mend=Text("核对两列的单位", "compare the units of the two columns"),
        column="amount",
    )


def printed_tolerance(figures: int, *columns: str) -> str:
    """In SQL: what rounding as printed may add up to in a sum of so many figures, in points.

    The decimals printed are those of the figure that shows most of them, and not more than two.
    """
    decimals = ", ".join(f"scale(trim_scale({column}))" for column in columns)
    return f"({figures} * 0.5 * 10.0 ^ -least(greatest({decimals}), 2) + 0.005)"


def _gap_is_recomputed(contract: Contract) -> Check:
    growth, revenue, gap = (
        contract.field(name)
        for name in ("growth_pct", "recurring_revenue_growth_pct", "gap_percentage_points")
    )
    tolerance = printed_tolerance(3, growth.name, revenue.name, gap.name)
    # Where the cell is blank, the growth that the two amounts give.
    reckoned = f"case when growth_basis = 'nominal' and prior_amount > 0 then {RECOMPUTED} end"
    told = f"coalesce({growth.name}, {reckoned})"
    return no_row_where(
        "gap_is_recomputed",
        f"abs({told} - {revenue.name} - {gap.name}) > {tolerance}",
        what=Text(
            f"“{gap.name_zh}”等于“{growth.name_zh}”减“{revenue.name_zh}”"
            "（容许三数各按所印小数取整：两位小数差 0.02，一位差 0.155 个百分点）",
            f"“{gap.name_en}” is “{growth.name_en}” less “{revenue.name_en}” "
            "(within the rounding of the three as printed: 0.02 points for two decimals, 0.155 for one)",
        ),
        matters=Text(
            "不符多为列互换或抄错，教育支出增长是否高于财政经常性收入增长会判反",
            "Mostly columns are swapped, and whether spending grows faster than revenue turns round",
        ),
        mend=Text("与公布的表核对这三列", "compare the three columns with the table as published"),
        column=gap.name,
    )


def _fraction_of_known_amounts(contract: Contract, earlier: Sequence[UUID]) -> Check:
    """A growth without last year's amount beside it, against what another row tells of last year.

    Of a growth whose basis is not stated one row proves nothing: 0.03 % of a base that was restated by 3 %
    looks like it. Where most of the file do, it is the format of the cells.
    """
    # A growth of two decimals: half a unit of the last, a hundredfold.
    tolerance = "50 * 10.0 ^ -greatest(scale(growth_pct), 2)"
    is_fraction = _is_fraction("(arriving.amount - known.amount) * 100 / known.amount", tolerance)
    series = ", ".join((*SERIES, "price_basis"))
    return no_rows(
        "growth_is_in_per_cent_of_known_amounts",
        f"""
        with {told_amounts(contract, earlier)},
        known as (
            select fiscal_year, amount, {series} from told
            union all
            select fiscal_year - 1, prior_amount, {series} from told
        ),
        tried as (
            select source_sheet, source_row, growth_basis, bool_or({is_fraction}) as is_fraction
            from arriving, known
            where arriving.prior_amount is null and arriving.growth_pct is not null
            and coalesce(growth_basis, 'not_stated') <> 'comparable_scope'
            and {same_series("known", "arriving")}
            and known.fiscal_year = arriving.fiscal_year - 1 and known.amount > 0
            group by source_sheet, source_row, growth_basis
        )
        select source_sheet, source_row from tried
        where is_fraction and (growth_basis = 'nominal' or (
            select count(*) filter (where is_fraction) >= {LEAST_FRACTIONS}
            and count(*) filter (where is_fraction) * 2 > count(*) from tried
        ))
        """,
        what=Text(
            f"{_IN_PER_CENT.zh}，以已知的上年金额核对",
            f"{_IN_PER_CENT.en}, by last year's amount as it is known",
        ),
        matters=_FRACTION_MATTERS,
        mend=_FRACTION_MEND,
        column="growth_pct",
    )


def _printed_is_kept(contract: Contract, earlier: Sequence[UUID]) -> Check:
    """What a document prints beside an amount is not unsaid by one that prints less."""
    limit = contract.max_vanished_share
    prior, growth = contract.field("prior_amount"), contract.field("growth_pct")
    same = " and ".join(f"held.{name} = arriving.{name}" for name in contract.key)
    lost = " or ".join(f"held.{name} is not null and arriving.{name} is null" for name in PRINTED_BESIDE)
    return no_rows(
        "printed_figures_are_kept",
        f"""
        with {held_rows(contract, earlier, (*PRINTED_BESIDE, "document"), PLACE)},
        lost as (
            select source_sheet, source_row, exists (
                select 1 from held
                where {same} and ({lost}) and held.document is distinct from arriving.document
            ) as is_of_another
            from arriving where exists (select 1 from held where {same} and ({lost}))
        )
        select source_sheet, source_row from lost
        where is_of_another or (select count(*) from lost) > (
            select greatest(1, {limit} * count(*)) from held
            where num_nonnulls({", ".join(PRINTED_BESIDE)}) > 0
        )
        """,
        what=Text(
            f"现行数据印有的“{prior.name_zh}”“{growth.name_zh}”等不因新文件未印而消失"
            f"（同一来源文件的更正：一行，或不超过 {limit:.0%}）",
            f"“{prior.name_en}”, “{growth.name_en}” and the like that are current do not disappear because a "
            f"new file does not print them (corrections of one document: one row, or at most {limit:.0%})",
        ),
        matters=Text(
            "只增不减、三个增长以上年数和公布的增长率为据",
            "Whether spending falls is told from last year's amount and the published growth",
        ),
        mend=Text(
            "补填上年金额与增长率；两份文件是不同的表时，在“来源表”分别注明；"
            "原数有误要删去的，沿用原来的“来源文件”",
            "fill in last year's amount and the growth; where the files are different tables, name each in "
            "“Table”; to take away a figure that was wrong, keep the “Document” as it was",
        ),
        column=prior.name,
    )


RULES: dict[str, Callable[[Contract], list[Check]]] = {"finance": _finance}
