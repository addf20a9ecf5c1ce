"""The made district as the forms that its bureau would hand in: one table a file, Chinese headers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ingest.sample import basics as sample_basics
from ingest.sample import classes as sample_classes
from ingest.sample import government as sample_government
from ingest.sample import places as sample_places
from ingest.sample import projects as sample_projects
from ingest.sample import school_funds as sample_school_funds
from ingest.sample import spending as sample_spending
from ingest.sample import teachers as sample_teachers
from ingest.sample.children import children, regular_class_counts
from ingest.sample.district import (
    DISTRICT_CODE,
    DISTRICT_NAME,
    GRADES,
    SPECIAL_STAGE,
    SPECIAL_TYPE,
    STAGE_ZH,
    TOWNS,
    YEARS,
    District,
    School,
    schools_in,
)
from ingest.sample.finance import YUAN_PER_WAN, Accounts, growths_beside
from ingest.sample.parts import Cell, Table, finance_cells, flag, name_zh, school_cells, table_of
from ingest.sample.report import Special
from ingest.sample.training import training_cells

FAMILIES = (
    sample_classes,
    sample_government,
    sample_places,
    sample_projects,
    sample_school_funds,
    sample_teachers,
    sample_spending,
    sample_basics,
)
BORDER_YEAR = 2021  # the totals come in two files, split here
GROWTHS_BESIDE = ("财政经常性收入增长率(%)", "增长幅度差(百分点)")
CLASS_SIZE = {"primary": 44, "junior_secondary": 48, "senior_secondary": 50}


def _school_stages(year: int) -> Iterator[tuple[School, str]]:
    return ((school, stage) for school in schools_in(year) for stage in school.stages)


def school_table(_district: District, year: int) -> Table:
    """The register. Odd years print the names of codes, even years the codes themselves."""
    return table_of("school", f"{year}学年", (_register_line(school, year) for school in schools_in(year)))


def _register_line(school: School, year: int) -> dict[str, Cell]:
    def coded(code_list_name: str, code: str) -> str:
        return name_zh(code_list_name, code) if year % 2 else code

    return {
        **school_cells(school, year),
        "区县名称": DISTRICT_NAME,
        "办学类型": coded("school_type", school.type_code),
        "举办者": coded("operator", school.operator_in(year)),
        "城乡类型": coded("urban_rural", school.urban_rural),
        "镇街代码": school.town_code,
        "镇街名称": TOWNS[school.town_code],
        "是否计校数": flag(school.parent is None),
        "主校标识码": school.parent,
    }


def enrolment_table(district: District, year: int) -> Table:
    """Pupils and classes by school, stage and grade."""
    special = regular_class_counts(district.noise, year)
    lines: list[dict[str, Cell]] = [
        {
            **school_cells(school, year),
            "学段": STAGE_ZH[stage],
            "年级": name_zh("grade", str(grade)),
            **_grade_counts(district, school, stage, grade, year, special[school.code, stage]),
        }
        for school, stage in _school_stages(year)
        for grade in GRADES[stage]
    ]
    return table_of(
        "enrolment", f"{year}学年", [*lines, *_special_lines(district, year, dict.fromkeys(lines[0]))]
    )


def _special_lines(district: District, year: int, blank: dict[str, Cell]) -> Iterator[dict[str, Cell]]:
    """All pupils of each special school in one row, beside those of its stages."""
    for school in schools_in(year):
        if school.type_code == SPECIAL_TYPE:
            pupils = special_pupils(district, school, year)
            yield {
                **blank,
                **school_cells(school, year),
                "学段": name_zh("stage", SPECIAL_STAGE),
                "年级": name_zh("grade", "all"),
                "在校生数": pupils.total,
                "女生数": pupils.girls,
            }


def special_pupils(district: District, school: School, year: int) -> Special:
    """Pupils of a special school by grade, whatever their stage."""
    figures = [
        grade_figures(district, school, stage, grade, year, 0)
        for stage in school.stages
        for grade in GRADES[stage]
    ]
    return Special(girls=sum(figure[1] for figure in figures), grades=tuple(figure[0] for figure in figures))


def _nth_share(count: int, grades: tuple[int, ...], grade: int) -> int:
    """Whole persons spread over the grades as evenly as they go."""
    return count // len(grades) + (grades.index(grade) < count % len(grades))


def grade_figures(
    district: District, school: School, stage: str, grade: int, year: int, special: int
) -> tuple[int, int, int, int, int, int]:
    """Pupils of a grade: all, girls, boarders, migrant workers' and left-behind children, and those of the
    stage's ``special`` pupils with special needs that fall to it."""
    students = district.grade_students(school, stage, grade, year)
    girls_share = Fraction("0.48") * district.noise.around_one("0.05", school.code, "girls", grade)
    boarding_pct = 45 if school.is_rural and stage != "primary" else 4
    return (
        students,
        int(students * girls_share),
        students * boarding_pct // 100,
        0 if school.is_rural else students * 18 // 100,
        students * (16 if school.is_rural else 1) // 100,
        _nth_share(special, GRADES[stage], grade),
    )


def _grade_counts(
    district: District, school: School, stage: str, grade: int, year: int, special: int
) -> dict[str, Cell]:
    students, *of_which = grade_figures(district, school, stage, grade, year, special)
    names = ("女生数", "寄宿生数", "随迁子女数", "留守儿童数", "随班就读数")
    return {
        "班级数": -(-students // CLASS_SIZE[stage]),
        "在校生数": students,
        **dict(zip(names, of_which, strict=True)),
    }


def staffing_table(district: District, year: int) -> Table:
    """Staff by school and stage, and all staff of each special school in one row beside."""
    lines: list[dict[str, Cell]] = [
        {
            **school_cells(school, year),
            "学段": STAGE_ZH[stage],
            **_staff_counts(district.staff(school, stage, year)),
            **training_cells(district, school, stage, year),
        }
        for school, stage in _school_stages(year)
    ]
    special = (
        {
            **dict.fromkeys(lines[0]),
            **school_cells(school, year),
            "学段": name_zh("stage", SPECIAL_STAGE),
            "教职工数": sum(count["staff"] for count in counts),
            "专任教师数": sum(count["full_time_teachers"] for count in counts),
        }
        for school in schools_in(year)
        if school.type_code == SPECIAL_TYPE
        for counts in [[district.staff(school, stage, year) for stage in school.stages]]
    )
    return table_of("staffing", f"{year}学年", [*lines, *special])


def _staff_counts(staff: dict[str, int]) -> dict[str, Cell]:
    return {
        "教职工数": staff["staff"],
        "专任教师数": staff["full_time_teachers"],
        "高于规定学历教师数": staff["over_qualified_teachers"],
        "县级以上骨干教师数": staff["backbone_teachers"],
        "体育艺术专任教师数": staff["pe_arts_teachers"],
        "中级及以上职称教师数": staff["mid_plus_title_teachers"],
    }


def facilities_table(district: District, year: int) -> Table:
    """Rooms, grounds, equipment in 万元 and books by school."""
    return table_of(
        "facilities",
        f"{year}学年",
        (
            {**school_cells(school, year), **_facility_figures(district.facilities(school, year))}
            for school in schools_in(year)
        ),
    )


def _facility_figures(have: dict[str, Fraction | int]) -> dict[str, Cell]:
    return {
        "教学及辅助用房面积": have["teaching_auxiliary_area_m2"],
        "室内体育用房面积": have["indoor_sports_area_m2"],
        "运动场地面积": have["sports_ground_area_m2"],
        "教学仪器设备资产值(万元)": Fraction(have["teaching_equipment_yuan"], YUAN_PER_WAN),
        "网络多媒体教室数": have["multimedia_classrooms"],
        "计算机台数": have["computers"],
        "图书册数": have["books"],
    }


def special_education_table(district: District, year: int) -> Table:
    """The list of children; names, phones and addresses are there to be dropped on reading."""
    return table_of(
        "special_education",
        f"{year}学年",
        (
            {
                "学年": year,
                "区县代码": DISTRICT_CODE,
                "学籍号": child.number,
                "姓名": child.name,
                "监护人姓名": f"{child.name}家长",
                "联系电话": f"0000000{place:04d}",
                "家庭住址": f"样本路{place}号",
                "残疾类别": name_zh("disability_category", child.category),
                "学段": STAGE_ZH[child.stage],
                "是否义务教育适龄": flag(child.is_school_age),
                "安置方式": name_zh("placement", child.placement),
                "学校标识码": child.school_code,
                "是否残联在册": flag(child.is_on_register),
                "是否一人一案": flag(child.has_plan),
                "应送教次数": child.visits_required,
                "已送教次数": child.visits_made,
            }
            for place, child in enumerate(children(district.noise, year), start=1)
        ),
    )


def finance_total_table(accounts: Accounts, years: tuple[int, ...]) -> Table:
    """Final accounts by stage in 万元."""
    return table_of(
        "finance",
        f"总额{years[0]}-{years[-1]}",
        (
            {
                **finance_cells(amount),
                "金额(万元)": amount.value / YUAN_PER_WAN,
                "上年金额(万元)": amount.prior / YUAN_PER_WAN,
                "增长率(%)": round(amount.growth_pct, 2),
                **dict(zip(GROWTHS_BESIDE, growths_beside(amount) or (None, None), strict=True)),
            }
            for year in years
            for amount in accounts.account_of(year)
        ),
    )


def finance_per_student_table(accounts: Accounts) -> Table:
    """Spending per pupil in yuan, in the layout of the contract."""
    return table_of(
        "finance",
        f"生均{YEARS[0]}-{YEARS[-1]}",
        (
            {
                **finance_cells(amount),
                "金额": amount.value,
                "上年金额": amount.prior,
                "公布增长率": round(amount.growth_pct, 2),
                "增长率口径": "名义",
                "币种": "CNY",
            }
            for amount in (
                *(amount for year in YEARS for amount in accounts.per_student_of(year)),
                *(accounts.per_student_of_all_of(year) for year in YEARS),
            )
        ),
    )


def tables(district: District) -> list[Table]:
    """Every table of the made district, faultless, in the order in which the files are written."""
    accounts = Accounts(district)
    made = (school_table, enrolment_table, staffing_table, facilities_table, special_education_table)
    return [
        *(build(district, year) for build in made for year in YEARS),
        finance_total_table(accounts, tuple(year for year in YEARS if year < BORDER_YEAR)),
        finance_total_table(accounts, tuple(year for year in YEARS if year >= BORDER_YEAR)),
        finance_per_student_table(accounts),
        *(table for family in FAMILIES for table in family.tables(district)),
    ]
