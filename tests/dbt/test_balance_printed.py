"""What ``junheng balance`` prints: national standard first, each mean as its form prints it, the change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from balance_cases import Landing
from typer.testing import CliRunner

from ingest import cli, exit_codes

# Yuan of equipment a pupil of two schools of equal size: the coefficient is 0.2 and then 0.504.
YEARS = {2021: (8000, 12000), 2022: (4960, 15040)}
COMPUTERS, BOOKS, TEACHERS = 10, 30, 7
RATIO = TEACHERS / 100


@pytest.fixture(scope="module")
def printed(module_warehouse: str, accepted_rows: Callable, build: Callable, publish_part: Callable) -> str:
    landing = Landing()
    for year, amounts in YEARS.items():
        for number, yuan in enumerate(amounts, start=1):
            code, at = f"printed-{number}", {"school_year": year}
            landing.add_school("printed", code, **at)
            landing.add_students("printed", code, "primary", 100, **at)
            landing.add_staffing(
                "printed",
                code,
                "primary",
                full_time_teachers=TEACHERS,
                over_qualified_teachers=TEACHERS,
                mid_plus_title_teachers=TEACHERS,
                **at,
            )
            landing.add_facilities(
                "printed",
                code,
                teaching_auxiliary_area_m2=500,
                indoor_sports_area_m2=0,
                sports_ground_area_m2=800,
                teaching_equipment_yuan=yuan * 100,
                computers=COMPUTERS,
                books=BOOKS * 100,
                **at,
            )
    for record in ("school", "enrolment", "staffing", "facilities"):
        accepted_rows(record, getattr(landing, record))
    build(["+mart_balance__coefficients", "+mart_balance__coefficient_changes", "+mart_balance__composites"])
    publish_part()
    result = CliRunner().invoke(cli.app, ["balance", "--district", "printed"], env={"COLUMNS": "250"})
    assert result.exit_code == exit_codes.DONE, result.output
    return result.output


def _row(text: str, after: str, start: str) -> str:
    """Both lines of the row that names ``start``, in the table of the standard ``after``."""
    lines = text[text.index(after) :].splitlines()
    place = next(n for n, line in enumerate(lines) if start in line)
    return "\n".join(lines[place : place + 2])


def test_the_standard_that_limits_each_coefficient_comes_first(printed: str) -> None:
    assert "None" not in printed
    places = [printed.index(f" {code} ·") for code in ("national_2017", "national_2012", "descriptive")]
    assert places == sorted(places)


def test_a_coefficient_stands_with_limit_change_and_borderline(printed: str) -> None:
    row = _row(printed, "national_2017", "R6")
    # On all schools and on the same schools.
    assert row.count("+0.304") == 2
    wanted = ("10,000.00", "0.504", "0.50", "2/2", "未达标", "临界", "borderline")
    assert not [text for text in wanted if text not in row], row
    assert "临界" not in _row(printed, "national_2017", "R4")
    assert "缺数据" in _row(printed, "national_2017", "R7")


def test_a_ratio_has_the_decimals_of_its_form(printed: str) -> None:
    assert f"{RATIO:.3f}" in _row(printed, "national_2012", "B6")


def test_the_composite_of_2012_stands_below_its_eight_coefficients(printed: str) -> None:
    # One of eight is 0.504, the others nothing: 0.063 in the mean, far within 0.65.
    row = _row(printed, "national_2012", "综合差异系数")
    assert not [text for text in ("0.063", "0.65", "8/8", "达标") if text not in row], row
