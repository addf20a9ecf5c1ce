"""The profiles there are: one YAML a source layout in ``profiles/``, read into a ``Profile`` and checked."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from ingest.captions import ABOVE, PLACES, CaptionSpec
from ingest.contract import Contract, contracts
from ingest.count_rule import count_rule
from ingest.faults import Fault
from ingest.forms.layout import form_layout_path
from ingest.profile import (
    EXAMPLE_FIELD,
    EXAMPLE_PREFIX,
    BadProfileError,
    Block,
    FieldSource,
    Profile,
    SetAsideRule,
    SkipRule,
)
from ingest.profile_checks import check_profile
from ingest.read_yaml import read_yaml
from ingest.settings import CONTRACTS_DIR, PROFILES_DIR, SEEDS_DIR
from ingest.units import PEOPLE_EXPONENTS, UNIT_EXPONENTS, UNITS_TOLD

# Region that our own layouts mean when no column says otherwise.
HOME_REGION = "CN"
SOURCE_KEYS = ("constant", "header", "headers", "file_name", "join", "sum", "copy_of", "each")
# Where a value is looked for when the sheet has no column for it; they may stand alone.
FALLBACK_KEYS = ("caption", "registered")

Captions = dict[str, CaptionSpec]  # those that the fields of a profile may name


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
        check_profile(profile)
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
        says=(node["says"]["zh"], node["says"]["en"]) if "says" in node else None,
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
