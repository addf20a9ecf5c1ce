"""Which profile knows a file, by its headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.chunks import SheetHeader, Source
from ingest.drift.compare import Drift
from ingest.drift.held import HeldFileError
from ingest.find_header import Near, closest_of, find_header
from ingest.forms.layout import FormLayout
from ingest.forms.members import NothingForRecordError
from ingest.forms.rows import main_forms
from ingest.forms.source import check_one_layout
from ingest.opener import FOLDER, Opener, open_path
from ingest.problems import RefusedFileError, refuse
from ingest.profile import Profile, normal_header
from ingest.profile_files import profiles
from ingest.spool import working_folder


@dataclass(frozen=True)
class Recognised:
    """A file and the profile that knows it."""

    profile: Profile
    source: Source
    sheets: tuple[SheetHeader, ...]


def recognise(opener: Opener, record: str) -> Recognised:
    """The profile of ``record`` that knows the file, the most specific if several do.

    RefusedFileError names the nearest profile and what is missing when none does; NothingForRecordError when
    the folder has nothing for the record: schools that it does not count, forms that it does not read.
    """
    candidates = [p for p in profiles() if p.record == record]
    found, near = _try(opener, candidates)
    if not found and opener.format == FOLDER:
        if _tells_nothing(opener, candidates):
            raise NothingForRecordError
        raise _no_forms(opener, candidates)
    if not found:
        raise _unrecognised(opener, candidates, near)
    best = max(found, key=lambda r: r.profile.rank)
    rivals = sorted(r.profile.name for r in found if r.profile.rank == best.profile.rank)
    if len(rivals) > 1:
        raise refuse(
            "ambiguous_layout",
            opener.snapshot.path.name,
            found=", ".join(rivals),
            expected=("只符合一种版式的文件", "a file that fits one layout only"),
            mend=("请数据工程师区分这些版式", "ask the data engineer to tell these layouts apart"),
        )
    return best


def recognised_with(opener: Opener, profile: Profile) -> Recognised | None:
    """The file as this one profile says; None when it does not know it."""
    found, _ = _try(opener, [profile])
    return found[0] if found else None


def nearest(opener: Opener, candidates: Sequence[Profile]) -> list[Drift]:
    """In what each sheet that one of these profiles nearly knows differs from it."""
    _, near = _try(opener, candidates)
    return [n.drift() for n in near if n.is_changed]


def profiles_by_rank(record: str, above: Profile) -> list[Profile]:
    """The profiles of a record that are more special than one of them."""
    return [p for p in profiles() if p.record == record and p.rank > above.rank]


def profile_named(name: str) -> Profile | None:
    """The profile of that name."""
    return next((profile for profile in profiles() if profile.name == name), None)


def recognise_as(opener: Opener, profile: Profile) -> Recognised:
    """The file as one profile reads it, whatever its name and whatever others would make of it.

    RefusedFileError names what is missing when it is not of that layout.
    """
    if profile.forms is not None:
        found = _recognised_forms(opener, [profile])
        if found:
            return found[0]
        raise _no_forms(opener, [profile])
    source = opener.source(profile)
    results = [
        find_header(profile, preview)
        for preview in (opener.previews(source) if source else ())
        if profile.sheet is None or re.search(profile.sheet, preview.sheet)
    ]
    sheets = tuple(result for result in results if isinstance(result, SheetHeader))
    if source is None or not sheets:
        raise _unrecognised(opener, [profile], [r for r in results if isinstance(r, Near)])
    return Recognised(profile, source, sheets)


def _try(opener: Opener, candidates: Sequence[Profile]) -> tuple[list[Recognised], list[Near]]:
    found: list[Recognised] = []
    near: list[Near] = []
    found += _recognised_forms(opener, candidates)
    for profile in candidates:
        if opener.format not in profile.formats or profile.forms is not None:
            continue
        source = opener.source(profile)
        if source is None:
            continue
        sheets: list[SheetHeader] = []
        for preview in opener.previews(source):
            if profile.sheet is None or re.search(profile.sheet, preview.sheet):
                result = find_header(profile, preview)
                sheets += [result] if isinstance(result, SheetHeader) else []
                near += [result] if isinstance(result, Near) else []
        sheets = [sheet for sheet in sheets if not _is_another_table(profile, sheet)]
        if sheets and profile.file_name_groups(opener.snapshot.path.name) is not None:
            found.append(Recognised(profile, source, tuple(sheets)))
        elif sheets:
            near.append(Near(profile, 1.0, (), sheets[0].sheet, sheets[0].end_row))
    return found, near


def _is_another_table(profile: Profile, header: SheetHeader) -> bool:
    """Whether a header names what a table of this layout never has."""
    absent = {normal_header(name) for name in profile.absent}
    return any(normal_header(name) in absent for name in header.names)


def _recognised_forms(opener: Opener, candidates: Sequence[Profile]) -> list[Recognised]:
    """Profiles of forms of which the file, or a workbook of the folder, has at least one."""
    wanted = [profile for profile in candidates if profile.forms is not None]
    source = opener.forms() if wanted else None
    if source is None:
        return []
    check_one_layout(source, _layouts_of(wanted), opener.snapshot.path.name)
    found = []
    for profile in wanted:
        forms = main_forms(profile)
        if source.has_layout(profile.form_layout) and (
            not forms
            or (source.has_form(profile.form_layout, forms) and not source.tells_nothing(profile.form_layout))
        ):
            found.append(Recognised(profile, source, ()))
    return found


def _tells_nothing(opener: Opener, candidates: Sequence[Profile]) -> bool:
    """Whether a folder holds schools only which the record does not count, or forms of a generation of which
    none is read for the record."""
    source = opener.forms()
    own = _layouts_of(candidates)
    if source is None or not own:
        return False
    known = [layout for layout in own.values() if source.has_layout(layout)]
    if not known:
        return any(source.has_layout(layout) for layout in _layouts_of(profiles()).values())
    return all(source.tells_nothing(layout) for layout in known)


def _layouts_of(candidates: Sequence[Profile]) -> dict[str, FormLayout]:
    return {p.form_layout.name: p.form_layout for p in candidates if p.forms is not None}


def _no_forms(opener: Opener, candidates: Sequence[Profile]) -> RefusedFileError:
    wanted = [profile for profile in candidates if profile.forms is not None]
    forms = [
        f"{profile.form_layout.generation}: {', '.join(sorted(main_forms(profile)))}" for profile in wanted
    ]
    codes = "; ".join(forms) or "–"
    return refuse(
        "no_forms",
        opener.snapshot.path.name,
        expected=(
            f"文件夹中有含下列表的学校工作簿：{codes}",
            f"a folder with school workbooks that have one of these forms: {codes}",
        ),
        mend=(
            "从统计系统导出整本学校工作簿后放入；其他文件逐个交入",
            "put whole school workbooks from the statistics system into it; hand in other files one by one",
        ),
    )


def _unrecognised(opener: Opener, candidates: Sequence[Profile], near: list[Near]) -> RefusedFileError:
    name = opener.snapshot.path.name
    tables = [p for p in candidates if opener.format in p.formats and p.forms is None]
    opened = [p for p in tables if opener.source(p) is not None]
    if not opened and opener._failures:
        return opener.wrong_encoding()
    closest = closest_of(near)
    if closest is None or closest.share == 0:
        titles = [(p.title_zh, p.title_en) for p in candidates if p.follows_contract]
        return refuse(
            "unknown_layout",
            name,
            expected=(
                f"表头符合下列版式之一：{'、'.join(zh for zh, _ in titles)}",
                f"the headers of one of: {'; '.join(en for _, en in titles)}",
            ),
            mend=("核对文件是否交错，或补上表头行", "check that it is the right file, or add its header row"),
        )
    missing = [headers[0] for headers in closest.missing]
    if not missing:  # the headers fit, the name of the file does not
        return refuse(
            "file_name",
            name,
            expected=(
                f"文件名如“{closest.profile.file_name_like[0]}”",
                f"a file name like “{closest.profile.file_name_like[1]}”",
            ),
            mend=("照此改文件名后重新交入", "name the file so and hand it in again"),
        )
    if closest.is_changed and closest.drift().held:
        return HeldFileError(opener.snapshot, closest.drift())
    return refuse(
        "missing_header",
        name,
        sheet=closest.sheet or None,
        row=closest.row,
        expected=(
            f"表头含“{'”“'.join(missing)}”（最接近的版式：{closest.profile.title_zh}，"
            f"{closest.profile.name}）",
            f"a header with “{'”, “'.join(missing)}” (nearest layout: {closest.profile.title_en}, "
            f"{closest.profile.name})",
        ),
        mend=("补上所缺的列，或把列名改为所示名称", "add the missing columns, or name them as shown"),
    )


def records_that_recognise(path: Path) -> list[str]:
    """Records as which the file can be read, by its headers; at least one.

    RefusedFileError when it cannot be opened, or when no profile knows it: it names the nearest.
    """
    with working_folder() as folder, closing(open_path(path, folder)) as opener:
        found, near = _try(opener, profiles())
        if not found and opener.format == FOLDER:
            raise _no_forms(opener, profiles())
        if not found:
            raise _unrecognised(opener, profiles(), near)
        return sorted({recognised.profile.record for recognised in found})
