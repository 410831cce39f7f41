"""The source as the tidy tests see it: every file read and parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tessera"


@dataclass(frozen=True)
class Module:
    """One Python file of the package; `room` is its first folder, `place` its path below the package."""

    path: Path
    place: str
    room: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def classes(self) -> Iterator[ast.ClassDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                yield node


@cache
def modules() -> tuple[Module, ...]:
    """Return every module but migrations, which Django writes."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if "/migrations/" in place:
            continue
        text = path.read_text(encoding="utf-8")
        found.append(Module(path, place, place.split("/")[0], text, ast.parse(text)))
    return tuple(found)


def none(found: list[str]) -> None:
    """Fail with everything that was found, a line each."""
    if found:
        pytest.fail("\n".join(["found:", *found]), pytrace=False)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of everything the module imports, names of `from` imports included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
