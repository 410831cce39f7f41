"""The ground of every test: one PostgreSQL for the run, one database for each worker, cloned from one template.

The application connects as the restricted role, as in production. `db` (pytest-django) rolls back; `committed` really
commits and flushes nothing: such tests use fresh persons and merchants and never truncate.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.settings import DATABASE, HOME, OUTSIDE, owner_url

TOKEN = os.environ["TESSERA_TEST_TOKEN"]
TEMPLATE = f"{TOKEN}_template"
TEST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
}


@contextmanager
def _locked() -> Iterator[None]:
    with (Path(HOME) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    """Open a connection that may make and drop databases."""
    with psycopg.connect(OUTSIDE or owner_url("postgres"), autocommit=True) as connection:
        yield connection


def _exists(connection: psycopg.Connection, database: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None
    )


def _migrate(database: str) -> None:
    """Run `tessera migrate` on `database`, as an operator would."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tessera.site.settings"}
    if OUTSIDE:
        environment["DATABASE_URL"] = owner_url(database)
    else:
        environment["DATABASE_URL"] = f"postgresql://tessera@/{database}?host={HOME}/run"
        environment["TESSERA_OWNER_DATABASE_URL"] = owner_url(database)
    command = [sys.executable, "-m", "tessera", "migrate"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.exit(f"The template database could not be migrated:\n{done.stdout}{done.stderr}", returncode=3)


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """The server of this run: the first worker starts it, the last one stops it; an outside one is just used."""
    from tessera.site.embedded import embedded_postgres

    with ExitStack() as stack:
        if not OUTSIDE:
            stack.enter_context(embedded_postgres(Path(HOME), settings=TEST_SETTINGS))
        yield


@pytest.fixture(scope="session")
def template_database(database_server: None) -> str:
    """The name of a migrated database that can be cloned with CREATE DATABASE ... TEMPLATE."""
    with _locked(), _maintenance() as connection:
        if not _exists(connection, TEMPLATE):
            fresh = f"{TEMPLATE}_new"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
            _migrate(fresh)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(TEMPLATE)))
    return TEMPLATE


@contextmanager
def _cloned(template: str, database: str) -> Iterator[None]:
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(database), sql.Identifier(template)
    )
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
    with _locked(), _maintenance() as connection:
        connection.execute(drop)
        connection.execute(clone)
    try:
        yield
    finally:
        with _maintenance() as connection:
            connection.execute(drop)


@pytest.fixture(scope="session")
def django_db_setup(template_database: str) -> Iterator[None]:
    """This worker's own database (replaces pytest-django's, which would migrate as the restricted role)."""
    from django.db import connections

    with _cloned(template_database, DATABASE):
        yield
        for connection in connections.all(initialized_only=True):
            connection.close()
            connection.close_pool()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database with real commits, seen by every connection; nothing is flushed afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def database_url(django_db_setup: None) -> str:
    """The application's address of this worker's database (settings.TESSERA_DATABASE_OPTIONS go with it)."""
    return os.environ["DATABASE_URL"]


@pytest.fixture
def owner_url_of_database(django_db_setup: None) -> str:
    """The owner's address of this worker's database."""
    return owner_url(DATABASE)


@pytest.fixture
def owner_connection(owner_url_of_database: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner, autocommit: for looking at and breaking what the application may not touch."""
    with psycopg.connect(owner_url_of_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def empty_database(template_database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a migrated database of this test alone, which it may fill and break."""
    database = f"{DATABASE}_own"
    with _cloned(template_database, database):
        yield database


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind: databases on an outside server, and the run's folder."""
    if os.environ.get("TESSERA_TEST_OWNS_HOME") != str(os.getpid()):
        return
    if OUTSIDE:
        with _maintenance() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TOKEN]
            )
            for (name,) in rows.fetchall():
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )
    shutil.rmtree(HOME, ignore_errors=True)
