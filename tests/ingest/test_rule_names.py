"""Every rule that a clerk can meet has a name: the codes are those that the code and the layouts use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import ingest
from expectations.report import template
from ingest.profile_files import profiles
from ingest.rule_names import RULE_NAMES, rule_text

PACKAGE = Path(ingest.__file__).parent
# What takes a rule by position; whatever else has a parameter ``rule`` of its own passes it on.
TELLERS = {"Fault": 0, "Problem": 0, "refuse": 0, "file_problem": 0}
Functions = dict[str, ast.FunctionDef]


def modules() -> Iterator[ast.Module]:
    """The package without the made district, whose plants are no rules."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "sample" not in path.relative_to(PACKAGE).parts:
            yield ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(module: ast.Module) -> Functions:
    return {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}


def own_tellers(found: Functions) -> dict[str, int]:
    tellers = {}
    for name, function in found.items():
        names = [argument.arg for argument in function.args.args if argument.arg != "self"]
        called = {ast.unparse(call.func) for call in ast.walk(function) if isinstance(call, ast.Call)}
        if "rule" in names and called & TELLERS.keys():
            tellers[name] = names.index("rule")
    return tellers


def constants(module: ast.Module) -> dict[str, str]:
    """Rules that a module names, as those that SQL writes: RULE, RULE_CODES."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and re.fullmatch(r"RULE(_[A-Z]+)?", target.id)
        if isinstance(node.value.value, str)
    }


def codes_of(node: ast.expr, there: Functions, named: dict[str, str]) -> Iterator[str]:
    """The codes that an expression can be; AssertionError where that cannot be told."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from codes_of(node.body, there, named)
        yield from codes_of(node.orelse, there, named)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in there:
        for inner in ast.walk(there[node.func.id]):
            if isinstance(inner, ast.Return) and inner.value is not None:
                yield from codes_of(inner.value, there, named)
    elif isinstance(node, ast.Name) and node.id in named:
        yield named[node.id]
    else:  # handed on: told by who calls, read from the ledger, or a layout's own
        assert re.fullmatch(r"rule|[a-z.]+\.rule|(row|node)\['rule'\]", ast.unparse(node)), ast.unparse(node)


def told_by(module: ast.Module, named: dict[str, str], public: dict[str, int]) -> Iterator[str]:
    there = functions(module)
    tellers = {**TELLERS, **public, **own_tellers(there)}
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        place = tellers.get(
            call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        )
        if place is not None:
            by_name = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
            yield from codes_of(by_name[0] if by_name else call.args[place], there, named)
    for text in (node for node in ast.walk(module) if isinstance(node, ast.JoinedStr)):
        filled = re.fullmatch(r"f'\{RULE\}(_[a-z]+)'", ast.unparse(text))
        if filled:
            yield f"{named['RULE']}{filled[1]}"


def rules_of_layouts() -> Iterator[str]:
    for profile in profiles():
        yield from (rule.fault.rule for rule in profile.set_aside)
        if profile.forms is not None:
            yield from (refusal.rule for refusal in profile.form_layout.refusals)


def every_rule() -> set[str]:
    named = constants(ast.parse((PACKAGE / "duplicates.py").read_text(encoding="utf-8")))
    found = set(rules_of_layouts()) | set(named.values())
    every = list(modules())
    passing = [item for module in every for item in own_tellers(functions(module)).items()]
    public = {name: place for name, place in passing if not name.startswith("_")}
    for module in every:
        own = constants(module)
        found |= {*own.values(), *told_by(module, named | own, public)}
    return found


def test_every_rule_has_a_name_and_no_name_is_of_none() -> None:
    found = every_rule()
    assert {
        "duplicate_key",
        "duplicate_key_accepted",
        "new_codes",
        "not_a_number",
        "too_many_columns",
    } <= found
    assert {"five_four_system", "campus_without_parent", "original_gone", "caption_twice"} <= found
    assert found - RULE_NAMES.keys() == set(), "rules without a name"
    assert RULE_NAMES.keys() - found == set(), "names of rules that nothing tells"


def test_a_name_is_chinese_with_english_beside() -> None:
    for code, name in RULE_NAMES.items():
        assert re.search(r"[\u4e00-\u9fff]", name.zh), code
        assert "_" not in name.zh + name.en, code
        assert re.fullmatch(r"[\x20-\x7e]+", name.en), code
        same = [n for n in RULE_NAMES.values() if name.zh == n.zh or name.en == n.en]
        assert same == [name], "no two rules have one name"


def test_a_list_names_the_rule_and_the_code_stands_after_it() -> None:
    assert rule_text("duplicate_key") == "同一键重复出现 same key twice in the file (duplicate_key)"
    assert rule_text("of_long_ago") == "(of_long_ago)", "a ledger may hold a rule that is no more"
    parts = template("parts.html.j2").module
    page = str(parts.rule("unknown_code"))
    assert (
        page.index("不在允许的取值之内")
        < page.index("not one of the allowed values")
        < page.index("unknown_code")
    )
    assert str(parts.rule("of_long_ago")).count("of_long_ago") == 1
