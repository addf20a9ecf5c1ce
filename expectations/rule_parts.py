"""What the rules of several records are made of."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from expectations.check import Check, Text, no_row_where, no_rows
from ingest.contract import Contract, code_list
from ingest.forms.source import CONTACT
from ingest.settings import SEEDS_DIR

KEYS = Text("个键", "keys")
SCHOOL_STAGES = Text("个学校学段", "school stages")
KEY_TOTAL = "select count(*) from (select 1 from {{batch}} group by {key}) as keys"
STAGE = "district_code, school_year, school_code, stage"
STAGE_TOTAL = KEY_TOTAL.format(key=STAGE)
FIRST_PLACE = "select min(source_sheet) as source_sheet, min(source_row) as source_row from {batch}"
PLACE = "select source_sheet, source_row from {batch}"


def part_of(contract: Contract, part: str, whole: str) -> Check:
    a, b = contract.field(part), contract.field(whole)
    return no_row_where(
        f"{part}_within_{whole}",
        f"{part} > {whole}",
        what=Text(f"“{a.name_zh}”不得超过“{b.name_zh}”", f"“{a.name_en}” does not exceed “{b.name_en}”"),
        matters=Text(
            "部分大于总数，多为列位互换或错行", "A part above its whole mostly comes from swapped columns"
        ),
        mend=Text("核对这两列的数字", "compare the two columns with the form"),
        column=part,
    )


def measure_present(contract: Contract, measures: Sequence[str], name: str, what: Text) -> Check:
    """Rows without any measure say nothing: no more of them than of rows that cannot be read."""
    none = " and ".join(f"{measure} is null" for measure in measures)
    share = contract.max_rejected_share
    return no_rows(
        name,
        f"{PLACE} where {none} "
        f"and (select count(*) filter (where {none}) > {share} * count(*) from {{batch}})",
        what=Text(
            f"{what.zh}（没有的行不超过 {share:.0%}）", f"{what.en} (at most {share:.0%} of rows without)"
        ),
        matters=Text(
            "整列空缺多为表头未被识别",
            "Columns that are empty throughout mostly come from headers not recognised",
        ),
        mend=Text(
            "核对表头与合同中的名称，补齐数字后重新放入",
            "compare the headers with the contract's names, fill in the figures",
        ),
    )


def seed_rows(name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    with (SEEDS_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def check_parameter(name: str) -> str:
    """A parameter of the checks, as its seed has it; KeyError when there is none."""
    return {row["parameter"]: row["value"] for row in seed_rows("check_parameter")}[name]


def listed(texts: Iterable[str]) -> str:
    """Texts as a list in SQL."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def case_of(column: str, names: Mapping[str, str], otherwise: str = "null") -> str:
    """In SQL: the name of what stands in a column."""
    cases = " ".join(f"when {listed([code])} then {listed([name])}" for code, name in names.items())
    return f"case {column} {cases} else {otherwise} end"


def word_of(column: str, list_name: str, language: str) -> str:
    """In SQL: the name of a code, or the code where it has none."""
    codes = code_list(list_name)
    return case_of(column, {c.code: c.name_zh if language == "zh" else c.name_en for c in codes}, column)


def masked(text: str) -> str:
    """A text in SQL without what could be a telephone number or an address: it will be shown."""
    return f"regexp_replace({text}, '{CONTACT.pattern}', '***', 'g')"


def year_field(contract: Contract) -> str | None:
    """The field that says of which year a row is; None where a record has none."""
    names = {field.name for field in contract.fields}
    return next((name for name in ("school_year", "fiscal_year", "year") if name in names), None)
