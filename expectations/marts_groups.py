"""Suite of the mart of other measures of inequality: range ratio, Theil's T, Gini and McLoone of schools."""

from __future__ import annotations

from expectations.check import Check, Text, no_rows
from expectations.promises import REBUILD, Mart, between, partitions_present, reason_stated

_INDICATOR_KEY = ("standard_code", "district_code", "school_year", "stage", "indicator_code")
_INDICATOR = ", ".join(_INDICATOR_KEY)


def _inequality(schema: str) -> list[Check]:
    whole = f"select {_INDICATOR}, coefficient from {schema}.mart_balance__coefficients"
    same = " and ".join(f"subselect.{name} = whole.{name}" for name in _INDICATOR_KEY)
    what = Text(
        "有差异系数的每个指标都有其他度量", "every indicator with a coefficient has the other measures"
    )
    return [
        partitions_present(
            "expected_partitions",
            f"select {_INDICATOR} from {schema}.mart_balance__coefficients",
            _INDICATOR,
            what,
        ),
        between("range_ratio", 1, None),
        between("theil", 0, None),
        between("gini", 0, 1),
        between("mcloone", 0, 1),
        reason_stated("range_ratio", "reason_code"),
        reason_stated("mcloone", "reason_code"),
        no_rows(
            "coefficient_is_the_published_one",
            f"select 1 as broken from {{batch}}, ({whole}) as whole where {same} "
            "and subselect.coefficient is distinct from whole.coefficient",
            what=Text("差异系数与差异系数表相同", "the coefficient is that of the mart of coefficients"),
            matters=Text("两张表须说同一个数", "Two marts must tell the same figure"),
            mend=REBUILD,
            column="coefficient",
        ),
    ]


MARTS = (
    Mart(
        "mart_balance__inequality",
        (*_INDICATOR_KEY, "coefficient", "range_ratio", "theil", "gini", "mcloone", "reason_code"),
        _INDICATOR_KEY,
        _inequality,
    ),
)
