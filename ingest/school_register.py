"""Schools by their names: a code is looked up in the register of the district and year, by the exact name.

A name that the register gives to no school or to two is not looked up, and never is one that is only alike.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping

from ingest.chunks import SheetHeader
from ingest.database import connect
from ingest.plain import caseless
from ingest.problems import RefusedFileError, refuse

# District and school year -> name -> code.
Register = Callable[[str, str], Mapping[str, str]]

_CURRENT = """
    select schools.school_name, schools.school_code
    from raw.school as schools
    inner join ops.current_batch as current_batches
        on schools.batch_id = current_batches.batch_id
        and schools.partition_key = current_batches.partition_key
        and current_batches.record = 'school'
    where schools.district_code = %s and schools.school_year = %s
"""


def registered_schools(district_code: str, school_year: str) -> dict[str, str]:
    """Codes of the current register by name; names that two schools bear are left out."""
    if not school_year.isdigit():
        return {}
    with connect("junheng_loader") as connection:
        rows = connection.execute(_CURRENT, [district_code, int(school_year)]).fetchall()
    times = Counter(caseless(name) for name, _ in rows)
    return {caseless(name): code for name, code in rows if times[caseless(name)] == 1}


def register_mark(codes: Mapping[str, str]) -> str:
    """What tells one register from another: the same file read by another register is another batch."""
    lines = "\n".join(f"{name}\t{code}" for name, code in sorted(codes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def no_register(
    file_name: str, header: SheetHeader, district_code: str | None, school_year: str | None
) -> RefusedFileError:
    """The refusal of a file that names schools of a year whose register is not there."""
    where = f"{district_code or '?'} {school_year or '?'}"
    return refuse(
        "no_register",
        file_name,
        sheet=header.sheet or None,
        expected=(
            f"有“学校标识码”列，或 {where} 学年的学校名册（school）已入库，可按校名查码",
            f"a column 学校标识码, or the register of schools (school) of {where}, to look names up in",
        ),
        mend=(
            "先交入该学年的学校名册，再交此文件",
            "hand in the register of schools of that year first, then this file",
        ),
    )
