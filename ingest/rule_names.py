"""What each rule is called for a clerk. Its code stands after the name, for who looks it up in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class RuleName(NamedTuple):
    """A rule's name in Chinese and in English."""

    zh: str
    en: str


# Every code that a fault, a refusal, a layout or a form can carry, and no other: a test looks for them in the
# code and the layouts themselves.
_ROWS = {
    "campus_without_parent": RuleName("教学点或分校未写所属学校", "campus without its school"),
    "duplicate_key": RuleName("同一键重复出现", "same key twice in the file"),
    "duplicate_key_accepted": RuleName("与已入库的行重复", "same key as a row taken before"),
    "not_a_boolean": RuleName("不是“是”或“否”", "neither yes nor no"),
    "not_a_date": RuleName("不是日期", "not a date"),
    "not_a_number": RuleName("不是数字", "not a number"),
    "not_an_integer": RuleName("不是整数", "not a whole number"),
    "out_of_range": RuleName("数值超出范围", "figure out of range"),
    "ragged_row": RuleName("该行单元格数与表头不符", "row with cells too many or too few"),
    "required": RuleName("必填项为空", "required value missing"),
    "too_long": RuleName("文字过长", "text too long"),
    "unknown_answer": RuleName("填写的回答不认识", "answer not known"),
    "unknown_code": RuleName("不在允许的取值之内", "not one of the allowed values"),
    "unknown_unit": RuleName("金额旁没有认识的单位", "no known unit beside the amount"),
    "wrong_pattern": RuleName("写法不符", "written another way than expected"),
    "zero_byte": RuleName("含不可见的空字节", "invisible zero byte"),
}
_PUPILS = {
    "class_may_be_short": RuleName("班级人数可能不全", "class may lack pupils"),
    "ledger_of_two_years": RuleName("班额台账写了不止一个学年", "ledger of classes of two years"),
    "ledger_without_class": RuleName("班额台账中的班级不在名册内", "ledger of a class not in the roster"),
    "pupil_listed_twice": RuleName("同一学生列出两次", "pupil listed twice"),
    "pupil_not_placed": RuleName("学生不知在哪个班", "pupil without a class"),
    "pupil_without_school": RuleName("学生没有学校", "pupil without a school"),
}
_FORMS = {
    "five_four_system": RuleName("五四学制学校，尚不能读取", "school of the five-four system, not read"),
    "form_changed": RuleName("表式与已登记的不同", "form changed"),
    "form_column_missing": RuleName("表中缺列", "column missing in the form"),
    "form_column_twice": RuleName("表中列号重复", "column number twice in the form"),
    "form_header": RuleName("表中找不到行列编号", "numbers of rows and columns not found"),
    "form_heading_missing": RuleName("表中缺栏目", "heading missing in the form"),
    "form_label": RuleName("表中项目名称不符", "label in the form differs"),
    "form_missing": RuleName("工作簿缺表", "form missing in the workbook"),
    "form_part": RuleName("表中“其中”项大于所属项", "part larger than what it is a part of"),
    "form_row_missing": RuleName("表中缺行", "row missing in the form"),
    "form_row_twice": RuleName("表中编号重复", "row number twice in the form"),
    "form_total": RuleName("合计与各项不符", "total is not the sum of its parts"),
    "form_twice": RuleName("同一张表有两份", "form twice in the workbook"),
    "form_unit": RuleName("表中单位不同", "form in another unit"),
    "no_forms": RuleName("文件夹中没有可读的学校工作簿", "no school workbook in the folder"),
    "no_school_form": RuleName("工作簿没有学校基本情况表", "workbook does not say whose it is"),
    "no_school_year": RuleName("不知是哪一学年", "school year not said"),
    "too_many_layouts": RuleName("工作簿的版式种类过多", "workbooks of too many layouts"),
    "two_form_generations": RuleName("新旧两代表式混在一起", "two generations of forms in one folder"),
}
_LAYOUTS = {
    "ambiguous_layout": RuleName("同时符合几种版式", "fits several layouts"),
    "caption_missing": RuleName("表外未写明应写的内容", "not said outside the table"),
    "caption_twice": RuleName("表外写了两种说法", "said in two ways outside the table"),
    "file_name": RuleName("文件名不符", "name of the file does not fit"),
    "layout_changed": RuleName("版式有变", "layout changed"),
    "layout_gone": RuleName("读取它的版式已不存在", "layout no longer there"),
    "missing_header": RuleName("表头缺列", "column missing in the header"),
    "new_codes": RuleName("出现新代码", "new codes"),
    "no_register": RuleName("缺学校名录，不能由校名得到代码", "no register to find schools by name"),
    "no_rows": RuleName("没有数据行", "no row of data"),
    "no_unit": RuleName("表头未写单位", "unit not in the header"),
    "too_many_rejected": RuleName("有问题的行过多", "too many rows with problems"),
    "two_columns_for_field": RuleName("同一项目有两列", "two columns for one field"),
    "two_fields_on_column": RuleName("一列可指两个项目", "one column for two fields"),
    "unit_not_stated": RuleName("未写明金额单位", "unit of amounts not said"),
    "unit_said_twice": RuleName("金额单位有两种说法", "unit of amounts said twice"),
    "unknown_layout": RuleName("不认识的版式", "layout not known"),
}
_FILES = {
    "broken_csv": RuleName("CSV 文件损坏", "broken CSV"),
    "changed_while_read": RuleName("读取时文件有变", "file changed while it was read"),
    "damaged_workbook": RuleName("工作簿损坏或有密码", "workbook damaged or locked"),
    "disguised_file": RuleName("内容与扩展名不符", "content is not what the name says"),
    "empty_file": RuleName("空文件", "empty file"),
    "file_too_heavy": RuleName("读取占用内存过多", "file takes too much memory"),
    "file_too_large": RuleName("文件过大", "file too large"),
    "file_too_slow": RuleName("读取时间过长", "file takes too long"),
    "is_folder": RuleName("是文件夹而不是文件", "a folder, not a file"),
    "no_file": RuleName("文件不存在", "file not there"),
    "not_text": RuleName("不是文本", "not a text"),
    "odd_file_name": RuleName("文件名含不可见字符", "odd signs in the name of the file"),
    "reader_crashed": RuleName("读取程序中断", "reader broke off"),
    "too_many_cells": RuleName("单元格过多", "too many cells"),
    "too_many_columns": RuleName("列过多", "too many columns"),
    "too_many_merges": RuleName("合并单元格过多", "too many merged cells"),
    "too_many_ragged": RuleName("单元格数不符的行过多", "too many rows of another width"),
    "too_many_sheets": RuleName("工作表过多", "too many sheets"),
    "unknown_extension": RuleName("不认识的扩展名", "extension not known"),
    "unreadable_file": RuleName("文件无法打开", "file cannot be opened"),
    "wrong_encoding": RuleName("文字编码不符", "encoding does not fit"),
    "zip_bomb": RuleName("解压后异常大", "unpacks to an odd size"),
}
_HAND_BACK = {
    "accepted_rows_lost": RuleName("原已入库的数据不见了", "rows taken before are gone"),
    "batch_superseded": RuleName("已有更新的文件取代", "a newer file took its place"),
    "batch_was_refused": RuleName("该批次整份未入库", "batch was refused as a whole"),
    "batch_withdrawn": RuleName("所改的批次已撤回", "what it mends was taken back"),
    "folder_not_private": RuleName("文件夹不是本人专用", "folder open to others"),
    "no_batch": RuleName("不是退回的文件", "not a file that was handed back"),
    "nothing_mended": RuleName("没有一行已改正", "no row is mended"),
    "original_changed": RuleName("原文件已更改", "original changed"),
    "original_gone": RuleName("原文件不在原处", "original is gone"),
    "refused_before": RuleName("同样内容已被退回", "refused before"),
    "returned_file": RuleName("这是退回的文件，应作改正件交回", "a file that was handed back"),
    "row_not_returned": RuleName("含未退回过的行", "row that was not handed back"),
    "rows_not_found": RuleName("原文件中找不到这些行", "rows not found in the original"),
    "rows_of_another_batch": RuleName("含另一文件的数据", "rows that another file tells"),
    "too_large_to_hand_back": RuleName("文件过大，不能标注退回", "too large to hand back marked"),
    "too_many_replays": RuleName("改正次数过多", "mended too often"),
    "unknown_batch": RuleName("不是本库的批次", "batch not of this warehouse"),
}
RULE_NAMES: Mapping[str, RuleName] = _ROWS | _PUPILS | _FORMS | _LAYOUTS | _FILES | _HAND_BACK


def rule_name(code: str) -> RuleName:
    """What a rule is called; of one that is no more, and that an old ledger holds, only the code is known."""
    return RULE_NAMES.get(code, RuleName(code, code))


def rule_text(code: str, between: str = " ") -> str:
    """The name in Chinese, then in English, then the code in brackets that no terminal takes for markup."""
    name = RULE_NAMES.get(code)
    return between.join((*name, f"({code})")) if name else f"({code})"
