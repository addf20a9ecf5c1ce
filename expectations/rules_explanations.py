"""Checks of the written explanations that schools hand in."""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check, Text, no_row_where
from expectations.rule_parts import check_parameter, listed
from expectations.swing_bands import bands
from ingest.contract import Contract, code_list

# A number of so many digits is no year, date or document's: a telephone or an identity number.
_LONG_NUMBER = 7


def _explanation(_contract: Contract) -> list[Check]:
    least = check_parameter("explanation_least_characters")
    known = " or ".join(
        f"record_name = '{code.code}' and field_name in ({listed(row['field'] for row in bands(code.code))})"
        for code in code_list("explained_record")
        if bands(code.code)
    )
    return [
        no_row_where(
            "explanation_says_something",
            f"length(regexp_replace(explanation, '\\s', '', 'g')) < {least}",
            what=Text(f"说明不少于 {least} 个字", f"an explanation has at least {least} characters"),
            matters=Text("“无”“正常”不能说明变化", "None or normal explains nothing"),
            mend=Text("写明发生了什么、依据哪份文件", "say what happened and by which document"),
            column="explanation",
        ),
        no_row_where(
            "explanation_has_no_contact",
            f"explanation ~ '{'[0-9]' * _LONG_NUMBER}' or strpos(explanation, '@') > 0",
            what=Text(
                "说明中没有电话、证件号或邮箱",
                "an explanation holds no telephone, identity number or mail address",
            ),
            matters=Text("说明会显示在质量页面上", "The explanation is shown on the page of quality"),
            mend=Text("删去联系方式与个人信息", "remove what concerns a person"),
            column="explanation",
        ),
        no_row_where(
            "field_is_one_that_is_compared",
            f"field_name is not null and field_name <> 'all' and not coalesce({known}, false)",
            what=Text("字段名属于所填表且与上年比较", "the field is one of the record that is compared"),
            matters=Text("写错字段的说明对不上任何数字", "An explanation of another field meets no figure"),
            mend=Text(
                "改正字段名，或留空表示整张表", "correct the field, or leave it empty for the whole record"
            ),
            column="field_name",
        ),
    ]


RULES: dict[str, Callable[[Contract], list[Check]]] = {"swing_explanation": _explanation}
