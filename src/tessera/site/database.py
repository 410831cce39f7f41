"""Brings a database up to date: migrations, then functions, then what the application's role may do.

The owner's login runs this; the application works as the role `tessera_app`, which may add to the ledger, the audit
trail, the request ids and the consents but change or remove nothing there (spec/ledger.md: append-only by permission).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tessera.kit.sql import function_files, statement
from tessera.site.mendable import Mendable

__all__ = [
    "APPEND_ONLY",
    "LEAST_VERSION",
    "DatabaseError",
    "Pending",
    "bring_up_to_date",
    "find_pending",
    "is_prepared",
    "rooms",
]

LEAST_VERSION = 150000
"""PostgreSQL 15, as the server itself counts."""

APPEND_ONLY = (
    "kit_audit_line",
    "kit_policy",
    "kit_request",
    "merchants_approval",
    "orders_receipt",
    "people_consent",
    "people_erasure",
    "people_joining",
    "points_earning_rule_version",
    "points_programme_version",
)
"""Tables that the application may read and add to; to tables of the ledger it adds through functions only."""

_LOCK = 0x7E55E7A
_ROLE = "tessera_app"


class DatabaseError(Mendable):
    """Something about the database that a person can mend; the text is one sentence for that person."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What a database still lacks: names of migrations, and whether its functions are of another version."""

    migrations: tuple[str, ...]
    functions: bool

    def __bool__(self) -> bool:
        return bool(self.migrations) or self.functions


def rooms() -> list[str]:
    """Return the names of the installed rooms, lower ones first."""
    from django.apps import apps

    return [
        config.name.partition(".")[2]
        for config in apps.get_app_configs()
        if config.name.startswith("tessera.")
    ]


def functions_digest() -> str:
    """Return the SHA-256 over the text of every room's database functions."""
    total = hashlib.sha256()
    for room in rooms():
        for name in function_files(room):
            total.update(f"{room}/{name}\0{statement(room, name)}\0".encode())
    return total.hexdigest()


def is_prepared(url: str) -> bool:
    """Say whether the database at `url` was ever migrated and has the application's role.

    Asked first, on a connection of its own: without the role the application cannot connect at all, and a pool would
    try for long. Raises psycopg.OperationalError at once when the server does not answer.
    """
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT to_regclass('public.django_migrations') IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)",
            [_ROLE],
        ).fetchone()
    return row == (True,)


def find_pending() -> Pending:
    """Return what the database of the current settings lacks; raises DatabaseError when it cannot be used at all."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    _refuse_old_server(connection.cursor().connection)
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('public.django_migrations'), 'pg_class')")
        kept = cursor.fetchone()
    missing = tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)
    return Pending(migrations=missing, functions=kept != (f"functions {functions_digest()}",))


def bring_up_to_date(*, app_url: str, say: Callable[[str], None]) -> Pending:
    """Migrate, (re)create functions and grant; return what was pending. Settings must be the owner's.

    `app_url` is the address the application will use: its login is given the role. Several programs may start at
    once: they wait for one another. Raises DatabaseError for a server that is too old or a login that may not.
    """
    from django.conf import settings

    owner_url: str = settings.TESSERA_DATABASE_URL
    try:
        with _alone(owner_url) as connection:
            _refuse_old_server(connection)
            pending = find_pending()
            _migrate(pending, say)
            _make_functions(connection)
            _grant(connection, app_url)
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_allowed(owner_url, error) from error
    except Exception as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise _not_allowed(owner_url, error) from error
        raise
    return pending


def _not_allowed(owner_url: str, error: Exception) -> DatabaseError:
    login = conninfo_to_dict(owner_url).get("user") or "of DATABASE_URL"
    words = str(error).strip().splitlines()[0]
    return DatabaseError(
        f"The login {login} may not prepare the database ({words}); it must own the database and, "
        f"unless the role {_ROLE} exists and is granted to it, have CREATEROLE."
    )


@contextmanager
def _alone(url: str) -> Iterator[psycopg.Connection]:
    """Open a connection that holds the advisory lock of this work: a second program waits here."""
    with psycopg.connect(url, autocommit=True, application_name="tessera-migrate") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield connection


def _refuse_old_server(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < LEAST_VERSION:
        raise DatabaseError(f"The server is PostgreSQL {version // 10000}; Tessera needs 15 or newer.")


def _migrate(pending: Pending, say: Callable[[str], None]) -> None:
    from django.core.management import call_command

    if pending.migrations:
        say(f"{len(pending.migrations)} migrations to apply")
        call_command("migrate", interactive=False, verbosity=0)


def _make_functions(connection: psycopg.Connection) -> None:
    """Create all functions in one transaction and note their digest beside Django's own notes."""
    with connection.transaction():
        for room in rooms():
            for name in function_files(room):
                connection.execute(statement(room, name).encode())
        note = sql.Literal(f"functions {functions_digest()}")
        connection.execute(sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(note))


def _grant(connection: psycopg.Connection, app_url: str) -> None:
    """Give the application's role what it needs and nothing more; in one transaction, so never half done."""
    role = sql.Identifier(_ROLE)
    with connection.transaction():
        _ensure_role(connection, app_url)
        for text in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON ROUTINES TO {role}",
        ):
            connection.execute(sql.SQL(text).format(role=role))
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            allowed = _writes_allowed(table)
            if allowed:
                gift = sql.SQL("GRANT " + allowed + " ON TABLE {table} TO {role}")
                connection.execute(gift.format(table=sql.Identifier(table), role=role))
        routines = connection.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = 'public' AND p.proname LIKE 'ledger\\_%'"
        ).fetchall()
        for (routine,) in routines:
            connection.execute(f"REVOKE EXECUTE ON ROUTINE {routine} FROM PUBLIC".encode())


def _writes_allowed(table: str) -> str:
    """Return the writes that the application may do to `table` directly, as GRANT spells them ("" for none)."""
    if table.startswith("ledger_") or table == "django_migrations":
        return ""
    return "INSERT" if table in APPEND_ONLY else "INSERT, UPDATE, DELETE"


def _ensure_role(connection: psycopg.Connection, app_url: str) -> None:
    """Make the role where it is missing and give it to the application's login."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_ROLE]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(_ROLE)))
    login = conninfo_to_dict(app_url).get("user")
    if login is None:  # libpq takes the name from elsewhere then (PGUSER, the system's user)
        with psycopg.connect(app_url) as other:
            login = other.info.user
    granted = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s AND (rolsuper OR pg_has_role(oid, %s, 'MEMBER'))",
        [login, _ROLE],
    ).fetchone()
    if granted and connection.info.server_version >= 160000:
        granted = connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, %s, 'SET')", [login, _ROLE]
        ).fetchone()
    if not granted:
        connection.execute(
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(_ROLE), sql.Identifier(str(login)))
        )
