"""What a person should know before an incident: each check gives one line, "ok", "warn" or "fail"."""

import contextlib
import os
import re
import shutil
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from tessera.kit import clock
from tessera.kit.sql import function_files, statement
from tessera.site.command import data_dir, database_server, owner_address, prepare_django
from tessera.site.embedded import binaries
from tessera.site.mendable import Mendable
from tessera.site.postgres_tools import run_tool

__all__ = ["Finding", "examine"]

_ENOUGH_FREE = 2 * 10**9
_LEAST_FREE = 2 * 10**8
_CLOCK_SKEW = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `level` is "ok", "warn" or "fail"; `sentence` says what was found and what to do."""

    level: str
    sentence: str


def examine(*, port: int) -> Iterator[Finding]:
    """Run every check, those of the database only when it answers."""
    yield _python()
    yield from _data_directory()
    yield _secret_key()
    yield _port(port)
    if not os.environ.get("DATABASE_URL"):
        yield _binaries()
    try:
        with database_server():
            prepare_django()
            yield from _font()
            yield from _database()
    except Mendable as error:
        yield Finding("fail", str(error))
    except psycopg.OperationalError as error:
        yield Finding("fail", f"The database does not answer: {str(error).strip().splitlines()[0]}")


def _python() -> Finding:
    shown = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever forced an installation on an older one should read it
        return Finding("fail", f"Python {shown} is too old; Tessera needs 3.11 or newer.")
    return Finding("ok", f"Python {shown}.")


def _data_directory() -> Iterator[Finding]:
    place = data_dir()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        trial = place / f".doctor.{os.getpid()}"
        trial.write_bytes(b"x")
        trial.unlink()
    except OSError as error:
        yield Finding("fail", f"The data directory {place} cannot be written: {error.strerror}.")
        return
    yield Finding("ok", f"The data directory {place} can be written.")
    free = shutil.disk_usage(place).free
    level = "ok" if free >= _ENOUGH_FREE else "warn" if free >= _LEAST_FREE else "fail"
    yield Finding(
        level, f"{free / 1e9:.1f} GB are free there" + (", which is little." if level != "ok" else ".")
    )


def _secret_key() -> Finding:
    if os.environ.get("TESSERA_SECRET_KEY"):
        if len(os.environ["TESSERA_SECRET_KEY"]) < 32:
            return Finding("fail", "TESSERA_SECRET_KEY is shorter than 32 characters; set a longer one.")
        return Finding("ok", "The secret key comes from TESSERA_SECRET_KEY.")
    kept = data_dir() / "secret_key"
    if not kept.exists():
        return Finding("ok", f"The secret key will be made in {kept} on first start.")
    mode = stat.S_IMODE(kept.stat().st_mode)
    if mode != 0o600:
        return Finding("fail", f"{kept} has mode {mode:o}; run: chmod 600 {kept}")
    return Finding("ok", f"The secret key in {kept} can be read by its owner only.")


def _port(port: int) -> Finding:
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return Finding(
                "warn", f"Port {port} is in use: by a running server, or choose another with --port."
            )
    return Finding("ok", f"Port {port} is free.")


def _binaries() -> Finding:
    said = run_tool(binaries() / "postgres", "--version").strip()
    return Finding("ok", f"The embedded server runs: {said}.")


def _font() -> Iterator[Finding]:
    """Say whether the font for rare characters of badges can be used; nothing where none is named."""
    from django.conf import settings

    from tessera.kit.print.fonts import fallback_fault

    if not settings.TESSERA_FONT:
        return
    if fault := fallback_fault():
        yield Finding(
            "warn",
            f"TESSERA_FONT: {settings.TESSERA_FONT} {fault}; rare characters of badges may become boxes.",
        )
    else:
        yield Finding("ok", f"Rare characters of badges come from {settings.TESSERA_FONT}.")


def _database() -> Iterator[Finding]:
    """Check the database as the application sees it."""
    from django.db import connection

    from tessera.site.database import LEAST_VERSION, find_pending, is_prepared, rooms

    with psycopg.connect(owner_address()) as owner:
        version = owner.info.server_version
        if version < LEAST_VERSION:
            yield Finding("fail", f"The server is PostgreSQL {version // 10000}; Tessera needs 15 or newer.")
            return
        yield Finding("ok", f"The server is PostgreSQL {version // 10000}.{version % 10000}.")
        yield _clock_skew(owner)
        yield _functions(owner, rooms)
        yield _append_only(owner)
    if not is_prepared(owner_address()):
        yield Finding("fail", "The database is not up to date; run: tessera migrate")
        return
    try:
        pending = find_pending()
    except Exception as error:  # noqa: BLE001 - whatever Django wraps it in, the person needs the sentence
        yield Finding(
            "fail", f"The application's login cannot use the database: {str(error).strip().splitlines()[0]}"
        )
        return
    if pending:
        yield Finding("fail", "The database is not up to date; run: tessera migrate")
    else:
        yield Finding("ok", "All migrations are applied.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        yield Finding("ok", f"The application acts as {cursor.fetchone()[0]}.")


def _clock_skew(owner: psycopg.Connection) -> Finding:
    before = time.monotonic()
    row = owner.execute("SELECT clock_timestamp()").fetchone()
    took = timedelta(seconds=time.monotonic() - before)
    skew = abs(clock.now() - row[0]) - took if row else timedelta()
    if skew > _CLOCK_SKEW:
        return Finding(
            "warn", f"The clocks of this machine and of the database differ by {skew.total_seconds():.0f} s."
        )
    return Finding("ok", "The clocks of this machine and of the database agree.")


def _functions(owner: psycopg.Connection, rooms: Callable[[], list[str]]) -> Finding:
    wanted: set[str] = set()
    for room in rooms():
        for name in function_files(room):
            found = re.findall(
                r"CREATE OR REPLACE (?:FUNCTION|PROCEDURE)\s+(\w+)", statement(room, name), re.IGNORECASE
            )
            wanted.update(each.lower() for each in found)
    rows = owner.execute("SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    missing = sorted(wanted - {row[0] for row in rows})
    if missing:
        return Finding("fail", f"Functions are missing ({', '.join(missing)}); run: tessera migrate")
    return Finding("ok", f"All {len(wanted)} database functions are there.")


def _append_only(owner: psycopg.Connection) -> Finding:
    row = owner.execute(
        "SELECT to_regclass('ledger_entry') IS NOT NULL, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tessera_app')"
    ).fetchone()
    if row != (True, True):
        return Finding(
            "fail", "The ledger's tables or the role tessera_app are missing; run: tessera migrate"
        )
    row = owner.execute(
        "SELECT has_table_privilege('tessera_app', 'ledger_entry', 'UPDATE')"
        " OR has_table_privilege('tessera_app', 'ledger_entry', 'DELETE')"
        " OR has_table_privilege('tessera_app', 'ledger_entry', 'TRUNCATE')"
    ).fetchone()
    if row != (False,):
        return Finding("fail", "The role tessera_app may change ledger_entry; run: tessera migrate")
    return Finding("ok", "The role tessera_app may not change or remove entries of the ledger.")
