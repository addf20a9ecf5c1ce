"""What a profile must not say: fields, cells and patterns that contract, forms or reader do not know."""

from __future__ import annotations

import re

from ingest.forms.layout import YEAR_COLUMN
from ingest.pattern_words import is_sayable
from ingest.profile import EACH, BadProfileError, Block, Profile

FORMATS = ("csv", "xlsx", "xls")


def check_profile(profile: Profile) -> None:
    """BadProfileError names what is wrong with a profile."""
    known = {f.name for f in profile.contract.fields}
    for block in profile.blocks:
        named = (*block.sources, *block.skip_empty, *filter(None, (profile.needs_block,)))
        unknown = [name for name in named if name not in known]
        if unknown:
            raise BadProfileError(f"contract {profile.record} has no field {', '.join(unknown)}")
        _check_patterns(profile, block)
    if set(profile.formats) - set(FORMATS):
        raise BadProfileError(f"formats must be of {FORMATS}")
    if not profile.required and profile.forms is None:
        raise BadProfileError("required_headers, or forms, says how a file is recognised")
    if profile.forms is not None:
        _check_cells(profile)
    for pattern in (rule.matches for rules in (profile.skip_rows, profile.set_aside) for rule in rules):
        re.compile(pattern)
    _check_each(profile)
    if profile.file_name is not None and None in map(profile.file_name_groups, profile.file_name_like):
        raise BadProfileError("file_name needs a file_name_like (zh, en) that fits it, for the clerk to read")
    if profile.counted is not None:
        _check_counted(profile)
    _check_drift(profile, known)


def _check_drift(profile: Profile, known: set[str]) -> None:
    for pattern in profile.other_headers or ():
        re.compile(pattern)
    unknown = sorted({name for name, _ in profile.no_codes} - known)
    if unknown:
        raise BadProfileError(f"no_codes: contract {profile.record} has no field {', '.join(unknown)}")


def _check_cells(profile: Profile) -> None:
    """Every header of a profile of forms is a cell of its layout."""
    known = {YEAR_COLUMN, *(cell.name for cell in profile.form_layout.cells)}
    for source in (source for block in profile.blocks for source in block.sources.values()):
        unknown = set(source.headers + source.join + source.sum) - known
        if unknown:
            raise BadProfileError(f"form layout {profile.forms} has no cell {', '.join(sorted(unknown))}")
    for code in profile.also_checks:
        profile.form_layout.form(code)


def _check_counted(profile: Profile) -> None:
    """All pupils of a sheet are of the district and school year that a caption says."""
    sources = profile.blocks[0].sources
    if any(sources[name].headers or not sources[name].caption for name in ("district_code", "school_year")):
        raise BadProfileError("pupils are counted by the district and school year of a caption")


def _check_each(profile: Profile) -> None:
    """A header that is looked for once for each text names what is repeated, and the other way round."""
    sources = [source for block in profile.blocks for source in block.sources.values()]
    is_used = any(EACH in header for source in sources for header in source.headers)
    if is_used != (profile.each_header is not None):
        raise BadProfileError(f"each_header and {EACH} go together")
    if profile.each_header is not None and re.compile(profile.each_header).groups != 1:
        raise BadProfileError("each_header needs exactly one group")


def _check_patterns(profile: Profile, block: Block) -> None:
    if block.is_optional and not block.columns:
        raise BadProfileError("an optional block needs columns in skip_empty by which it is known")
    groups = re.compile(profile.file_name or "").groups
    for name, source in block.sources.items():
        if source.pattern is not None and re.compile(source.pattern).groups != 1:
            raise BadProfileError(f"{name}: a pattern needs exactly one group")
        if source.says is None and not is_sayable(source):
            raise BadProfileError(f"{name}: what its match or pattern accepts is to be said (says: zh, en)")
        if source.month not in (None, "first", "last"):
            raise BadProfileError(f"{name}: a month means its first or its last day")
        if source.file_name_group is not None and not 1 <= source.file_name_group <= groups:
            raise BadProfileError(f"{name}: file_name has no group {source.file_name_group}")
        if source.copy_of is not None and source.copy_of not in block.sources:
            raise BadProfileError(f"{name}: copies {source.copy_of}, which has no source")
