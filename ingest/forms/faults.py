"""What can be wrong with a form, in the words a clerk reads: where, what was found, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ingest.faults import Fault
from ingest.forms.layout import CellSpec, Form, FormLayout, Refusal
from ingest.problems import RefusedFileError

SHOWN_NUMBERS = 12
EXPORT_ZH = "从统计系统导出整本工作簿后重新放入"
EXPORT_EN = "export the whole workbook from the statistics system and hand it in again"


class FormFaultError(Exception):
    """A form in which a cell is not where it must be; carries the fault, its place and what was found."""

    def __init__(self, fault: Fault, sheet: str, row: int | None = None, found: str | None = None) -> None:
        super().__init__(fault.expected_en)
        self.fault, self.sheet, self.row, self.found = fault, sheet, row, found
        self.cell: str | None = None  # the cell that was looked for, where the form itself differs
        self.is_optional = False  # a cell that some years lack, and that another label seems to stand for

    def __reduce__(
        self,
    ) -> tuple[type[FormFaultError], tuple[Fault, str, int | None, str | None], dict[str, object]]:
        """Made anew from its parts when it comes from another process."""
        state: dict[str, object] = {"cell": self.cell, "is_optional": self.is_optional}
        return type(self), (self.fault, self.sheet, self.row, self.found), state


def _changed(rule: str, zh: str, en: str, what_zh: str, what_en: str) -> Fault:
    """A form that is not as its layout knows it: a clerk changed it, or it is a new edition."""
    return Fault(
        rule,
        zh,
        en,
        f"从统计系统重新导出该表，不要增删改{what_zh}；若是新版表式，请交数据工程师登记",
        f"export the form from the statistics system again, with its {what_en} as they are; "
        "if it is a new edition of the form, tell the data engineer",
    )


def no_header(form: str, sheet: str) -> FormFaultError:
    """No row tells the numbers of columns and rows."""
    zh, en = (
        f"{form} 有“甲、乙、1、2…”一行或“编号”列",
        f"{form} with the row 甲 | 乙 | 1 | 2 … or a column 编号",
    )
    return FormFaultError(_changed("form_header", zh, en, "表头", "headers"), sheet)


def row_twice(form: str, sheet: str, number: int, first: int, second: int) -> FormFaultError:
    """Two rows (counted from 1) have the same 编号."""
    zh = f"{form} 的编号 {number} 只有一行（另见第 {first} 行）"
    en = f"one row with 编号 {number} in {form} (see also row {first})"
    return FormFaultError(
        _changed("form_row_twice", zh, en, "编号", "row numbers"), sheet, second, str(number)
    )


def column_twice(form: str, sheet: str, number: int, row: int) -> FormFaultError:
    """Two columns have the same number."""
    zh, en = f"{form} 的表头中列 {number} 只有一个", f"one column {number} in the header of {form}"
    return FormFaultError(_changed("form_column_twice", zh, en, "表头", "headers"), sheet, row, str(number))


def row_missing(spec: CellSpec, sheet: str, header_row: int, numbers: Sequence[int]) -> FormFaultError:
    """A row that the layout names is not there."""
    if spec.row:
        zh, en = f"编号 {spec.row} 的行", f"a row with 编号 {spec.row}"
    else:
        zh, en = f"标为“{spec.label}”的行", f"a row labelled “{spec.label}”"
    more = "…" if len(numbers) > SHOWN_NUMBERS else ""
    found = f"编号 {', '.join(map(str, numbers[:SHOWN_NUMBERS]))}{more}" if numbers else None
    zh, en = f"{spec.form} 有{zh}（{spec.name}）", f"{en} in {spec.form} ({spec.name})"
    return FormFaultError(
        _changed("form_row_missing", zh, en, "编号", "row numbers"), sheet, header_row, found
    )


def column_missing(
    form: str, columns: Iterable[int | str], name: str | None, sheet: str, row: int, there: Iterable[int]
) -> FormFaultError:
    """Columns that the layout names are not there."""
    wanted = ", ".join(map(str, columns))
    named_zh, named_en = (f"（{name}）", f" ({name})") if name else ("", "")
    zh = f"{form} 表头有列 {wanted}{named_zh}"
    en = f"a column {wanted} in the header of {form}{named_en}"
    found = ", ".join(map(str, there)) or None
    return FormFaultError(_changed("form_column_missing", zh, en, "表头", "headers"), sheet, row, found)


def wrong_label(spec: CellSpec, sheet: str, row: int, found: str) -> FormFaultError:
    """The row with the right number is another one."""
    zh = f"{spec.form} 编号 {spec.row} 的行标为“{spec.label}”（{spec.name}）"
    en = f"row 编号 {spec.row} of {spec.form} labelled “{spec.label}” ({spec.name})"
    fault = _changed("form_label", zh, en, "编号和项目名称", "row numbers and labels")
    return FormFaultError(fault, sheet, row, found)


def wrong_heading(spec: CellSpec, sheet: str, row: int, found: str) -> FormFaultError:
    """The column with the right number is another one."""
    zh = f"{spec.form} 列 {spec.column} 的表头含“{spec.heading}”（{spec.name}）"
    en = f"column {spec.column} of {spec.form} under a header with “{spec.heading}” ({spec.name})"
    return FormFaultError(_changed("form_label", zh, en, "表头", "headers"), sheet, row, found)


def not_said(spec: CellSpec, sheet: str, row: int, found: str) -> FormFaultError:
    """Neither label nor heading says whose figure it is."""
    zh = f"{spec.form} 的{spec.name}一行或其列的表头含“{spec.says}”"
    en = f"“{spec.says}” in the row or the header of {spec.name} in {spec.form}"
    return FormFaultError(
        _changed("form_label", zh, en, "表头和项目名称", "headers and labels"), sheet, row, found
    )


def wrong_unit(spec: CellSpec, sheet: str, row: int, found: str) -> FormFaultError:
    """The form prints an amount in another unit."""
    fault = Fault(
        "form_unit",
        f"{spec.form} 的{spec.name}以{spec.unit}为单位",
        f"{spec.name} of {spec.form} in {spec.unit}",
        f"按{spec.unit}填报后重新导出；若是新版表式，请交数据工程师登记",
        f"report it in {spec.unit} and export the workbook again; if it is a new edition of the form, "
        "tell the data engineer",
    )
    return FormFaultError(fault, sheet, row, found)


def not_read(refusal: Refusal, sheet: str, row: int, found: str) -> FormFaultError:
    """A school of a kind that the layout does not read."""
    return FormFaultError(Fault(refusal.rule, *refusal.expected, *refusal.mend), sheet, row, found)


def heading_missing(spec: CellSpec, sheet: str, row: int | None) -> FormFaultError:
    """The school's own form lacks a heading, or the line below it."""
    line_zh = f"及其下“{spec.line}”一行" if spec.line else ""
    line_en = f" and a row “{spec.line}” below it" if spec.line else ""
    zh = f"{spec.form} 有栏目“{spec.under}”{line_zh}（{spec.name}）"
    en = f"a heading “{spec.under}”{line_en} in {spec.form} ({spec.name})"
    return FormFaultError(_changed("form_heading_missing", zh, en, "栏目", "headings"), sheet, row)


def disagreement(
    sheet: str, row: int, printed: Decimal, given: Sequence[Decimal], what: tuple[str, str]
) -> FormFaultError:
    """A printed figure is not what its parts make; without parts given, no figure is said."""
    terms = "".join(f"{amount:+}" for amount in given).lstrip("+")
    said_zh, said_en = (f"：{terms} = {sum(given)}", f": {terms} = {sum(given)}") if given else ("", "")
    fault = Fault(
        "form_total",
        f"{sheet} 第 {row} 行 {what[0]}等于各项之和{said_zh}",
        f"{what[1]} in row {row} of {sheet} to be the sum of its parts{said_en}",
        "核对这一行的合计与各项，改正后重新导出",
        "compare the total of the row with its parts, correct it and export the workbook again",
    )
    return FormFaultError(fault, sheet, row, str(printed) if given else None)


def rows_missing(form: str, wanted: Sequence[int], sheet: str, header_row: int) -> FormFaultError:
    """Rows of which a total is made are not there."""
    said = ", ".join(map(str, wanted))
    fault = _changed(
        "form_row_missing",
        f"{form} 有编号 {said} 的行",
        f"rows with 编号 {said} in {form}",
        "编号",
        "row numbers",
    )
    return FormFaultError(fault, sheet, header_row)


def part_exceeds(
    sheet: str, row: int, part: tuple[str, Decimal], whole: tuple[str, Decimal], column: int
) -> FormFaultError:
    """A row tells more than the row of which it is part."""
    (name, amount), (of, most) = part, whole
    fault = Fault(
        "form_part",
        f"{sheet} 第 {row} 行“{name}”列 {column} 不大于“{of}”的 {most}",
        f"“{name}” in column {column} of row {row} of {sheet} to be no more than the {most} of “{of}”",
        "核对这两行同一列的数字，改正后重新导出",
        "compare the two rows in that column, correct them and export the workbook again",
    )
    return FormFaultError(fault, sheet, row, str(amount))


def unreadable(error: RefusedFileError) -> FormFaultError:
    """The workbook cannot be opened."""
    said = error.problem
    fault = Fault(said.rule, said.expected_zh, said.expected_en, said.mend_zh, said.mend_en)
    return FormFaultError(fault, "", None, said.found)


def too_large(form: Form, sheet: str, found: str, limit: int) -> FormFaultError:
    """A sheet reaches too far."""
    zh, en = f"{form.code} 不超过 {limit} 个单元格", f"no more than {limit} cells in {form.code}"
    fault = Fault(
        "too_many_cells", zh, en, "删去表格之外远处的零散单元格", "delete stray cells far from the form"
    )
    return FormFaultError(fault, sheet, None, found)


def two_sheets(form: Form, names: Sequence[str]) -> FormFaultError:
    """A form stands in a workbook twice."""
    zh = f"{form.code} 只有一张工作表，现有：{'、'.join(names)}"
    en = f"one sheet of {form.code}, there are: {', '.join(names)}"
    fault = Fault("form_twice", zh, en, "只保留正确的一张", "keep the one that is right")
    return FormFaultError(fault, names[1])


def no_school_form(layout: FormLayout, names: Sequence[str]) -> FormFaultError:
    """Nothing says whose workbook it is."""
    zh = f"工作簿含 {layout.school_form}（{layout.title_zh}）"
    en = f"a workbook with {layout.school_form} ({layout.title_en})"
    return FormFaultError(
        Fault("no_school_form", zh, en, EXPORT_ZH, EXPORT_EN), "", None, "、".join(names[:8])
    )


def form_missing(code: str) -> FormFaultError:
    """A form that belongs to another one is not in the workbook."""
    zh, en = f"工作簿含 {code}", f"a workbook with {code}"
    return FormFaultError(Fault("form_missing", zh, en, EXPORT_ZH, EXPORT_EN), "")


def no_year(sheet: str) -> FormFaultError:
    """Neither forms nor names say the school year."""
    fault = Fault(
        "no_school_year",
        "表中印有学年（如 2020/2021学年），或文件夹名、文件名含学年起始年份（如 2021）",
        "a school year in the form (2020/2021学年), or its first year in the name of the folder or file",
        "把这些工作簿放入以学年命名的文件夹，如 landing/statistics/2021",
        "put the workbooks into a folder named by the year, such as landing/statistics/2021",
    )
    return FormFaultError(fault, sheet)
