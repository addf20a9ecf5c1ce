"""Profiles: one YAML a source layout, saying how a file is recognised and where each field stands in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ingest.captions import ABOVE, PLACES, CaptionSpec
from ingest.contract import Contract, contracts
from ingest.count_rule import CountRule, count_rule
from ingest.faults import Fault
from ingest.forms.layout import YEAR_COLUMN, FormLayout, form_layout, form_layout_path
from ingest.plain import caseless
from ingest.read_yaml import read_yaml
from ingest.settings import CONTRACTS_DIR, PROFILES_DIR, SEEDS_DIR
from ingest.units import PEOPLE_EXPONENTS, STATED, UNIT_EXPONENTS, UNITS_TOLD, without_units

# Region that our own layouts mean when no column says otherwise.
HOME_REGION = "CN"
SOURCE_KEYS = ("constant", "header", "headers", "file_name", "join", "sum", "copy_of", "each")
# Where a value is looked for when the sheet has no column for it; they may stand alone.
FALLBACK_KEYS = ("caption", "registered")
ANY_HEADER = "*"  # of a rule on rows: their first cell that is filled
EACH = "{each}"  # in a header: what the profile's each_header found
FORMATS = ("csv", "xlsx", "xls")
# The example row of a template is marked in the column of a code that never starts so: it is never loaded.
EXAMPLE_FIELD = "district_code"
EXAMPLE_PREFIX = "示例"


Captions = dict[str, CaptionSpec]  # those that the fields of a profile may name


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


@cache
def profiles() -> tuple[Profile, ...]:
    """Every profile, by name. BadProfileError names the file that is wrong."""
    found = list(_profile_files().values())
    names = [profile.name for profile in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadProfileError(f"profiles share a name: {', '.join(twice)}")
    return tuple(found)


@cache
def _profile_files() -> dict[Path, Profile]:
    return {path: read_profile(path) for path in sorted(PROFILES_DIR.glob("*.yaml"))}


def profiles_of(record: str) -> tuple[Profile, ...]:
    """The profiles of one record."""
    return tuple(profile for profile in profiles() if profile.record == record)


@cache
def reader_fingerprint(record: str) -> str:
    """Hash of all that decides how files of a record are read: its profiles, contract and code lists."""
    digest = hashlib.sha256()
    paths = [CONTRACTS_DIR / f"{record}.yaml", *sorted(SEEDS_DIR.glob("code_*.csv"))]
    paths.append(SEEDS_DIR / "stage_grade.csv")
    own = {path: profile for path, profile in _profile_files().items() if profile.record == record}
    paths += own
    paths += sorted({form_layout_path(profile.forms) for profile in own.values() if profile.forms})
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_profile(path: Path) -> Profile:
    """Read one profile file. BadProfileError says what is wrong with it."""
    document = read_yaml(path)
    try:
        profile = _profile(document)
        _check(profile)
    except (KeyError, TypeError, re.error, BadProfileError) as error:
        raise BadProfileError(f"{path.name}: {error!r}") from error
    return profile


def _both(node: dict[str, str]) -> tuple[str, str]:
    return node["zh"], node["en"]


def _profile(document: dict[str, Any]) -> Profile:
    contract = contracts()[document["record"]]
    follows = document["fields"] == "contract"
    captions = {name: _caption(node, {}) for name, node in document.get("captions", {}).items()}
    sources = _contract_sources(contract) if follows else _sources(document["fields"], captions)
    required = (
        _contract_requirements(contract, sources)
        if follows
        else tuple(
            tuple(headers) if isinstance(headers, list) else (headers,)
            for headers in document.get("required_headers", ())
        )
    )
    return Profile(
        name=document["name"],
        version=document["version"],
        record=document["record"],
        title_zh=document["title"]["zh"],
        title_en=document["title"]["en"],
        formats=tuple(document["formats"]),
        encodings=tuple(document.get("encodings", ("utf-8", "gb18030"))),
        file_name=document.get("file_name"),
        file_name_like=_both(document.get("file_name_like", {"zh": "", "en": ""})),
        sheet=document.get("sheet"),
        header_rows=_heights(document.get("header_rows", 1)),
        required=required,
        null_tokens=tuple(document.get("null_tokens", ("", "*"))),
        skip_rows=_skip_rows(document, contract if follows else None),
        blocks=_blocks(sources, document.get("repeat", ()), captions),
        follows_contract=follows,
        forms=document.get("forms"),
        also_checks=tuple(document.get("also_checks", ())),
        set_aside=tuple(_set_aside(rule) for rule in document.get("set_aside", ())),
        keeps_notes=document.get("keeps_notes", False),
        each_header=document.get("each_header"),
        fill_merged=tuple(document.get("fill_merged", ())),
        notes=document.get("notes"),
        absent=tuple(document.get("absent_headers", ())),
        needs_block=document.get("needs_block"),
        shared_folder=document.get("shared_folder"),
        counted=count_rule(document["counted"]) if "counted" in document else None,
        other_headers=tuple(document["other_headers"]) if "other_headers" in document else None,
        sometimes=tuple(document.get("sometimes", ())),
        no_codes=tuple((f, str(t)) for f, texts in document.get("no_codes", {}).items() for t in texts),
    )


def _caption(node: dict[str, Any] | str, named: Captions) -> CaptionSpec:
    """A caption, or the one that a field names."""
    if isinstance(node, str):
        if node not in named:
            raise BadProfileError(f"no caption {node}")
        return named[node]
    places = tuple(node.get("places", (ABOVE,)))
    if set(places) - set(PLACES):
        raise BadProfileError(f"a caption is looked for in {tuple(PLACES)}")
    if re.compile(node["pattern"]).groups != 1:
        raise BadProfileError("a caption needs exactly one group")
    names = (node.get("zh", ""), node.get("en", ""), node.get("like", ""))
    return CaptionSpec(node["pattern"], *names, places, node.get("as_written", False))


def _heights(node: int | list[int]) -> tuple[int, ...]:
    return tuple(sorted(node, reverse=True)) if isinstance(node, list) else (node,)


def _set_aside(node: dict[str, Any]) -> SetAsideRule:
    expected, mend = node["expected"], node["mend"]
    fault = Fault(node["rule"], expected["zh"], expected["en"], mend["zh"], mend["en"])
    return SetAsideRule(node["header"], node["matches"], tuple(node["needs"]), fault)


def _skip_rows(document: dict[str, Any], contract: Contract | None) -> tuple[SkipRule, ...]:
    """Rows that are no data; in our own layouts the example row of a template too."""
    rules = tuple(SkipRule(r["header"], r["matches"]) for r in document.get("skip_rows", ()))
    marked = contract.field(EXAMPLE_FIELD).headers if contract else ()
    return (*rules, *(SkipRule(header, f"^{EXAMPLE_PREFIX}") for header in marked))


def _blocks(sources: dict[str, FieldSource], repeat: Any, captions: Captions) -> tuple[Block, ...]:
    if not repeat:
        return (Block(0, sources),)
    return tuple(
        Block(
            number,
            {**sources, **_sources(node["fields"], captions)},
            tuple(node.get("skip_empty", ())),
            node.get("optional", False),
        )
        for number, node in enumerate(repeat)
    )


def _sources(node: dict[str, Any], captions: Captions) -> dict[str, FieldSource]:
    return {name: _source(entry, captions) for name, entry in node.items()}


def _source(node: dict[str, Any], captions: Captions) -> FieldSource:
    given = [key for key in SOURCE_KEYS if key in node]
    stands_in = any(key in node for key in FALLBACK_KEYS)
    if len(given) != 1 and not (stands_in and not given):
        raise BadProfileError(f"a field needs exactly one of {SOURCE_KEYS}: {node}")
    if stands_in and given not in ([], ["header"], ["headers"]):
        raise BadProfileError(f"{FALLBACK_KEYS} stand in for a column only: {node}")
    constant, unit = node.get("constant"), node.get("unit", "元")
    return FieldSource(
        constant=None if constant is None else str(constant),
        headers=(node["header"],) if "header" in node else tuple(node.get("headers", ())),
        file_name_group=node.get("file_name"),
        join=tuple(node.get("join", ())),
        sum=tuple(node.get("sum", ())),
        copy_of=node.get("copy_of"),
        caption=_caption(node["caption"], captions) if "caption" in node else None,
        separator=node.get("separator", ""),
        pattern=node.get("pattern"),
        add=node.get("add", 0),
        prefix=node.get("prefix", ""),
        exponent=0 if unit in UNITS_TOLD else (UNIT_EXPONENTS | PEOPLE_EXPONENTS)[unit],
        unit_told=unit if unit in UNITS_TOLD else None,
        codes=tuple((str(k), str(v)) for k, v in node.get("codes", {}).items()),
        match=tuple((str(k), str(v)) for k, v in node.get("match", ())),
        each="each" in node,
        registered=tuple(node.get("registered", ())),
        month=node.get("month"),
        serial=node.get("serial", False),
    )


def _contract_sources(contract: Contract) -> dict[str, FieldSource]:
    """Every field under any of the headers that its contract gives it."""
    return {f.name: FieldSource(headers=f.headers) for f in contract.fields}


def _contract_requirements(
    contract: Contract, sources: dict[str, FieldSource]
) -> tuple[tuple[str, ...], ...]:
    """A header for every required field. Where only the key is required, one for any of the figures too:
    a list of pupils must not pass for a list of rooms of which all are missing."""
    required = [f for f in contract.fields if f.required and not contract_fallback(f.name)]
    wanted = [sources[f.name].headers for f in required]
    if all(f.key_position for f in required):
        figures = [f for f in contract.stored_fields if not f.required]
        wanted.append(tuple(header for f in figures for header in f.headers))
    return tuple(wanted)


def contract_fallback(field_name: str) -> FieldSource | None:
    """What stands in for a field of our own layouts when the file has no column for it."""
    if field_name == "region_code":
        return FieldSource(constant=HOME_REGION)
    if field_name == "edition":
        return FieldSource(copy_of="fiscal_year")
    return None


def _check(profile: Profile) -> None:
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
        if source.month not in (None, "first", "last"):
            raise BadProfileError(f"{name}: a month means its first or its last day")
        if source.file_name_group is not None and not 1 <= source.file_name_group <= groups:
            raise BadProfileError(f"{name}: file_name has no group {source.file_name_group}")
        if source.copy_of is not None and source.copy_of not in block.sources:
            raise BadProfileError(f"{name}: copies {source.copy_of}, which has no source")
