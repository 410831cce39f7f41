"""PostgreSQL array literals, made fast.

psycopg dumps lists element by element in Python, which on a hot path cost more than the statement itself (measured:
60 us of 150 us per purchase).

Each function returns the text of an array for a parameter that the statement casts (`%s::uuid[]`). None is NULL.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

__all__ = ["booleans", "digests", "integers", "moments", "texts", "uuids"]


def uuids(values: Iterable[UUID | None]) -> str:
    """Return a uuid[]."""
    written = [
        "NULL" if value is None else "%032x" % value.int  # noqa: UP031 - takes 100 ns, an f-string 160 ns
        for value in values
    ]
    return "{" + ",".join(written) + "}"


def integers(values: Iterable[int | None]) -> str:
    """Return an integer[] or bigint[]."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def booleans(values: Iterable[bool]) -> str:
    """Return a boolean[]."""
    return "{" + ",".join(["t" if value else "f" for value in values]) + "}"


def moments(values: Iterable[datetime | None]) -> str:
    """Return a timestamptz[]; moments carry their zone."""
    out = []
    last, text = None, "NULL"
    for value in values:
        if value is not last:  # in a batch most moments are one and the same object
            last, text = value, "NULL" if value is None else f'"{value.isoformat()}"'
        out.append(text)
    return "{" + ",".join(out) + "}"


def digests(values: Iterable[bytes | None]) -> str:
    """Return a bytea[]."""
    return (
        "{" + ",".join(["NULL" if value is None else '"\\\\x' + value.hex() + '"' for value in values]) + "}"
    )


def texts(values: Iterable[str | None]) -> str:
    """Return a text[]; every element is quoted, so that nothing in it can be read as array syntax."""
    out = []
    last, text = None, "NULL"
    for value in values:
        if value is not last:
            last, text = value, "NULL" if value is None else _quoted(value)
        out.append(text)
    return "{" + ",".join(out) + "}"


def _quoted(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if '"' in value:
        value = value.replace('"', '\\"')
    return f'"{value}"'
