"""Array literals come back from PostgreSQL as they were, whatever is in them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tessera.kit import arrays

# PostgreSQL keeps no NUL, and surrogates are no text
TEXTS = st.lists(st.none() | st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(
    lambda naive: naive.replace(tzinfo=timezone(timedelta(hours=8)))
)


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[psycopg.Connection[Any]]:
    """One connection for all examples; they only ask."""
    from tessera.kit.connections import connect

    with connect() as connection:
        connection.autocommit = True
        yield connection


def back(server: psycopg.Connection[Any], literal: str, kind: str) -> list[Any]:
    """What PostgreSQL makes of the literal."""
    row = server.execute(f"SELECT %s::{kind}[]", (literal,)).fetchone()
    assert row is not None
    return list(row[0])


@settings(max_examples=300, deadline=None)
@given(values=TEXTS)
@example(
    values=[
        "NULL",
        "null",
        None,
        "",
        " ",
        "{}",
        '{"a",b}',
        "a,b",
        '"',
        "\\",
        '\\"',
        "\\\\",
        "'",
        "%s",
        "$1",
        "\n\t\r",
    ]
)
@example(values=["小票“一”", "\ufeff", "😀", "e\u0301", "\u200b", "\x7f", "\x01"])
def test_texts(server: psycopg.Connection[Any], values: list[str | None]) -> None:
    assert back(server, arrays.texts(values), "text") == values


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.none() | st.uuids()))
@example(values=[UUID(int=0), UUID(int=2**128 - 1)])
def test_uuids(server: psycopg.Connection[Any], values: list[UUID | None]) -> None:
    assert back(server, arrays.uuids(values), "uuid") == values


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_integers(server: psycopg.Connection[Any], values: list[int | None]) -> None:
    assert back(server, arrays.integers(values), "bigint") == values


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.booleans()))
def test_booleans(server: psycopg.Connection[Any], values: list[bool]) -> None:
    assert back(server, arrays.booleans(values), "boolean") == values


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.none() | MOMENTS))
def test_moments(server: psycopg.Connection[Any], values: list[datetime | None]) -> None:
    found = back(server, arrays.moments(values), "timestamptz")
    assert found == [value and value.astimezone(UTC) for value in values]


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.none() | st.binary()))
@example(values=[b"", b"\0", b'"\\', bytes(range(256))])
def test_digests(server: psycopg.Connection[Any], values: list[bytes | None]) -> None:
    assert back(server, arrays.digests(values), "bytea") == values


def test_nothing_is_an_empty_array(server: psycopg.Connection[Any]) -> None:
    assert back(server, arrays.texts([]), "text") == back(server, arrays.uuids([]), "uuid") == []
