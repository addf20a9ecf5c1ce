"""Money of the made district's schools, and what finance and special education must come to.

Amounts are yuan of the compulsory stages. In 2021, the good year, money leans to the schools that the plan
names, small schools are funded as a hundred pupils, and every school spends six percent on its teachers'
training. In 2022 each of the three is broken.
"""

from __future__ import annotations

from fractions import Fraction

from ingest.sample.district import DISTRICT_CODE, SPECIAL_TYPE, YEARS, District, School, schools_in
from ingest.sample.finance import PUBLIC_FUNDS_STANDARD, SPECIAL_SCHOOL_PUBLIC_FUNDS, other_items_of
from ingest.sample.parts import Cell, Table, finance_cells, table_of

COMPULSORY = ("primary", "junior_secondary")
SMALL = 100
# Special funds: yuan per pupil, and the multiple of it that the schools named by the plan get.
SPECIAL_FUNDS_PER_STUDENT = 240
TILT = {2019: "1.02", 2020: "1.10", 2021: "1.40", 2022: "0.80"}
# Share of public funds for training in percent: of most schools, and of every so many-th school.
TRAINING_PCT = 6
TRAINING_PCT_OF_NTH = {2019: 3, 2020: 4, 2021: 6, 2022: 3}
NTH = {2019: 2, 2020: 4, 2021: 4, 2022: 3}
# In these years small schools get money for the pupils they have.
FUNDED_BY_PUPILS = {2019, 2020, 2022}

_BROKEN = {2021: "met", 2022: "met_last_year_not_now"}
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {
    "C20": _BROKEN,  # 2022: every 13th child is not enrolled, some 92 %
    "C21": _BROKEN,  # 2022: every 10th child has no plan; 2021: none
    "C22": _BROKEN,  # 2022: every second child taught at home has too few visits; 2021: none
    "C25": _BROKEN,  # 2022: aid falls by nearly a third, special education gets 7,800 yuan a pupil
    "C48": _BROKEN,  # 2022: the district's total falls
    "C49": _BROKEN,  # 2022: spending per pupil falls at every stage and altogether
    "C50": _BROKEN,  # 2022: spending falls while revenue grows; pay and public funds fall
    "C51": _BROKEN,  # 2022: the standard of the country is cut
    "C52": _BROKEN,  # 2022: the schools to be favoured get four fifths of what the others get
    "G2": _BROKEN,  # 2022: 1,250 in town and 1,150 in the country
    "G6": _BROKEN,  # 2022: small schools are funded by the pupils they have
    "G7": _BROKEN,  # 2022: 7,800 yuan, below 8,000
    "Q2": _BROKEN,  # as C20
    "Q4": _BROKEN,  # 2022: every third school spends 3 % on training
}


def is_favoured(school: School, students: int) -> bool:
    """Outside the urban area, special, or small: the schools to which the plan's money is to lean."""
    return school.urban_rural not in ("111", "112") or school.type_code == SPECIAL_TYPE or students < SMALL


def compulsory_students(district: District, school: School, year: int) -> int:
    """Pupils of the compulsory stages of one school."""
    return sum(district.students(school, stage, year) for stage in COMPULSORY)


def allocation(district: District, school: School, year: int) -> tuple[int, Fraction]:
    """Pupils on whom public funds are allocated, and the funds in whole yuan, rounded up."""
    students = compulsory_students(district, school, year)
    if school.type_code == SPECIAL_TYPE:
        return students, Fraction(students * SPECIAL_SCHOOL_PUBLIC_FUNDS[year])
    is_raised = students < SMALL and school.parent is None and year not in FUNDED_BY_PUPILS
    allocated = SMALL if is_raised else students
    place = "rural" if school.is_rural else "urban"
    funds = sum(
        district.students(school, stage, year) * PUBLIC_FUNDS_STANDARD[stage, place][year]
        for stage in COMPULSORY
    )
    return allocated, Fraction(-(-funds * allocated // students))


def _funds_line(district: District, school: School, year: int) -> dict[str, Cell]:
    students = compulsory_students(district, school, year)
    allocated, funds = allocation(district, school, year)
    pct = TRAINING_PCT_OF_NTH[year] if school.number % NTH[year] == 0 else TRAINING_PCT
    factor = Fraction(TILT[year]) if is_favoured(school, students) else Fraction(1)
    return {
        "财政年度": year,
        "区县代码": DISTRICT_CODE,
        "学校标识码": school.code,
        "学校名称": school.name_in(year),
        "公用经费预算": funds,
        "公用经费决算": round(funds * Fraction("0.99")),
        "教师培训费预算": round(funds * pct / 100),
        "教师培训费决算": round(funds * Fraction("0.99") * pct / 100 + 1),
        "教育专项经费": round(students * SPECIAL_FUNDS_PER_STUDENT * factor),
        "拨款学生数": allocated,
    }


def school_funds_table(district: District) -> Table:
    """Money of every school with pupils of compulsory stages, all years."""
    return table_of(
        "school_funds",
        f"{YEARS[0]}-{YEARS[-1]}年度",
        (
            _funds_line(district, school, year)
            for year in YEARS
            for school in schools_in(year)
            if compulsory_students(district, school, year)
        ),
    )


def other_items_table() -> Table:
    """Revenue, pay, aid, special education and allocation standards of the district, in yuan."""
    return table_of(
        "finance",
        f"其他项目{YEARS[0]}-{YEARS[-1]}",
        (
            {
                **finance_cells(amount),
                "金额": amount.value,
                "上年金额": amount.prior,
                "公布增长率": round(amount.growth_pct, 2),
                "增长率口径": "名义",
                "币种": "CNY",
            }
            for year in YEARS
            for amount in other_items_of(year)
        ),
    )


def tables(district: District) -> list[Table]:
    """Files of this family, faultless."""
    return [other_items_table(), school_funds_table(district)]
