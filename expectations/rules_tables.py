"""One amount in two printed tables: what differs by more than rounding is told with both files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from jinja2 import Environment

from expectations.check import Check, Grace, Text, no_rows
from expectations.held import IS_STANDING, standing_beside
from expectations.rule_parts import listed, word_of
from expectations.swing_bands import LIMITS, bands, outside
from ingest.contract import Contract
from ingest.settings import SEEDS_DIR

NOT_STATED = "not_stated"
_MACROS = SEEDS_DIR.parent / "macros" / "finance.sql"
_MATTERS = Text(
    "同一笔金额只有一张表的数会被采用（次序见代码表 finance_table），另一张表的数不会有人再看到",
    "Of one amount the figure of one table counts (in the order of the code list finance_table), and nobody "
    "sees the other",
)
_MEND = Text(
    "对照两张表核对金额与单位，交入有误的那张表的更正文件；有误的若是现行的表，交它的更正文件，本文件下一夜重新检查",
    "compare amount and unit in the two and hand in a corrected file of the table that is wrong; where that "
    "is the one that counts already, this file is looked at again the night after its correction",
)


def table_checks(contract: Contract, earlier: Sequence[UUID]) -> list[Check]:
    """Apart by more than rounding is told until its grace ends; beyond the outer band holds the batch."""
    if contract.record != "finance":
        return []
    rows = bands(contract.record)
    grace = Grace.first_of(rows)
    limits = ", ".join(
        f"({listed([row['item_code'], row['basis']])}, {', '.join(row[name] for name in LIMITS)})"
        for row in rows
    )
    far = f"""
        exists (
            select 1 from (
                select {outside("apart.amount", "apart.other_amount")}
                from (values {limits}) as limits (item_code, basis, {", ".join(LIMITS)})
                where limits.item_code = apart.item_code and limits.basis = apart.basis
            ) as measured where is_large and is_far_outside
        )
    """
    return [
        _check(
            contract,
            earlier,
            "tables_agree_within_the_band",
            far,
            Text(
                "同一笔金额在两张表中的差别不超出大幅变化的范围",
                "two tables that print one amount are not further apart than the band of large changes",
            ),
        ),
        _check(
            contract,
            earlier,
            "tables_agree",
            f"not {far}",
            Text(
                "同一笔金额在两张表中相同（容许按较粗的一张取整）",
                "two tables that print one amount print the same (rounded as the coarser of them is)",
            ),
            grace,
        ),
        _left_over(contract, earlier, grace),
    ]


def _left_over(contract: Contract, earlier: Sequence[UUID], grace: Grace) -> Check:
    """A file that names its table may be the correction of one that named none: the batch prints some of its
    amounts, and the others would count on beside it."""
    same = " and ".join(f"mine.{name} = other.{name}" for name in _keys(contract))
    group = [name for name in contract.table_by if name != "table_code"]
    beside = " and ".join(f"mine.{name} = other.{name}" for name in group)
    left = f"""
        {_amounts(contract, earlier)},
        mine as (select * from other where table_code <> '{NOT_STATED}' and batch_id in (
            select batch_id from {{batch}}
        )),
        unnamed as (select * from other where table_code = '{NOT_STATED}'),
        common as (
            select other.batch_id, other.district_code from unnamed as other
            where exists (select 1 from mine where {same})
        ),
        left_over as (
            select other.batch_id from unnamed as other
            where (batch_id, district_code) in (select batch_id, district_code from common)
            and batch_id not in (select batch_id from {{batch}})
            and exists (select 1 from mine where {beside}) and not exists (select 1 from mine where {same})
        )
    """
    named = (
        "(select file_name || ' ' || left(batch_id::text, 8) from ops.load_batch "
        "where batch_id = left_over.batch_id)"
    )
    place = "select min(source_sheet) as source_sheet, min(source_row) as source_row from arriving"
    return no_rows(
        "no_unnamed_amount_is_left_over",
        f"{left} {place} where exists (select 1 from left_over) having count(*) > 0",
        what=Text(
            "写明来源表的文件取代未注明的文件后，后者没有剩下的金额",
            "where a file that names its table prints what one without printed, nothing of that is left over",
        ),
        matters=Text(
            "本文件若是它的更正，剩下的金额（如填错学段的）会继续计入结果",
            "If this file is its correction, what is left over (of a wrong stage, say) counts on",
        ),
        mend=Text(
            "核对所列文件：已作废的用 junheng batch withdraw 加其编号撤回，"
            "其中仍有效的金额注明“来源表”另行交入",
            "look at the file named: where it is void, take it back with junheng batch withdraw and its "
            "number, and hand in anew, with its tables named, what of it holds good",
        ),
        counted=None,
        names_query=f"{left} select distinct {named} as name_zh, {named} as name_en from left_over",
        grace=grace,
    )


def _check(
    contract: Contract,
    earlier: Sequence[UUID],
    name: str,
    condition: str,
    what: Text,
    grace: Grace | None = None,
) -> Check:
    apart = _apart(contract, earlier)
    names = ", ".join(f"{_named(language)} as name_{language}" for language in ("zh", "en"))
    return no_rows(
        name,
        f"{apart} select source_sheet, source_row from apart where {condition}",
        what=what,
        matters=_MATTERS,
        mend=_MEND,
        column="amount",
        names_query=f"{apart} select distinct {names} from apart where {condition}",
        grace=grace,
    )


def _amounts(contract: Contract, earlier: Sequence[UUID]) -> str:
    """Common table expressions: amounts of the batch (``arriving``), and all of the same districts and years
    that stand in the batch itself or among what will count when it becomes current (``other``)."""
    columns = (
        f"district_code, {_kept(contract)}, {contract.field('table_code').key_sql} as table_code, batch_id, "
        "amount, currency_code, price_basis"
    )
    years = "select district_code, fiscal_year::text from arriving"
    return f"""
        with arriving as (
            select source_sheet, source_row, partition_key, {columns} from {{batch}}
            where amount is not null
        ),
        {standing_beside(contract, earlier, years, own="{batch}")},
        other as (
            select {columns} from {{batch}}
            union all
            select {columns} from {contract.table} where {IS_STANDING}
        )
    """


def _kept(contract: Contract) -> str:
    return ", ".join(f"{contract.field(name).key_sql} as {name}" for name in _keys(contract))


def _keys(contract: Contract) -> list[str]:
    """What two tables must have alike to print one amount."""
    return [name for name in contract.key if name != "table_code"]


def _apart(contract: Contract, earlier: Sequence[UUID]) -> str:
    """The same up to ``apart``: amounts of the batch beside those of another table that print another."""
    same = " and ".join(f"other.{name} = arriving.{name}" for name in (*_keys(contract), "currency_code"))
    return f"""
        {_amounts(contract, earlier)},
        apart as (
            select arriving.source_sheet, arriving.source_row, arriving.item_code, arriving.basis,
                arriving.batch_id, arriving.table_code, arriving.amount,
                other.batch_id as other_batch_id, other.table_code as other_table_code,
                other.amount as other_amount
            from arriving, other
            where {same} and other.table_code <> arriving.table_code
            and (other.price_basis <> arriving.price_basis) is not true
            and not ({equal_as_printed("other.amount", "arriving.amount")})
        )
    """


@cache
def equal_as_printed(left: str, right: str) -> str:
    """In SQL: two printings of one figure; as the models have it, whose macro is its one home."""
    macros = Environment(autoescape=False)  # noqa: S701  owner: maintainers; it makes SQL of ours and no page, no end
    module = macros.from_string(_MACROS.read_text(encoding="utf-8")).module
    return str(vars(module)["equal_as_printed"](left, right))


def _named(language: str) -> str:
    """In SQL: the two files, each with its table."""
    opened, closed = ("（", "）") if language == "zh" else (" (", ")")
    one, other = (
        f"(select file_name from ops.load_batch where batch_id = apart.{whose}batch_id) || '{opened}' || "
        f"{word_of(f'apart.{whose}table_code', 'finance_table', language)} || '{closed}'"
        for whose in ("", "other_")
    )
    between = "与" if language == "zh" else " and "
    return f"{one} || '{between}' || {other}"
