"""Plain connections for the hot paths, as the application's restricted role, beside Django's own."""

from typing import Any

import psycopg
from django.conf import settings

__all__ = ["connect"]

# Hot statements are planned once and reach large tables through indexes, whatever the statistics said that day.
_HOT_OPTIONS = (
    " -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
    " -c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan"
)


def connect(*, application_name: str = "tessera") -> psycopg.Connection[Any]:
    """Open a connection outside of Django's pool: no transaction is open, each statement waits for at most 30 s.

    Raises psycopg.OperationalError when the database does not answer within 5 s.
    """
    return psycopg.connect(
        settings.TESSERA_DATABASE_URL,
        options=settings.TESSERA_DATABASE_OPTIONS + _HOT_OPTIONS,
        application_name=application_name,
        connect_timeout=5,
    )
