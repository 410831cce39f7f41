"""The demo coalition: loaded once, whole, quickly, and its example works."""

import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.settings import HOME, OUTSIDE, owner_url


def environment(database: str, place: Path) -> dict[str, str]:
    found = {**os.environ, "DJANGO_SETTINGS_MODULE": "tessera.site.settings", "TESSERA_DATA_DIR": str(place)}
    if OUTSIDE:
        return {**found, "DATABASE_URL": owner_url(database)}
    login = f"postgresql://tessera@/{database}?host={HOME}/run"
    return {**found, "DATABASE_URL": login, "TESSERA_OWNER_DATABASE_URL": owner_url(database)}


def tessera(database: str, place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tessera", *words]
    return subprocess.run(
        command, env=environment(database, place), capture_output=True, text=True, timeout=120, check=False
    )


def rows(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(owner_url(database)) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]  # a test's own text


@pytest.fixture
def loaded(empty_database: str, tmp_path: Path) -> tuple[str, Path, str]:
    began = time.monotonic()
    done = tessera(empty_database, tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 15
    return empty_database, tmp_path, done.stdout


def test_what_is_there(loaded: tuple[str, Path, str]) -> None:
    database, place, said = loaded
    [counted] = rows(
        database,
        "SELECT (SELECT count(*) FROM merchants_merchant), (SELECT count(*) FROM orders_purchase),"
        " (SELECT count(*) FROM orders_return), (SELECT count(DISTINCT kind) FROM points_earning_rule),"
        " (SELECT count(*) FROM people_person WHERE registered_at IS NOT NULL),"
        " (SELECT count(*) FROM people_person p WHERE registered_at IS NULL"
        "  AND EXISTS (SELECT FROM orders_purchase u WHERE u.member_id = p.id)),"
        " (SELECT count(*) FROM people_person WHERE phone NOT LIKE '+86100%')",
    )
    assert counted == (
        5,
        300,
        20,
        5,
        34 + 1 + 12 + 1 + 121,
        6,
        0,
    )  # members, operator, three of staff a shop, an applicant, guests of events and their crew
    assert rows(
        database, "SELECT count(*) FROM ledger_lot WHERE active_from > now() AND active_from < '9999-01-01'"
    ) > [(0,)]
    assert rows(database, "SELECT count(*) FROM ledger_lot WHERE active_from = '9999-01-01'") > [(0,)]
    keys = place / "demo_keys.txt"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    written = keys.read_text(encoding="utf-8").split()
    assert all(secret in said for secret in written if secret.startswith("tsk_"))
    assert tessera(database, place, "audit", "--quiet").returncode == 0


def test_again_changes_nothing(loaded: tuple[str, Path, str]) -> None:
    database, place, _ = loaded
    query = "SELECT count(*), max(id::text) FROM orders_purchase UNION ALL SELECT count(*), max(id::text) FROM merchants_api_key"
    before, keys = rows(database, query), (place / "demo_keys.txt").read_text()
    again = tessera(database, place, "demo")
    assert again.returncode == 0, again.stderr
    assert "loaded before" in again.stderr
    assert again.stdout == ""
    assert (rows(database, query), (place / "demo_keys.txt").read_text()) == (before, keys)


def test_a_killed_run_goes_on(empty_database: str, tmp_path: Path) -> None:
    """What was not recorded is recorded now: the draw is made of the day on which the shops were opened."""
    command = [sys.executable, "-m", "tessera", "demo"]
    killed = subprocess.Popen(
        command,
        env=environment(empty_database, tmp_path),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    with psycopg.connect(owner_url(empty_database), autocommit=True) as connection:
        until = time.monotonic() + 60
        while connection.execute("SELECT count(*) FROM orders_purchase").fetchone() < (20,):  # type: ignore[operator]  # one row
            assert killed.poll() is None
            assert time.monotonic() < until
            time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    count = "SELECT count(*) FROM orders_purchase"
    assert rows(empty_database, count) < [(300,)]
    done = tessera(empty_database, tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    assert rows(empty_database, count) == [(300,)]
    assert len((tmp_path / "demo_keys.txt").read_text().splitlines()) == 5


def test_the_example_is_a_request(loaded: tuple[str, Path, str]) -> None:
    words = shlex.split(loaded[2].splitlines()[-1])
    assert words[:2] == ["curl", "http://127.0.0.1:8000/api/v1/purchases"]
    assert {word.split(":")[0] for word in words if ": " in word and not word.startswith("{")} == {
        "Authorization", "Idempotency-Key", "Content-Type",
    }  # fmt: skip


def test_a_used_database_is_left_alone(empty_database: str, tmp_path: Path) -> None:
    with psycopg.connect(owner_url(empty_database)) as connection:
        connection.execute(
            "INSERT INTO merchants_merchant (id, name, created_at) VALUES (gen_random_uuid(), 'Real', now())"
        )
    done = tessera(empty_database, tmp_path, "demo")
    assert done.returncode == 0
    assert "only loaded into an empty database" in done.stderr
    assert rows(empty_database, "SELECT count(*) FROM merchants_merchant") == [(1,)]
