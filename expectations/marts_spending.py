"""Suites of the marts around the spending floor: readings, restatements, years under way."""

from __future__ import annotations

from expectations.check import Check, Text, no_rows
from expectations.marts_finance import KEY
from expectations.promises import CENTS, REBUILD, Mart, between, holds, in_set

_READING_KEY = (*KEY, "reading")
_VERSION_KEY = (*KEY, "belief_axis", "version")
_SHARE_KEY = (
    *("region_code", "district_code", "entity_code", "scope_code", "fund_source_code", "currency_code"),
    "fiscal_year",
)
_WARNING_KEY = (
    *("region_code", "district_code", "entity_code", "item_code", "stage", "scope_code", "fund_source_code"),
    *("currency_code", "fiscal_year", "basis"),
)


def _readings(schema: str) -> list[Check]:
    floor_key = ", ".join(KEY)
    verdicts = ("verdict", "verdict_strict", "floor_verdict", "floor_verdict_strict")
    return [
        in_set("reading", "finance_reading"),
        *(in_set(column, "verdict") for column in verdicts),
        between("shortfall_amount", 0, None),
        between("exception_amount", 0, None),
        no_rows(
            "every_reading_of_every_year",
            f"select 1 as broken from {{batch}} group by {floor_key} having count(*) <> 3 "
            f"union all select 1 from {schema}.mart_finance__spending_floor "
            f"where ({floor_key}) not in (select {floor_key} from {{batch}})",
            what=Text("每个年度都有三种读法", "every year stands in each of the three readings"),
            matters=Text("缺一种读法即少一个结论", "A reading that is missing is a finding that is missing"),
            mend=REBUILD,
        ),
        no_rows(
            "judged_reading_is_the_verdict",
            f"select 1 as broken from {{batch}} as readings "
            f"inner join {schema}.mart_finance__spending_floor as floors using ({floor_key}) "
            "where readings.is_judged and (readings.verdict <> floors.verdict "
            "or readings.floor_verdict <> floors.floor_verdict)",
            what=Text("判定读法的结论即总表的结论", "the judged reading gives the verdict of the floor"),
            matters=Text("两表不一致即有一处说错", "Where they differ one of the two is wrong"),
            mend=REBUILD,
        ),
        holds(
            "verdict_follows_direction",
            "verdict <> case when direction is null then 'no_data' when direction = 'falls' then 'not_met' "
            "else 'met' end or verdict_strict = 'met' and direction is distinct from 'rises'",
            Text("下降不判达标，严格读法持平也不达标", "a fall is not met, strictly no standstill either"),
            Text("这是“只增不减”的判定本身", "This is the clause that spending never falls"),
            column="verdict",
        ),
        holds(
            "strict_is_never_kinder",
            "verdict_strict = 'met' and verdict <> 'met' "
            "or floor_verdict_strict = 'met' and floor_verdict <> 'met'",
            Text("严格读法不宽于一般读法", "the strict reading is never the kinder one"),
            Text("否则两种读法互相矛盾", "Otherwise the two readings contradict each other"),
            column="verdict_strict",
        ),
        holds(
            "exception_has_its_document",
            "(exception_amount is null) <> (exception_documents is null)",
            Text("例外金额必有文件", "what is excepted has a document"),
            Text("无文件不得降低底线", "Nothing lowers the floor without a document"),
            column="exception_documents",
        ),
        holds(
            "floor_has_the_year_that_set_it",
            "(floor_amount is null) <> (floor_set_year is null) or floor_set_year >= fiscal_year",
            Text("底线写明由哪一年形成，且早于本年", "the floor says which earlier year set it"),
            Text("底线须可追溯", "A floor must be traced to its year"),
            column="floor_set_year",
        ),
    ]


def _restatements(schema: str) -> list[Check]:
    line = ", ".join((*KEY, "belief_axis"))
    return [
        in_set("belief_axis", "finance_belief_axis"),
        no_rows(
            "versions_follow_each_other",
            f"select 1 as broken from {{batch}} group by {line} "
            "having min(version) <> 1 or max(version) <> count(*) or count(*) < 2 "
            "or count(*) filter (where is_believed_now) <> 1",
            what=Text(
                "每个年度的版次从 1 连续，且恰有一个现行",
                "versions of a year run from 1, and just one of them is believed now",
            ),
            matters=Text("断档即有一段时间说不清当时的数", "A gap is a time of which nothing can be said"),
            mend=REBUILD,
        ),
        holds(
            "cause_is_stated",
            "(version = 1) <> (cause is null)",
            Text("除首版外写明重述原因", "every version but the first says why it came"),
            Text("无原因的改动无法解释", "A change without a cause cannot be explained"),
            column="cause",
        ),
        holds(
            "what_is_believed_now_has_not_turned",
            "is_believed_now and (is_verdict_turned or is_floor_verdict_turned "
            "or amount is distinct from amount_now)",
            Text("现行版次与现行数一致", "what is believed now is what stands now"),
            Text("两处不一致即有一处是旧数", "Where they differ one of them is out of date"),
            column="amount",
        ),
    ]


def _early_warning(schema: str) -> list[Check]:
    return [
        in_set("warning", "finance_warning"),
        between("budget_shortfall_amount", 0, None),
        between("missing_amount", 0, None),
        between("elapsed_pct", 0, 100),
        holds(
            "missing_is_recomputed",
            f"abs(greatest(required_amount - executed_amount, 0) - missing_amount) > {CENTS} "
            f"or abs(greatest(required_amount - budget_amount, 0) - budget_shortfall_amount) > {CENTS}",
            Text("缺口等于应达总额减预算或执行数", "what is missing is the required less budget or spending"),
            Text("缺口是须补足的钱", "It is the money to be made up"),
            column="missing_amount",
        ),
        holds(
            "warning_follows_the_budget",
            "(warning = 'budget_below_floor') <> coalesce(budget_amount < required_amount, false) "
            f"and abs(budget_amount - required_amount) > {CENTS}",
            Text("预算低于底线的都报警", "every budget below the floor is told"),
            Text("漏报即到年底才发现", "What is not told is found at the end of the year"),
            column="warning",
        ),
    ]


def _budget_share(schema: str) -> list[Check]:
    return [
        between("share_pct", 0, 100),
        holds(
            "share_is_recomputed",
            "abs(education_amount * 100 / general_budget_amount - share_pct) > 0.005 + 0.000001",
            Text("占比等于教育支出除以一般公共预算支出", "the share is education over the whole budget"),
            Text("占比用于判断教育是否被挤占", "The share tells whether education is squeezed out"),
            column="share_pct",
        ),
    ]


MARTS = (
    Mart(
        "mart_finance__budget_share",
        (*_SHARE_KEY, "education_amount", "general_budget_amount", "share_pct"),
        _SHARE_KEY,
        _budget_share,
    ),
    Mart(
        "mart_finance__spending_readings",
        (
            *(*_READING_KEY, "is_judged", "direction", "verdict", "verdict_strict", "floor_verdict"),
            *("floor_verdict_strict", "floor_amount", "floor_set_year", "shortfall_amount"),
            *("exception_amount", "exception_documents"),
        ),
        _READING_KEY,
        _readings,
    ),
    Mart(
        "mart_finance__restatements",
        (
            *(*_VERSION_KEY, "is_believed_now", "cause", "amount", "amount_now", "is_verdict_turned"),
            "is_floor_verdict_turned",
        ),
        _VERSION_KEY,
        _restatements,
    ),
    Mart(
        "mart_finance__early_warning",
        (
            *(*_WARNING_KEY, "required_amount", "budget_amount", "executed_amount", "elapsed_pct"),
            *("budget_shortfall_amount", "missing_amount", "warning"),
        ),
        _WARNING_KEY,
        _early_warning,
    ),
)
