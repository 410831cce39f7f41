"""Backup and restore: what comes back is what was there, or a sentence says why not."""

import json
import os
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.conftest import OUTSIDE
from tests.ground.ground import tessera
from tests.settings import HOME, owner_url

PHONE = "+8610012345678"


def operator_environment(database: str) -> dict[str, str]:
    """The environment of an operator of `database` on the server of this run, embedded or outside."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    if OUTSIDE:
        return {**bare, "DATABASE_URL": owner_url(database)}
    address = f"postgresql://tessera@/{database}?host={HOME}/run"
    return {**bare, "DATABASE_URL": address, "TESSERA_OWNER_DATABASE_URL": owner_url(database)}


def _audit_lines(database: str) -> list[tuple[str, str]]:
    with psycopg.connect(owner_url(database)) as connection:
        return connection.execute("SELECT verb, actor FROM kit_audit_line ORDER BY id").fetchall()


@pytest.fixture
def filled_database(empty_database: str) -> str:
    with psycopg.connect(owner_url(empty_database)) as connection:
        connection.execute(
            "INSERT INTO kit_audit_line (id, happened_at, actor, verb, object_kind, object_id, outcome, details)"
            " SELECT gen_random_uuid(), now(), 'operator', 'verb' || n, 'thing', '', 'done', '{}' FROM generate_series(1, 500) n"
        )
    return empty_database


def test_round_trip(filled_database: str, tmp_path: Path) -> None:
    environment, file = operator_environment(filled_database), tmp_path / "b.dump"
    environment["TESSERA_DATA_DIR"] = str(tmp_path / "here")
    picture = tmp_path / "here" / "media" / "ab" / "one.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"pixels")
    done = tessera("backup", str(file), environment=environment)
    assert done.returncode == 0, done.stderr
    assert "The secret key is not in it" in done.stderr
    manifest = json.loads((tmp_path / "b.dump.manifest.json").read_text())
    assert manifest["rows"]["kit_audit_line"] == 500
    names = ["b.dump", "b.dump.manifest.json", "b.dump.pictures.tar"]
    assert [entry.name for entry in sorted(tmp_path.glob("b*"))] == names
    assert file.stat().st_mode & 0o077 == 0

    again = tessera("backup", str(file), environment=environment)
    assert (again.returncode, "already there" in again.stderr) == (1, True)

    refused = tessera("restore", str(file), environment=environment)
    assert (refused.returncode, "is not empty" in refused.stderr) == (1, True)

    fresh = f"{filled_database}_back"
    try:
        environment["TESSERA_DATA_DIR"] = str(tmp_path / "there")
        done = tessera("restore", str(file), "--into", fresh, environment=environment)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "there" / "media" / "ab" / "one.webp").read_bytes() == b"pixels"
        assert _audit_lines(fresh) == _audit_lines(filled_database)
        with psycopg.connect(owner_url(fresh)) as connection:
            row = connection.execute(
                "SELECT has_table_privilege('tessera_app', 'ledger_entry', 'SELECT'),"
                " has_table_privilege('tessera_app', 'ledger_entry', 'UPDATE')"
            ).fetchone()
            assert row == (True, False), "permissions were not given again"
    finally:
        with psycopg.connect(owner_url(filled_database), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(fresh))
            )


def test_damaged_file_is_refused(filled_database: str, tmp_path: Path) -> None:
    environment, file = operator_environment(filled_database), tmp_path / "b.dump"
    assert tessera("backup", str(file), environment=environment).returncode == 0
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    done = tessera("restore", str(file), environment=environment)
    assert (done.returncode, "is damaged" in done.stderr) == (1, True)
    (tmp_path / "b.dump.manifest.json").unlink()
    done = tessera("restore", str(file), environment=environment)
    assert (done.returncode, "manifest" in done.stderr) == (1, True)
