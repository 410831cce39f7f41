"""The embedded server: shared by processes, stopped by the last, unharmed by a kill, closed to others."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tessera.site import embedded
from tessera.site.embedded import EmbeddedError, embedded_postgres
from tests.ground.ground import embedded_environment

QUICK = {"fsync": "off", "shared_buffers": "32MB"}
HOLDER = """
import sys, time
from pathlib import Path
from tessera.site.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1]), settings={"fsync": "off", "shared_buffers": "32MB"}):
    print("up", flush=True)
    sys.stdin.read()
"""


# The gap between making a folder and handing it to the server's user, made wide enough for others to fall into.
SLOW_MAKER = (
    "import os, time\nchown = os.chown\nos.chown = lambda *a: (time.sleep(0.3), chown(*a))[1]\n" + HOLDER
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "d"


def _pid(place: Path) -> int:
    return int((place / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _holder(place: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input closes."""
    command = [sys.executable, "-c", HOLDER, str(place)]
    process = subprocess.Popen(
        command, env=embedded_environment(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.stdout.close()
    return process


def test_first_start_makes_roles_and_database(place: Path) -> None:
    with embedded_postgres(place, settings=QUICK) as server, psycopg.connect(server.url()) as connection:
        said = connection.execute(
            "SELECT current_user, pg_has_role('tessera_app', 'MEMBER'), current_setting('fsync'),"
            " current_setting('listen_addresses'), current_setting('data_checksums'), current_setting('log_statement')"
        ).fetchone()
        assert said == ("tessera", True, "off", "", "on", "none")
    assert not (place / "postgres" / "postmaster.pid").exists()


def test_several_may_start_it_for_the_first_time_at_once(place: Path) -> None:
    command = [sys.executable, "-c", SLOW_MAKER, str(place)]
    racers = [
        subprocess.Popen(
            command,
            env=embedded_environment(place),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    said = [racer.stdout.readline() for racer in racers if racer.stdout]
    rest = [racer.communicate("")[0] for racer in racers]
    assert said == ["up\n"] * 4, rest
    assert [racer.returncode for racer in racers] == [0] * 4


def test_only_the_two_roles_get_in(place: Path) -> None:
    with embedded_postgres(place, settings=QUICK) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as owner:
            owner.execute("CREATE ROLE stranger LOGIN SUPERUSER")
        address = server.url().replace("//tessera@", "//stranger@")
        with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
            psycopg.connect(address)
        assert oct(server.socket_dir.stat().st_mode & 0o777) == "0o700"


def test_last_one_out_stops_it(place: Path) -> None:
    other = _holder(place)
    with embedded_postgres(place, settings=QUICK) as server:
        number = _pid(place)
    assert server.answers(), "stopped while another process used it"
    assert _pid(place) == number
    other.communicate("")
    assert not server.answers()


def test_a_killed_user_counts_as_gone(place: Path) -> None:
    other = _holder(place)
    other.kill()
    other.wait()
    assert other.stdin is not None
    other.stdin.close()
    with embedded_postgres(place, settings=QUICK) as server:
        assert server.answers()
    assert not server.answers()


def test_killed_server_comes_back_with_what_was_committed(place: Path) -> None:
    settings = {**QUICK, "fsync": "on"}
    with embedded_postgres(place, settings=settings) as server:
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(_pid(place), signal.SIGKILL)
        until = time.monotonic() + 10
        while server.runs() and time.monotonic() < until:
            time.sleep(0.05)
        assert not server.runs()
        assert server.ensure_running(settings)
        with psycopg.connect(server.url("postgres")) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_lock_file_of_another_program_is_no_obstacle(place: Path) -> None:
    with embedded_postgres(place, settings=QUICK):
        lines = (place / "postgres" / "postmaster.pid").read_text().splitlines()
    stale = place / "postgres" / "postmaster.pid"
    owner = (place / "postgres").stat()
    # A program of the same user: PostgreSQL itself takes those of others for gone.
    user = {"user": owner.st_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **user) as other:
        try:
            stale.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
            os.chown(stale, owner.st_uid, owner.st_gid)
            with embedded_postgres(place, settings=QUICK) as server:
                assert server.answers()
        finally:
            other.kill()


def test_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    place = tmp_path / ("long" * 30)
    with embedded_postgres(place, settings=QUICK) as server:
        psycopg.connect(server.url()).close()
        assert server.socket_dir.parent != place
        assert len(os.fsencode(server.socket_dir)) < 100
    assert not server.socket_dir.exists()


def test_a_cluster_of_another_version_is_named(place: Path) -> None:
    (place / "postgres").mkdir(parents=True)
    (place / "postgres" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EmbeddedError, match="PostgreSQL 99; this version of Tessera carries 16 and 18"):
        embedded_postgres(place).__enter__()


def test_full_disk_is_one_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LEAST_FREE", 10**18)
    with pytest.raises(EmbeddedError, match="free space"):
        embedded_postgres(place).__enter__()


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("")
    with pytest.raises(EmbeddedError, match="cannot be used"):
        embedded_postgres(tmp_path / "d").__enter__()


def test_half_made_cluster_is_made_anew(place: Path) -> None:
    (place / "postgres.new" / "base").mkdir(parents=True)
    with embedded_postgres(place, settings=QUICK) as server:
        assert server.answers()


def test_logs_hold_no_values(place: Path) -> None:
    with (
        embedded_postgres(place, settings=QUICK) as server,
        psycopg.connect(server.url("postgres"), autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE person (phone text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('+8610012345678')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('+8610012345678')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ["+8610012345678"])
    texts = [file.read_text() for file in (place / "postgres" / "log").iterdir()]
    assert any("duplicate key" in text for text in texts)
    assert not any("100123456" in text for text in texts)
