"""Profiles: how the files of one source layout are recognised, and where each field stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from ingest.captions import CaptionSpec
from ingest.contract import Contract, contracts
from ingest.count_rule import CountRule
from ingest.faults import Fault
from ingest.forms.layout import FormLayout, form_layout
from ingest.plain import caseless
from ingest.units import STATED, without_units

ANY_HEADER = "*"  # of a rule on rows: their first cell that is filled
EACH = "{each}"  # in a header: what the profile's each_header found
# The example row of a template is marked in the column of a code that never starts so: it is never loaded.
EXAMPLE_FIELD = "district_code"
EXAMPLE_PREFIX = "示例"


class BadProfileError(ValueError):
    """A profile that says something its contract or the reader does not know."""


@dataclass(frozen=True)
class FieldSource:
    """Where one field comes from, and what is done to the text found there. Exactly one source is set, but
    that a caption or a register may stand in for a column that is not there."""

    constant: str | None = None
    headers: tuple[str, ...] = ()  # the first that the file has
    file_name_group: int | None = None
    join: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    copy_of: str | None = None
    caption: CaptionSpec | None = None  # said once of all rows, outside the table
    separator: str = ""
    pattern: str | None = None  # its first group is the value
    add: int = 0
    prefix: str = ""
    exponent: int = 0  # power of ten of the unit
    unit_told: str | None = None  # the file tells the unit: STATED, TOLD_UNIT or TOLD_IF_ANY
    has_unit_beside: bool = False  # the unit stands in the row, in a second column
    codes: tuple[tuple[str, str], ...] = ()
    match: tuple[tuple[str, str], ...] = ()  # first regular expression that is found gives the value
    says: tuple[str, str] | None = None  # what match or pattern accept, where that must be said (zh, en)
    each: bool = False  # what the profile's each_header found
    registered: tuple[str, ...] = ()  # columns with the name of a school, looked up in the register
    month: str | None = None  # a month without a day means its first or its last
    serial: bool = False  # a bare number is a day as a spreadsheet counts them


@dataclass(frozen=True)
class Block:
    """One row of the record a source row: the sources of its fields."""

    number: int
    sources: dict[str, FieldSource]
    skip_empty: tuple[str, ...] = ()
    is_optional: bool = False  # a sheet with no column of its skip_empty fields does without it

    @property
    def columns(self) -> tuple[str, ...]:
        """Headers of the fields of which a row of the block has one at least."""
        own = (self.sources[name] for name in self.skip_empty if name in self.sources)
        return tuple(header for source in own for header in (*source.headers, *source.join, *source.sum))


@dataclass(frozen=True)
class SkipRule:
    """Rows that are no data: the cell under ``header`` matches ``matches``."""

    header: str
    matches: str


@dataclass(frozen=True)
class SetAsideRule:
    """Rows that cannot be counted: the cell under ``header`` matches, and none under ``needs`` is filled."""

    header: str
    matches: str
    needs: tuple[str, ...]
    fault: Fault


@dataclass(frozen=True)
class Profile:
    """One source layout of one record."""

    name: str
    version: int
    record: str
    title_zh: str
    title_en: str
    formats: tuple[str, ...]
    encodings: tuple[str, ...]
    file_name: str | None
    file_name_like: tuple[
        str, str
    ]  # such a name (zh, en), for whoever gave the file another; empty: any name
    sheet: str | None
    header_rows: tuple[int, ...]  # heights a header may have, the highest first
    required: tuple[tuple[str, ...], ...]  # each: headers of which one must be there
    null_tokens: tuple[str, ...]
    skip_rows: tuple[SkipRule, ...]
    blocks: tuple[Block, ...]
    follows_contract: bool = field(default=False)
    forms: str | None = None  # name of the form layout whose cells its headers are
    also_checks: tuple[str, ...] = ()  # forms that feed nothing, but whose identities must hold
    set_aside: tuple[SetAsideRule, ...] = ()
    keeps_notes: bool = False  # the schools' written explanations are kept with the batch
    each_header: str | None = None  # every text its group finds in a header makes blocks of its own
    fill_merged: tuple[str, ...] = ()  # columns whose merged cells hold their value in every row
    absent: tuple[str, ...] = ()  # headers of another kind of table that has the required ones too
    needs_block: str | None = None  # field of which a row has one at least; else rows without are no data
    shared_folder: str | None = None  # of landing/, whose files feed several records
    notes: str | None = None  # how the first of the notes below a table begins
    counted: CountRule | None = None  # its rows are pupils, who are counted by class
    # Headers (regular expressions) that the source is known to have and no field reads. None: not said.
    other_headers: tuple[str, ...] | None = None
    sometimes: tuple[str, ...] = ()  # headers that some editions of the source lack
    # (field, text): known as no code of the field; its rows are set aside, and it is no new code.
    no_codes: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()  # headers, there or gone, that an accepted layout has decided upon
    accepted: str | None = None  # the accepted layout that is read on top of what the profile's file says
    changed_forms: FormLayout | None = None  # its form layout, where the accepted layout changes cells

    @property
    def contract(self) -> Contract:
        """The contract of the record."""
        return contracts()[self.record]

    @property
    def form_layout(self) -> FormLayout:
        """The layout whose cells the profile names; BadProfileError when it reads tables."""
        if self.forms is None:
            raise BadProfileError(f"{self.name} reads no forms")
        return self.changed_forms or form_layout(self.forms)

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """How specific the profile is: of two that recognise a file, the higher is meant."""
        return (self.file_name is not None, not self.follows_contract, len(self.required))

    @property
    def header_forms(self) -> Callable[[str], set[str]]:
        """How a header is compared: where the file states its units, without them too."""
        is_stated = any(s.unit_told == STATED for block in self.blocks for s in block.sources.values())
        return _with_and_without_units if is_stated else _as_it_is

    def file_name_groups(self, file_name: str) -> tuple[str, ...] | None:
        """What the file's name says by the profile's pattern; None when the pattern does not fit."""
        if self.file_name is None:
            return ()
        found = re.search(self.file_name, unicodedata.normalize("NFKC", file_name))
        return None if found is None else tuple(group or "" for group in found.groups())


@lru_cache(maxsize=1 << 14)  # a file's headers are held against those of every profile
def normal_header(text: str) -> str:
    """A header as it is compared: width and case folded, without spaces; a path's parts joined with '/', a
    part without the mark that it is one of several."""
    return re.sub(r"(^|/)#(?=.)", r"\1", caseless(text).replace("→", "/"))


def _as_it_is(header: str) -> set[str]:
    return {normal_header(header)}


def _with_and_without_units(header: str) -> set[str]:
    return {normal_header(header), normal_header(without_units(header))}


def names_header(wanted: str, header: str) -> bool:
    """Whether a header as it is compared is the wanted one, which may have * for anything."""
    return fnmatchcase(header, wanted) if "*" in wanted else header == wanted
