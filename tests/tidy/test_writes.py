"""How the source writes: no lost updates, no hidden clocks, no floats for what is counted."""

import ast
import re

from tests.tidy.source import PACKAGE, Module, dotted, modules, none


def test_no_bare_save() -> None:
    """Prevents lost updates: `save()` writes every column back as it was read; name them in `update_fields`. What saves pictures is let through."""
    found = []
    for module in modules():
        if module.place in {"kit/media.py", "site/demo_event_script.py"} or module.place.startswith(
            "kit/print/"
        ):
            continue
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "save"
            ):
                named = {keyword.arg for keyword in node.keywords}
                if not named & {"update_fields", "force_insert"}:
                    found.append(f"{module.place}:{node.lineno}")
    none(found)


_CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today", "timezone.now",
    "django.utils.timezone.now",
}  # fmt: skip


def test_one_clock() -> None:
    """Prevents rules that change their mind within one action: `now` is an argument, `kit.clock` the only source."""
    found = [
        f"{module.place}:{node.lineno} {dotted(node.func)}"
        for module in modules()
        if module.place != "kit/clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in _CLOCKS
    ]
    none(found)


def _counts(module: Module) -> bool:
    return module.room in {"ledger", "points", "orders"} or module.place.endswith("/rules.py")


def _seconds(module: Module) -> list[ast.expr | None]:
    """Return the values of names that end in _S: a pause is no amount."""
    return [
        node.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and any(dotted(target).endswith("_S") for target in node.targets)
    ]


def test_no_float_where_things_are_counted() -> None:
    """Prevents points and money that do not add up: integers, and Decimal only on the way in."""
    found = []
    for module in modules():
        if not _counts(module):
            continue
        pauses = _seconds(module)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float) and node not in pauses:
                found.append(f"{module.place}:{node.lineno} {node.value}")
            if isinstance(node, ast.Call) and dotted(node.func) == "float":
                found.append(f"{module.place}:{node.lineno} float()")
            if isinstance(node, ast.Call) and dotted(node.func).endswith("FloatField"):
                found.append(f"{module.place}:{node.lineno} FloatField")
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                found.append(f"{module.place}:{node.lineno} /")
    none(found)


_COUNTERS = {"add_cap_use"}


def test_actions_are_told_who_and_when() -> None:
    """Prevents writes that nobody answers for: an action's arguments are named, `now` and `actor` among them.

    A batch is `(connection, commands, *, now)`: each of its commands names its own actor. A lock (`lock_merchant`)
    writes nothing, and a door of group commit (`handle_...`) is an edge: it asks the clock itself. A counter that a batch
    adds up on its way (`_COUNTERS`) keeps no moment: its day stands in its key, and the batch answers for it.
    """
    found = []
    for module in modules():
        if "/actions/" not in module.place and not module.place.endswith("/actions.py"):
            continue
        for node in module.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith(("_", "lock_", "handle_")):
                continue
            positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            batch = positional[:1] == ["connection"] and len(positional) <= 2
            needed = {"now"} if batch else {"now", "actor"}
            if batch and node.name in _COUNTERS:
                continue
            if positional and not batch:
                found.append(f"{module.place}:{node.lineno} {node.name}: positional {', '.join(positional)}")
            elif missing := needed - {argument.arg for argument in node.args.kwonlyargs}:
                found.append(
                    f"{module.place}:{node.lineno} {node.name}: without {', '.join(sorted(missing))}"
                )
    none(found)


_HEADER = ("-- Purpose:", "-- Parameters:", "-- Locks:", "-- Index:")


def test_statements_say_what_they_rely_on() -> None:
    """Prevents deadlocks and slow statements nobody can explain: every SQL file has its header."""
    found = []
    for path in sorted(PACKAGE.rglob("*.sql")):
        head = path.read_text(encoding="utf-8").split("\n\n", 1)[0] + path.read_text(encoding="utf-8")[:2000]
        missing = [word for word in _HEADER if word not in head]
        if missing:
            found.append(f"{path.relative_to(PACKAGE)}: {' '.join(missing)}")
    none(found)


def test_functions_with_the_owners_rights_fix_their_path() -> None:
    """Prevents a caller from putting a table of its own in front of the owner's (search_path of SECURITY DEFINER)."""
    definition = re.compile(r"(?i)(?=CREATE OR REPLACE (?:FUNCTION|PROCEDURE))")
    found = [
        f"{path.relative_to(PACKAGE)}: {' '.join(part.split())[:80]}"
        for path in sorted(PACKAGE.rglob("*.sql"))
        for part in definition.split(re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
        if re.search(r"(?i)SECURITY DEFINER", part) and not re.search(r"(?i)SET search_path", part)
    ]
    none(found)
