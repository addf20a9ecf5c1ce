"""Profiles: one YAML a source layout, saying how a file is recognised and where each field stands in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingest.contract import Contract, contracts
from ingest.form_layout import YEAR_COLUMN, FormLayout, form_layout, form_layout_path
from ingest.settings import CONTRACTS_DIR, PROFILES_DIR, SEEDS_DIR

# What a unit multiplies by, as a power of ten.
UNIT_EXPONENTS = {"元": 0, "千元": 3, "万元": 4, "萬元": 4, "百万元": 6, "亿元": 8, "億元": 8}
# Region that our own layouts mean when no column says otherwise.
HOME_REGION = "CN"
# The same language either way; libyaml reads it ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SOURCE_KEYS = ("constant", "header", "headers", "file_name", "join", "sum", "copy_of")
FORMATS = ("csv", "xlsx", "xls")
# The example row of a template is marked in the column of a code that never starts so: it is never loaded.
EXAMPLE_FIELD = "district_code"
EXAMPLE_PREFIX = "示例"


class BadProfileError(ValueError):
    """A profile that says something its contract or the reader does not know."""


@dataclass(frozen=True)
class FieldSource:
    """Where one field comes from, and what is done to the text found there. Exactly one source is set."""

    constant: str | None = None
    headers: tuple[str, ...] = ()  # the first that the file has
    file_name_group: int | None = None
    join: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    copy_of: str | None = None
    separator: str = ""
    pattern: str | None = None  # its first group is the value
    add: int = 0
    prefix: str = ""
    exponent: int = 0  # power of ten of the unit
    codes: tuple[tuple[str, str], ...] = ()
    match: tuple[tuple[str, str], ...] = ()  # first regular expression that is found gives the value


@dataclass(frozen=True)
class Block:
    """One row of the record a source row: the sources of its fields."""

    number: int
    sources: dict[str, FieldSource]
    skip_empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class SkipRule:
    """Rows that are no data: the cell under ``header`` matches ``matches``."""

    header: str
    matches: str


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
    sheet: str | None
    header_rows: int
    required: tuple[tuple[str, ...], ...]  # each: headers of which one must be there
    null_tokens: tuple[str, ...]
    skip_rows: tuple[SkipRule, ...]
    blocks: tuple[Block, ...]
    follows_contract: bool = field(default=False)
    forms: str | None = None  # name of the form layout whose cells its headers are
    also_checks: tuple[str, ...] = ()  # forms that feed nothing, but whose identities must hold
    keeps_notes: bool = False  # the schools' written explanations are kept with the batch
    # Headers (regular expressions) that the source is known to have and no field reads. None: not said.
    other_headers: tuple[str, ...] | None = None
    sometimes: tuple[str, ...] = ()  # headers that some editions of the source lack
    # (field, text): known as no code of the field; its rows are set aside, and it is no new code.
    set_aside: tuple[tuple[str, str], ...] = ()
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

    def file_name_groups(self, file_name: str) -> tuple[str, ...] | None:
        """What the file's name says by the profile's pattern; None when the pattern does not fit."""
        if self.file_name is None:
            return ()
        found = re.search(self.file_name, file_name)
        return None if found is None else tuple(group or "" for group in found.groups())


def normal_header(text: str) -> str:
    """A header as it is compared: width and case folded, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


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
    own = {path: profile for path, profile in _profile_files().items() if profile.record == record}
    paths += own
    paths += sorted({form_layout_path(profile.forms) for profile in own.values() if profile.forms})
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_profile(path: Path) -> Profile:
    """Read one profile file. BadProfileError says what is wrong with it."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  owner: maintainers; a safe loader either way
    try:
        profile = _profile(document)
        _check(profile)
    except (KeyError, TypeError, re.error, BadProfileError) as error:
        raise BadProfileError(f"{path.name}: {error!r}") from error
    return profile


def _profile(document: dict[str, Any]) -> Profile:
    contract = contracts()[document["record"]]
    follows = document["fields"] == "contract"
    sources = _contract_sources(contract) if follows else _sources(document["fields"])
    required = (
        _contract_requirements(contract, sources)
        if follows
        else tuple((header,) for header in document.get("required_headers", ()))
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
        sheet=document.get("sheet"),
        header_rows=document.get("header_rows", 1),
        required=required,
        null_tokens=tuple(document.get("null_tokens", ("", "*"))),
        skip_rows=_skip_rows(document, contract if follows else None),
        blocks=_blocks(sources, document.get("repeat", ())),
        follows_contract=follows,
        forms=document.get("forms"),
        also_checks=tuple(document.get("also_checks", ())),
        keeps_notes=document.get("keeps_notes", False),
        other_headers=tuple(document["other_headers"]) if "other_headers" in document else None,
        sometimes=tuple(document.get("sometimes", ())),
        set_aside=tuple((f, str(t)) for f, texts in document.get("set_aside", {}).items() for t in texts),
    )


def _skip_rows(document: dict[str, Any], contract: Contract | None) -> tuple[SkipRule, ...]:
    """Rows that are no data; in our own layouts the example row of a template too."""
    rules = tuple(SkipRule(r["header"], r["matches"]) for r in document.get("skip_rows", ()))
    marked = contract.field(EXAMPLE_FIELD).headers if contract else ()
    return (*rules, *(SkipRule(header, f"^{EXAMPLE_PREFIX}") for header in marked))


def _blocks(sources: dict[str, FieldSource], repeat: Any) -> tuple[Block, ...]:
    if not repeat:
        return (Block(0, sources),)
    return tuple(
        Block(number, {**sources, **_sources(node["fields"])}, tuple(node.get("skip_empty", ())))
        for number, node in enumerate(repeat)
    )


def _sources(node: dict[str, Any]) -> dict[str, FieldSource]:
    return {name: _source(entry) for name, entry in node.items()}


def _source(node: dict[str, Any]) -> FieldSource:
    if sum(key in node for key in SOURCE_KEYS) != 1:
        raise BadProfileError(f"a field needs exactly one of {SOURCE_KEYS}: {node}")
    constant = node.get("constant")
    return FieldSource(
        constant=None if constant is None else str(constant),
        headers=(node["header"],) if "header" in node else tuple(node.get("headers", ())),
        file_name_group=node.get("file_name"),
        join=tuple(node.get("join", ())),
        sum=tuple(node.get("sum", ())),
        copy_of=node.get("copy_of"),
        separator=node.get("separator", ""),
        pattern=node.get("pattern"),
        add=node.get("add", 0),
        prefix=node.get("prefix", ""),
        exponent=UNIT_EXPONENTS[node.get("unit", "元")],
        codes=tuple((str(k), str(v)) for k, v in node.get("codes", {}).items()),
        match=tuple((str(k), str(v)) for k, v in node.get("match", ())),
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
        unknown = [name for name in (*block.sources, *block.skip_empty) if name not in known]
        if unknown:
            raise BadProfileError(f"contract {profile.record} has no field {', '.join(unknown)}")
        _check_patterns(profile, block)
    if set(profile.formats) - set(FORMATS):
        raise BadProfileError(f"formats must be of {FORMATS}")
    if not profile.required and profile.forms is None:
        raise BadProfileError("required_headers, or forms, says how a file is recognised")
    if profile.forms is not None:
        _check_cells(profile)
    for pattern in (*(rule.matches for rule in profile.skip_rows), *(profile.other_headers or ())):
        re.compile(pattern)
    unknown = sorted({name for name, _ in profile.set_aside} - known)
    if unknown:
        raise BadProfileError(f"set_aside: contract {profile.record} has no field {', '.join(unknown)}")


def _check_cells(profile: Profile) -> None:
    """Every header of a profile of forms is a cell of its layout."""
    known = {YEAR_COLUMN, *(cell.name for cell in profile.form_layout.cells)}
    for source in (source for block in profile.blocks for source in block.sources.values()):
        unknown = set(source.headers + source.join + source.sum) - known
        if unknown:
            raise BadProfileError(f"form layout {profile.forms} has no cell {', '.join(sorted(unknown))}")
    for code in profile.also_checks:
        profile.form_layout.form(code)


def _check_patterns(profile: Profile, block: Block) -> None:
    groups = re.compile(profile.file_name or "").groups
    for name, source in block.sources.items():
        if source.pattern is not None and re.compile(source.pattern).groups != 1:
            raise BadProfileError(f"{name}: a pattern needs exactly one group")
        if source.file_name_group is not None and not 1 <= source.file_name_group <= groups:
            raise BadProfileError(f"{name}: file_name has no group {source.file_name_group}")
        if source.copy_of is not None and source.copy_of not in block.sources:
            raise BadProfileError(f"{name}: copies {source.copy_of}, which has no source")
