"""What stands above a table and not in it: its school year, its district, the day it was drawn up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from ingest.chunks import SheetHeader
from ingest.contract import Field
from ingest.problems import RefusedFileError, refuse
from ingest.profile import FieldSource


def heading_value(file_name: str, header: SheetHeader, field: Field, source: FieldSource) -> str | None:
    """What the titles say, else the name of the sheet, else that of the file; None where none does.

    RefusedFileError where one of them says two things.
    """
    for texts in (header.caption, (header.sheet,), (Path(file_name).stem,)):
        found = _found(str(source.heading), texts)
        if len(found) > 1:
            raise _refusal("two_headings", file_name, header, field, source, " / ".join(found))
        if found:
            return found[0]
    return None


def no_heading(file_name: str, header: SheetHeader, field: Field, source: FieldSource) -> RefusedFileError:
    """The refusal of a sheet above which a required value does not stand."""
    return _refusal("no_heading", file_name, header, field, source, None)


def _found(pattern: str, texts: Iterable[str]) -> list[str]:
    folded = (unicodedata.normalize("NFKC", text) for text in texts)
    return list(dict.fromkeys(match.group(1) for text in folded for match in re.finditer(pattern, text)))


def _refusal(
    rule: str, file_name: str, header: SheetHeader, field: Field, source: FieldSource, found: str | None
) -> RefusedFileError:
    return refuse(
        rule,
        file_name,
        sheet=header.sheet or None,
        found=found,
        expected=(
            f"标题行、工作表名或文件名写明一个“{field.name_zh}”，如“{source.like}”",
            f"one “{field.name_en}” in the title, the name of the sheet or of the file, like “{source.like}”",
        ),
        mend=(
            "在文件名中写明后重新交入",
            "write it into the name of the file and hand it in again",
        ),
    )
