"""Ledgers of planning and government as offices keep them, made from the tables of the made district.

Titles with year and district, headers in two rows, merged cells, rows of totals, notes, months without a day,
days as bare numbers, figures with separators, 有 and 无. Whatever a table says comes back from its ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.sample.district import DISTRICT_CODE, DISTRICT_NAME
from ingest.sample.layout import (
    Lines,
    Sheet,
    by_year,
    chinese_day,
    chinese_month,
    lines_of,
    serial_day,
    slashed,
    write_book,
)
from ingest.sample.parts import Cell, Table

Line = dict[str, Cell]
NOTES = ("注：1. 数据均为虚构。", "2. 空格表示没有数据。")
SIGNED = ("制表：教育局规划股",)
AREAS = {
    "用地面积": "面积(㎡)/用地",
    "校舍建筑面积": "面积(㎡)/校舍",
    "教学及辅助用房面积": "面积(㎡)/教学及辅助用房",
    "体育运动场馆面积": "面积(㎡)/体育运动场馆",
}
LAND_SHEETS = {"住宅项目": "住宅项目", "出让或划拨地块": "出让地块", "规划学校用地": "学校用地"}


def _grouped(value: Cell) -> Cell:
    """A whole number as text with separators, as tables of statistics print it."""
    return f"{value:,}" if isinstance(value, int) else value


def write_projects(folder: Path, table: Table) -> list[Path]:
    """One workbook; a project is one row, the plans in which it stands are columns."""
    every = lines_of(table)
    plans = list(dict.fromkeys(str(line["所属规划"]) for line in every))
    marked = {(line["项目编号"], line["所属规划"]) for line in every}
    firsts = {line["项目编号"]: line for line in reversed(every)}
    lines = [
        _project(line, number, {f"列入规划/{p}": "√" if (code, p) in marked else None for p in plans})
        for number, (code, line) in enumerate(sorted(firsts.items(), key=lambda item: str(item[0])), start=1)
    ]
    title = f"{DISTRICT_NAME}学校建设项目台账（截至{chinese_day(every[0]['统计截止日期'])}）"
    sheet = Sheet("项目台账", lines, title, header_rows=2, total="合计", notes=NOTES)
    return [write_book(folder / f"{DISTRICT_CODE}_项目台账.xlsx", [sheet])]


def _project(line: Line, number: int, plans: Line) -> Line:
    return {
        "序号": str(number),
        "项目编号": line["项目编号"],
        "项目名称": line["项目名称"],
        "建设性质": line["建设性质"],
        "学校标识码": line["学校标识码"],
        "镇街代码": line["镇街代码"],
        "办学类型": line["办学类型"],
        "建设地点": line["建设地点"],
        "建设标准": line["建设标准文件"],
        "完工时间/计划": chinese_month(line["计划完工日期"], edge="last"),
        "完工时间/实际": serial_day(line["实际完工日期"]),
        "学位数(座)/建设前": _grouped(line["建设前学位数"]),
        "学位数(座)/建设前其中小学": line["建设前小学学位数"],
        "学位数(座)/建设后": _grouped(line["建设后学位数"]),
        "学位数(座)/建设后其中小学": line["建设后小学学位数"],
        "设计规模(人)/合计": line["设计规模学生数"],
        "设计规模(人)/其中小学": line["设计规模小学生数"],
        **{theirs: line[ours] for ours, theirs in AREAS.items()},
        **plans,
    }


def write_population(folder: Path, table: Table) -> list[Path]:
    """One workbook; towns are rows, years stand side by side."""
    towns: dict[Cell, Line] = {}
    for line in lines_of(table):
        own = towns.setdefault(line["镇街代码"], {"镇街代码": line["镇街代码"], "镇街名称": line["镇街名称"]})
        own[f"{line['年度']}年/常住人口(人)"] = _grouped(line["常住人口数"])
        own[f"{line['年度']}年/出生人口(人)"] = line["出生人口数"]
    title = f"{DISTRICT_NAME}分镇街常住人口和出生人口（卫健、统计部门提供）"
    sheet = Sheet("人口", list(towns.values()), title, header_rows=2, total="合计", notes=NOTES)
    return [write_book(folder / f"{DISTRICT_CODE}_人口.xlsx", [sheet])]


def write_clusters(folder: Path, table: Table) -> list[Path]:
    """One workbook a school year; kind, code, name and leading school in merged cells."""
    return _write_years(folder, table, "学年", "学区集团成员", _cluster_lines, _merged_clusters)


def _cluster_lines(lines: Lines) -> Lines:
    ordered = sorted(lines, key=lambda line: (str(line["类别"]), str(line["学区集团代码"])))
    leaders: dict[Cell, Cell] = {}
    for line in ordered:
        leaders.setdefault(line["学区集团代码"], line["学校名称"])
    return [
        {
            "类别": line["类别"],
            "学区(集团)编号": line["学区集团代码"],
            "学区(集团)名称": line["学区集团名称"],
            "牵头学校": leaders[line["学区集团代码"]],
            "成员学校(含牵头学校)": line["学校名称"],
            "学校标识码": line["学校标识码"],
            "加入时间": chinese_month(line["加入日期"], edge="first"),
            "退出时间": chinese_month(line["退出日期"], edge="first"),
        }
        for line in ordered
    ]


def _merged_clusters(name: str, lines: Lines, title: str) -> Sheet:
    merged = ("类别", "学区(集团)编号", "学区(集团)名称", "牵头学校")
    return Sheet(name, lines, title, merged=merged, notes=NOTES)


def write_recognitions(folder: Path, table: Table) -> list[Path]:
    """One workbook a school year; batch, day and document in merged cells."""
    return _write_years(folder, table, "学年", "现代化学校名单", _recognition_lines, _merged_recognitions)


def _recognition_lines(lines: Lines) -> Lines:
    return [
        {
            "序号": str(number),
            "认定批次": line["认定批次"],
            "认定时间": serial_day(line["认定日期"]),
            "认定文号": line["认定文件"],
            "学校名称": line["学校名称"],
            "学校标识码": line["学校标识码"],
            "有效期至": chinese_month(line["有效期至"], edge="last") or "长期",
        }
        for number, line in enumerate(sorted(lines, key=lambda ln: str(ln["认定日期"])), start=1)
    ]


def _merged_recognitions(name: str, lines: Lines, title: str) -> Sheet:
    return Sheet(name, lines, title, merged=("认定批次", "认定时间", "认定文号"), notes=SIGNED)


def write_pairings(folder: Path, table: Table) -> list[Path]:
    """One workbook a school year; both schools under headers of their own."""
    return _write_years(folder, table, "学年", "城乡结对名单", _pairing_lines, _merged_pairings)


def _pairing_lines(lines: Lines) -> Lines:
    return [
        {
            "结对方式": line["结对方式"],
            "乡村学校/学校名称": line["学校名称"],
            "乡村学校/学校标识码": line["学校标识码"],
            "对口学校/学校名称": "示例第一小学",
            "对口学校/学校标识码": line["对口学校标识码"],
            "起止时间/开始": chinese_month(line["开始日期"], edge="first"),
            "起止时间/结束": chinese_day(line["结束日期"]) or "至今",
            "依据文件": line["依据文件"],
        }
        for line in sorted(lines, key=lambda line: str(line["结对方式"]))
    ]


def _merged_pairings(name: str, lines: Lines, title: str) -> Sheet:
    return Sheet(name, lines, title, header_rows=2, merged=("结对方式", "依据文件"), notes=SIGNED)


def write_declarations(folder: Path, table: Table) -> list[Path]:
    """One workbook a year; an item stands once beside the schools that answer it."""
    return _write_years(folder, table, "年度", "自评申报表", _declaration_lines, _merged_declarations)


def _declaration_lines(lines: Lines) -> Lines:
    has = {"是": "有", "否": "无"}
    return [
        {
            "申报项目": line["申报项目"],
            "申报对象代码": line["申报对象代码"],
            "有无": has.get(str(line["是否达到"])),
            "数值": line["申报数值"],
            "佐证材料/文件名称": line["佐证文件"],
            "佐证材料/成文日期": slashed(line["文件日期"]),
        }
        for line in lines
    ]


def _merged_declarations(name: str, lines: Lines, title: str) -> Sheet:
    return Sheet(name, lines, title, header_rows=2, merged=("申报项目",), notes=SIGNED)


def write_satisfaction(folder: Path, table: Table) -> list[Path]:
    """One workbook, a sheet a year; its total row is one of the table's."""
    sheets = []
    for year, lines in by_year(table, "年度").items():
        own: Lines = [
            {
                "调查对象": line["调查对象"],
                "问卷(份)/发放": _grouped(line["发放问卷数"]),
                "问卷(份)/有效": line["有效问卷数"],
                "问卷(份)/满意": line["满意问卷数"],
                "访谈(人)/访谈": line["访谈人数"],
                "访谈(人)/满意": line["访谈满意人数"],
            }
            for line in lines
        ]
        title = f"{DISTRICT_NAME}{year}年义务教育满意度调查汇总表"
        sheets.append(Sheet(f"{year}年", own, title, header_rows=2, notes=NOTES))
    return [write_book(folder / f"{DISTRICT_CODE}_满意度调查.xlsx", sheets)]


def write_land_cases(folder: Path, table: Table) -> list[Path]:
    """One workbook a year, a sheet a kind of case."""
    written = []
    for year, lines in by_year(table, "年度").items():
        sheets = [
            Sheet(
                name,
                [_land_case(line) for line in lines if line["事项类型"] == kind],
                f"{DISTRICT_NAME}{year}年{kind}台账",
                notes=NOTES,
            )
            for kind, name in LAND_SHEETS.items()
        ]
        written.append(write_book(folder / f"{DISTRICT_CODE}_{year}年教育用地.xlsx", sheets))
    return written


def _land_case(line: Line) -> Line:
    kinds: dict[str, Line] = {
        "规划学校用地": {
            "用地面积(㎡)": _grouped(line["用地面积"]),
            "规划规模(人)": _grouped(line["规划规模学生数"]),
            "建设标准": line["建设标准文件"],
        },
        "住宅项目": {"配建学校": line["是否配建学校"], "教育部门同意": line["是否经教育部门同意"]},
        "出让或划拨地块": {
            "无法解决入学需求": line["是否无法解决入学"],
            "出让(划拨)时间": serial_day(line["出让或划拨日期"]),
        },
    }
    return {
        "地块(项目)编号": line["事项编号"],
        "地块(项目)名称": line["事项名称"],
        "镇街代码": line["镇街代码"],
        "位置": line["位置"],
        **kinds[str(line["事项类型"])],
    }


def write_migrant_children(folder: Path, table: Table) -> list[Path]:
    """One workbook a school year; stages are rows."""
    return _write_years(folder, table, "学年", "随迁子女入学", _migrant_lines, _with_total)


def _migrant_lines(lines: Lines) -> Lines:
    return [
        {
            "学段": line["学段"],
            "符合条件随迁子女(人)": line["符合条件随迁子女数"],
            "就读(人)/公办学校": line["公办学校就读数"],
            "就读(人)/政府购买民办学位": line["购买学位就读数"],
            "政府购买学位(个)": line["政府购买学位数"],
        }
        for line in lines
    ]


def _with_total(name: str, lines: Lines, title: str) -> Sheet:
    return Sheet(name, lines, title, header_rows=2, total="合计", notes=NOTES)


def write_establishment(folder: Path, table: Table, school_names: dict[Cell, str]) -> list[Path]:
    """One workbook a school year; subjects stand side by side."""
    return _write_years(
        folder, table, "学年", "编制核定", lambda lines: _post_lines(lines, school_names), _with_total
    )


def _post_lines(lines: Lines, school_names: dict[Cell, str]) -> Lines:
    subjects = list(dict.fromkeys(str(line["学科"]) for line in lines))
    posts = {(line["学校标识码"], line["学科"]): line["核定编制数"] for line in lines}
    return [
        {
            "学校名称": school_names[code],
            "学校标识码": code,
            **{f"核定编制数/{subject}": posts.get((code, subject)) for subject in subjects},
        }
        for code in dict.fromkeys(line["学校标识码"] for line in lines)
    ]


def _write_years(
    folder: Path,
    table: Table,
    header: str,
    what: str,
    to_lines: Callable[[Lines], Lines],
    to_sheet: Callable[[str, Lines, str], Sheet],
) -> list[Path]:
    """One workbook for each year of the table, named by it."""
    written = []
    for year, lines in by_year(table, header).items():
        title = (
            f"{DISTRICT_NAME}{year}{header}{what}" if header == "学年" else f"{DISTRICT_NAME}{year}年{what}"
        )
        sheet = to_sheet(what, to_lines(lines), title)
        written.append(write_book(folder / f"{DISTRICT_CODE}_{year}{header}_{what}.xlsx", [sheet]))
    return written
