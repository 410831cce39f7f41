"""The shape of the source: sizes, names, doors."""

import ast
import re

import pytest

from tests.tidy.source import ROOT, dotted, imports, modules, none

ROOMS = {module.room for module in modules() if "/" in module.place} - {"site", "kit"}


def test_files_fit_on_a_few_screens() -> None:
    """Prevents the file in which nobody finds anything any more."""
    none([f"{module.place}: {len(module.lines)}" for module in modules() if len(module.lines) > 350])


def test_functions_fit_on_one_screen() -> None:
    """Prevents the function that does five things: when an action is long, a rule is hiding in it."""
    long = [
        f"{module.place}:{node.lineno} {node.name}: {length}"
        for module in modules()
        for node in module.functions()
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    ]
    none(long)


_DJANGOS_NAMES = {"process_exception", "process_request", "process_response", "process_view"}
"""What middleware calls itself is not ours to choose."""
_EMPTY_WORDS = re.compile(
    r"(Manager|Helper|Util|Utils|Service|Handler|Repository|Processor)$|^(Data|Info)(?=[A-Z]|$)|(Data|Info)$"
)


def test_names_are_the_fields_words() -> None:
    """Prevents names that say nothing: a class or function is named by a word that staff would use."""
    found = []
    for module in modules():
        found += [
            f"{module.place}:{node.lineno} {node.name}"
            for node in module.classes()
            if _EMPTY_WORDS.search(node.name)
        ]
        for function in module.functions():
            words = function.name.strip("_").split("_")
            if function.name not in _DJANGOS_NAMES and (
                words[0] == "process"
                or {"helper", "util", "utils", "manager", "info"} & set(words)
                or words == ["data"]
            ):
                found.append(f"{module.place}:{function.lineno} {function.name}")
    none(found)


def test_rooms_enter_one_another_by_the_front_door() -> None:
    """Prevents a room from leaning on another room's tables or insides: queries, actions, rules and errors are open."""
    open_doors = {"queries", "actions", "rules", "errors"}
    # sight: who may see whose phone number is a rule of people that API edges of other rooms ask for.
    # gate: who comes through the door of a page, asked by every room that has pages for that door.
    # dry_run: the question what a basket would earn, in a file of its own.
    # nearby, wallets: queries for members' pages, in files of their own.
    # lookup, recognition, lots: queries for whole batches, on the plain connection of a hot path, a job or a command.
    allowed = {
        ("people", "gate"),
        ("people", "sight"),
        ("people", "exports"),
        ("catalog", "lookup"),
        ("ledger", "lookup"),
        ("ledger", "lots"),
        ("merchants", "gate"),
        ("merchants", "nearby"),
        ("merchants", "recognition"),
        ("points", "dry_run"),
        ("points", "wallets"),
    }
    # How a hot call names merchant and member is the same in every room: the API edge of merchants shows it to others.
    shown = {
        f"tessera.merchants.api.{name}" for name in ("MemberIn", "Number", "merchant_of", "named_member")
    }
    found = []
    for module in modules():
        if module.room == "site" or "/" not in module.place:
            continue
        for line, name in imports(module):
            parts = name.split(".")
            if parts[0] != "tessera" or len(parts) < 3 or parts[1] in {module.room, "kit"}:
                continue
            if parts[2] in open_doors or (parts[1], parts[2]) in allowed:
                continue
            if not (name in shown and "/api/" in module.place):
                found.append(f"{module.place}:{line} {name}")
    none(found)


def test_foreign_keys_to_other_rooms_are_words() -> None:
    """Prevents import cycles and reverse accessors by which a lower room would reach into a higher one."""
    found = []
    for module in modules():
        if module.room not in ROOMS:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and dotted(node.func).endswith(("ForeignKey", "OneToOneField")):
                target = node.args[0] if node.args else None
                if isinstance(target, ast.Constant) and "." in str(target.value):
                    if str(target.value).split(".")[0] == module.room:
                        continue
                    names = {keyword.arg: keyword.value for keyword in node.keywords}
                    related = names.get("related_name")
                    if not (isinstance(related, ast.Constant) and related.value == "+"):
                        found.append(f"{module.place}:{node.lineno} {target.value}")
    none(found)


def test_rules_know_only_the_standard_library() -> None:
    """Prevents rules that need a database to be tried: a room's rules import nothing but the standard library.

    A room's rules are its `rules.py` or its package `rules/`; `api/rules.py` and `actions/rules.py` are about rules.
    """
    import sys

    found = [
        f"{module.place}:{line} {name}"
        for module in modules()
        if module.place.startswith((f"{module.room}/rules.py", f"{module.room}/rules/"))
        for line, name in imports(module)
        if name.split(".")[0] not in sys.stdlib_module_names
        # Bounds of amounts and the end of time are constants, and one set of them is better than two.
        and not name.startswith(
            (f"tessera.{module.room}.rules", "tessera.kit.amounts", "tessera.kit.clock.NEVER")
        )
    ]
    none(found)


def test_no_django_signals() -> None:
    """Prevents action at a distance: news goes through the outbox, in the same transaction."""
    found = [
        f"{module.place}:{line} {name}"
        for module in modules()
        for line, name in imports(module)
        if name.startswith(("django.db.models.signals", "django.dispatch", "django.core.signals"))
    ]
    none(found)


def test_only_commands_print() -> None:
    """Prevents output that nobody reads, and personal data in it."""
    found = [
        f"{module.place}:{node.lineno}"
        for module in modules()
        if not module.place.startswith("site/commands/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in {"print", "pprint.pprint", "pprint"}
    ]
    none(found)


_EXCUSE = re.compile(r"#\s*(?:noqa|type:\s*ignore|mypy:|pragma:)")
_CODE = re.compile(r"[A-Z]+[0-9]+|\[[\w, -]+\]")
_EXPLAINED = re.compile(r"#\s*(?:noqa: [A-Z0-9, ]+ - \S|type: ignore\[[\w, -]+\]  # \S)")


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_excuses_give_a_reason(folder: str) -> None:
    """Prevents checks that are silenced for ever because nobody knows why. One reason serves a file's equal excuses."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" in path.parts or path.name == "test_shape.py":
            continue
        explained: set[str] = set()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            excuse = _EXCUSE.search(line)
            if excuse and _EXPLAINED.search(line):
                explained.add(_CODE.findall(line[excuse.start() :])[0])
            elif excuse and not explained & set(_CODE.findall(line[excuse.start() :])):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    none(found)


def test_no_path_of_somebodys_machine() -> None:
    """Prevents code and documents that work on one machine only."""
    home = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[\w.]+")
    kinds = {".py", ".md", ".toml", ".sql", ".html", ".js", ".css", ".sh", ".txt", ""}
    found = []
    for folder in ("src", "tests", "docs", "scripts", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in kinds and not {"__pycache__", "vendor"} & set(path.parts):
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    if home.search(line) and path.name != "test_shape.py":
                        found.append(f"{path.relative_to(ROOT)}:{number}")
    none(found)
