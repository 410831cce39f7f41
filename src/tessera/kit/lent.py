"""Django's own connection, lent to functions that are written for a plain one: they take part in its transaction."""

from contextlib import AbstractContextManager
from typing import Any, cast

import psycopg
from django.db import connection
from psycopg import pq
from psycopg.abc import Params, QueryNoTemplate
from psycopg.types.json import JsonbLoader

__all__ = ["lent_connection"]


class _Lent:
    """Runs statements with psycopg's own cursors: Django's bind parameters, know no binary results, leave jsonb as text."""

    def __init__(self, lender: psycopg.Connection[Any]) -> None:
        self._lender = lender

    def execute(
        self,
        query: QueryNoTemplate,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool = False,
    ) -> psycopg.Cursor[Any]:
        cursor = psycopg.Cursor(self._lender)
        cursor.adapters.register_loader("jsonb", JsonbLoader)
        if binary:
            cursor.format = pq.Format.BINARY
        return cursor.execute(query, params, prepare=prepare)

    def pipeline(self) -> AbstractContextManager[Any]:
        """Several questions in one round trip."""
        return self._lender.pipeline()


def lent_connection() -> psycopg.Connection[Any]:
    """Return this thread's Django connection; only `execute` and `pipeline` work on it, and only until Django closes it."""
    with connection.cursor() as cursor:
        return cast("psycopg.Connection[Any]", _Lent(cursor.connection))
