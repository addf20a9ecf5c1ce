"""What can be wrong with a roster of pupils, said without a word of what stands in a pupil's row."""

from __future__ import annotations

from ingest.faults import Fault
from ingest.problems import RefusedFileError, refuse

_SET_ASIDE_ZH = "；在改正之前，该班不计入"
_SET_ASIDE_EN = "; until it is mended the class is not counted"


def no_school(file_name: str, sheet: str, row: int, header: str) -> RefusedFileError:
    """A pupil of no known school: any class of the file may be one short, so none is taken."""
    return refuse(
        "pupil_without_school",
        file_name,
        sheet=sheet or None,
        row=row,
        expected=(
            f"“{header}”为 10 位学校标识码，或与学校名册完全一致且唯一的校名"
            "（全文未入库：少一名学生的班级无从得知）",
            f"a 10-digit school code under “{header}”, or a name exactly and only once in the register of "
            "schools (nothing was loaded: the class that lacks this pupil is not known)",
        ),
        mend=("核对该行的学校", "check the school of this row"),
    )


def ragged_pupil(file_name: str, sheet: str, row: int, found: int, expected: int) -> RefusedFileError:
    """A row whose cells have slipped: whose it is cannot be known."""
    return refuse(
        "ragged_row",
        file_name,
        sheet=sheet or None,
        row=row,
        found=str(found),
        expected=(
            f"{expected} 个单元格（全文未入库：少一名学生的班级无从得知）",
            f"{expected} cells (nothing was loaded: the class that lacks this pupil is not known)",
        ),
        mend=(
            "检查该行是否多、少分隔符，或有未加引号的逗号",
            "look for a delimiter too many or too few, or a comma outside quotes",
        ),
    )


def not_placed(zh: str, en: str) -> Fault:
    """A pupil whose stage, grade or class cannot be read, or whose class is named after another grade."""
    return Fault(
        "pupil_not_placed",
        f"可识别的“{zh}”，班名中如有年级须与年级列相同；该生可能所在的班级均不计入",
        f"a “{en}” that can be read, and a grade in the class's name, if any, that is its grade; "
        "no class that may be this pupil's is counted",
        "补填或改正该格后重新交入",
        "fill in or mend the cell and hand the file in again",
    )


def may_be_short(sheet: str, row: int) -> Fault:
    """A class to which a pupil without a place may belong."""
    place_zh = f"工作表“{sheet}”第 {row} 行" if sheet else f"第 {row} 行"
    place_en = f"sheet “{sheet}” row {row}" if sheet else f"row {row}"
    return Fault(
        "class_may_be_short",
        f"{place_zh}的学生有确定的班级：该生可能属于本班{_SET_ASIDE_ZH}",
        f"a class for the pupil of {place_en}, who may belong to this one{_SET_ASIDE_EN}",
        f"改正{place_zh}后重新交入",
        f"mend {place_en} and hand the file in again",
    )


def unknown_answer(words: tuple[str, ...]) -> Fault:
    """A cell that should say yes or no and says neither."""
    shown = "、".join(words)
    return Fault(
        "unknown_answer",
        f"下列之一：{shown}{_SET_ASIDE_ZH}",
        f"one of {shown}{_SET_ASIDE_EN}",
        "改用所示写法",
        "write it as shown",
    )


def listed_twice(sheet: str, row: int) -> Fault:
    """Two rows with the same number: one pupil twice, or one of the numbers is wrong."""
    place_zh = f"工作表“{sheet}”第 {row} 行" if sheet else f"第 {row} 行"
    place_en = f"sheet “{sheet}” row {row}" if sheet else f"row {row}"
    return Fault(
        "pupil_listed_twice",
        f"每个学籍号只出现一次，它也在{place_zh}{_SET_ASIDE_ZH}",
        f"each registration number once; it stands in {place_en} too{_SET_ASIDE_EN}",
        "删去重复的行，或改正学籍号",
        "delete the row that is there twice, or mend the number",
    )
