"""Loads the SQL that rooms keep in files (`<room>/sql/*.sql`), each with a header that says what it promises."""

import re
from functools import cache
from importlib import resources

__all__ = ["function_files", "statement"]

_FUNCTION_FILE = re.compile(r"_v[0-9]+\.sql$")


@cache
def statement(room: str, name: str) -> str:
    """Return the text of `tessera/<room>/sql/<name>.sql`."""
    return resources.files(f"tessera.{room}").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def function_files(room: str) -> list[str]:
    """Return the names of a room's files that create database functions (`*_v<N>.sql`), in order."""
    folder = resources.files(f"tessera.{room}").joinpath("sql")
    if not folder.is_dir():
        return []
    return sorted(entry.name[:-4] for entry in folder.iterdir() if _FUNCTION_FILE.search(entry.name))
