"""Around the made district's spending floor: an exception, a figure corrected later, a year falling short.

The bulletin on 2020 printed a fall of the junior schools that the final account turned into a rise. The fall
of the senior schools in 2022 is excused in part. The budget of 2023 is more than was spent in 2022 and yet
less than the floor, which is what was spent in 2021; two reports say how much of it is spent.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from ingest.sample.district import DISTRICT_CODE, LATEST, District
from ingest.sample.finance import Accounts, Amount
from ingest.sample.parts import Cell, Table, finance_cells, table_of
from ingest.sample.truth import to_decimal

CLAUSE_TRUTHS: dict[str, dict[int, str]] = {}  # final accounts decide the clauses, and none of these is one

BULLETIN_YEAR, BULLETIN_EDITION, BULLETIN_STAGE = 2020, 2020, "junior_secondary"
# Change against 2019 that the bulletin printed, in percent, by basis.
BULLETIN_CHANGE = {"total": "-0.9", "per_student": "-1.2"}
EXCEPTION_YEAR, EXCEPTION_STAGE = 2022, "senior_secondary"
EXCUSED_SHARE = Fraction("0.6")  # of the fall
EXCEPTION_DOCUMENT = "样本府办函〔2022〕31号（虚构）"
NEXT_YEAR = LATEST + 1
# Share of the budget of the next year that is spent up to and including the day.
EXECUTED_SHARE = {f"{NEXT_YEAR}-06-30": "0.45", f"{NEXT_YEAR}-09-30": "0.70"}


def _cents(amount: Fraction, basis: str) -> Fraction:
    """Totals in whole hundreds, amounts per pupil in cents."""
    return Fraction(round(amount, -2)) if basis == "total" else round(amount, 2)


def final_account(accounts: Accounts, year: int, stage: str, basis: str) -> Amount:
    """Education spending of one year as its final account prints it."""
    printed = (*accounts.account_of(year), *accounts.per_student_of(year))
    wanted = ("budget_education", stage, basis)
    return next(amount for amount in printed if (amount.item, amount.stage, amount.basis) == wanted)


def bulletin(accounts: Accounts) -> list[Amount]:
    """What the bulletin printed: the amounts of the year before as they are, those of the year too low."""
    found = []
    for basis, change in BULLETIN_CHANGE.items():
        account = final_account(accounts, BULLETIN_YEAR, BULLETIN_STAGE, basis)
        value = _cents(account.prior * (1 + Fraction(change) / 100), basis)
        found.append(replace(account, value=value))
    return found


def budget(accounts: Accounts) -> Amount:
    """Budget of the next year: midway between what was spent in the last year and in the one before."""
    account = final_account(accounts, LATEST, "all_stages", "total")
    return replace(account, fiscal_year=NEXT_YEAR, value=_cents((account.value + account.prior) / 2, "total"))


def exception_amount(accounts: Accounts) -> Fraction:
    """By how much the floor of the excused stage is lowered, yuan."""
    account = final_account(accounts, EXCEPTION_YEAR, EXCEPTION_STAGE, "total")
    return (account.prior - account.value) * EXCUSED_SHARE


def executed(accounts: Accounts) -> dict[str, Fraction]:
    """Spent of the budget of the next year, by day, yuan."""
    value = budget(accounts).value
    return {day: _cents(value * Fraction(share), "total") for day, share in EXECUTED_SHARE.items()}


def bulletin_document() -> str:
    """The bulletin's title."""
    return f"样本市均衡区{BULLETIN_YEAR}年教育经费执行情况公告（虚构）"


def budget_document() -> str:
    """The budget's title."""
    return f"样本市均衡区{NEXT_YEAR}年教育经费预算（虚构）"


def bulletin_table(accounts: Accounts) -> Table:
    """Figures of the bulletin, in yuan, in the layout of the contract."""
    return table_of(
        "finance",
        f"公告{BULLETIN_YEAR}",
        (
            {
                **finance_cells(amount, "公告", bulletin_document()),
                "公布年版": BULLETIN_EDITION,
                "金额": amount.value,
                "上年金额": amount.prior,
                "公布增长率": round(amount.growth_pct, 2),
                "增长率口径": "名义",
                "币种": "CNY",
            }
            for amount in bulletin(accounts)
        ),
    )


def budget_table(accounts: Accounts) -> Table:
    """The budget of the next year; it prints no amount of the year before."""
    amount = budget(accounts)
    cells = finance_cells(amount, "预算", budget_document())
    line: dict[str, Cell] = {**cells, "金额": amount.value, "币种": "CNY"}
    return table_of("finance", f"预算{NEXT_YEAR}", [line])


def exception_table(accounts: Accounts) -> Table:
    """The one exception: part of the senior schools' fall."""
    account = final_account(accounts, EXCEPTION_YEAR, EXCEPTION_STAGE, "total")
    line: dict[str, Cell] = {
        **_what(account),
        "起始财政年度": EXCEPTION_YEAR,
        "终止财政年度": EXCEPTION_YEAR,
        "核减金额": exception_amount(accounts),
        "币种": "CNY",
        "例外事由": "普通高中扩建工程上年完工，一次性建设经费不再发生",
        "依据文件": EXCEPTION_DOCUMENT,
        "文件日期": f"{EXCEPTION_YEAR}-12-20",
    }
    return table_of("finance_exception", f"{EXCEPTION_YEAR}年度", [line])


def execution_table(accounts: Accounts) -> Table:
    """How much of the next year's budget is spent, by day."""
    amount = budget(accounts)
    cells = {name: cell for name, cell in _what(amount).items() if name != "计量方式"}
    return table_of(
        "budget_execution",
        f"{NEXT_YEAR}年度",
        (
            {
                **cells,
                "财政年度": NEXT_YEAR,
                "截止日期": day,
                "调整预算数": amount.value,
                "累计执行数": spent,
                "币种": "CNY",
                "来源文件": f"样本市均衡区预算执行月报 {day}（虚构）",
            }
            for day, spent in executed(accounts).items()
        ),
    )


def _what(amount: Amount) -> dict[str, Cell]:
    """The columns that say whose and what an amount is, without year, vintage and document."""
    left_out = ("财政年度", "数据版本", "来源文件", "资金来源", "价格口径")
    return {name: cell for name, cell in finance_cells(amount).items() if name not in left_out}


def _yuan(amount: Fraction) -> str:
    return to_decimal(amount, 2)


def restatement_truth(accounts: Accounts) -> list[dict[str, Any]]:
    """The bulletin beside the final account of the same year: the one falls, the other rises."""
    rows = []
    for printed in bulletin(accounts):
        account = final_account(accounts, BULLETIN_YEAR, BULLETIN_STAGE, printed.basis)
        row: dict[str, Any] = {
            "district_code": DISTRICT_CODE,
            "fiscal_year": BULLETIN_YEAR,
            "stage": BULLETIN_STAGE,
            "item_code": printed.item,
            "basis": printed.basis,
            "bulletin_edition": BULLETIN_EDITION,
            "prior_amount": _yuan(account.prior),
        }
        for vintage, amount in (("bulletin", printed), ("final_account", account)):
            row[f"{vintage}_amount"] = _yuan(amount.value)
            row[f"{vintage}_change_pct"] = to_decimal(amount.growth_pct)
            row[f"{vintage}_verdict"] = "not_met" if amount.value < amount.prior else "met"
        rows.append(row)
    return rows


def exception_truth(accounts: Accounts) -> dict[str, Any]:
    """The floor before and after the exception, and what is short of either."""
    account = final_account(accounts, EXCEPTION_YEAR, EXCEPTION_STAGE, "total")
    lowered_by = exception_amount(accounts)
    return {
        "district_code": DISTRICT_CODE,
        "fiscal_year": EXCEPTION_YEAR,
        "stage": EXCEPTION_STAGE,
        "item_code": account.item,
        "basis": "total",
        "document": EXCEPTION_DOCUMENT,
        "amount": _yuan(account.value),
        "floor_without_exception": _yuan(account.prior),
        "lowered_by": _yuan(lowered_by),
        "floor_amount": _yuan(account.prior - lowered_by),
        "shortfall_without_exception": _yuan(account.prior - account.value),
        "shortfall_amount": _yuan(account.prior - lowered_by - account.value),
    }


def early_warning_truth(accounts: Accounts) -> dict[str, Any]:
    """The next year's budget and what is spent of it, against the most that was spent in any year."""
    planned = budget(accounts).value
    known = {year: total for (year, stage), total in accounts.totals.items() if stage == "all_stages"}
    floor = max(known.values())
    return {
        "district_code": DISTRICT_CODE,
        "fiscal_year": NEXT_YEAR,
        "stage": "all_stages",
        "item_code": "budget_education",
        "basis": "total",
        "floor_amount": _yuan(floor),
        "floor_since_year": max(known, key=lambda year: known[year]),
        "last_year_amount": _yuan(known[LATEST]),
        "budget_amount": _yuan(planned),
        "budget_shortfall": _yuan(floor - planned),
        "executed": [
            {"through_date": day, "executed_amount": _yuan(spent), "missing_to_floor": _yuan(floor - spent)}
            for day, spent in executed(accounts).items()
        ],
    }


def tables(district: District) -> list[Table]:
    """Files of this family, faultless."""
    accounts = Accounts(district)
    made = (bulletin_table, budget_table, exception_table, execution_table)
    return [build(accounts) for build in made]
