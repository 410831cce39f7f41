"""The command: fast to ask, one sentence for what a person can mend, never a traceback."""

import stat
import time
from pathlib import Path

import psycopg
import pytest

from tessera.site.command import COMMANDS
from tests.ground.ground import embedded_environment, free_port, tessera


def test_help_names_every_command_and_is_fast(tmp_path: Path) -> None:
    environment = embedded_environment(tmp_path / "d")
    started = time.monotonic()
    done = tessera("--help", environment=environment)
    took = time.monotonic() - started
    assert done.returncode == 0
    assert all(f"    {name} " in done.stdout for name in COMMANDS)
    assert took < 2, "something heavy is imported for --help"
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str, tmp_path: Path) -> None:
    done = tessera(name, "--help", environment=embedded_environment(tmp_path / "d"))
    assert done.returncode == 0, done.stderr
    assert f"tessera {name}" in done.stdout


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    environment = embedded_environment(tmp_path / "d")
    assert tessera("dance", environment=environment).returncode == 2
    assert tessera("serve", "--port", "99999", environment=environment).returncode == 2


def test_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    environment = embedded_environment(tmp_path / "d", DATABASE_URL=address)
    for arguments in (["migrate"], ["migrate", "--check"], ["backup", str(tmp_path / "b")]):
        done = tessera(*arguments, environment=environment)
        assert done.returncode == 1
        assert done.stderr.startswith("tessera: The database does not answer: "), done.stderr
        assert "Traceback" not in done.stderr


def test_migrate_check(data_dir: Path) -> None:
    environment = embedded_environment(data_dir)
    done = tessera("migrate", "--check", environment=environment)
    assert done.returncode == 0, done.stderr
    from tessera.site.embedded import embedded_postgres

    with embedded_postgres(data_dir) as server:
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("COMMENT ON TABLE django_migrations IS 'functions of another version'")
        done = tessera("migrate", "--check", environment=environment)
        assert (done.returncode, "pending: database functions" in done.stderr) == (1, True)
        assert tessera("migrate", environment=environment).returncode == 0
        assert tessera("migrate", "--check", environment=environment).returncode == 0


def test_secret_key_is_made_for_its_owner_only(data_dir: Path) -> None:
    kept = data_dir / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(kept.read_text().strip()) >= 50


def test_doctor_finds_what_is_wrong(data_dir: Path) -> None:
    environment = embedded_environment(data_dir)
    done = tessera("doctor", environment=environment)
    assert (done.returncode, "fail" in done.stdout) == (0, False), done.stdout
    assert "may not change or remove entries of the ledger" in done.stdout

    (data_dir / "secret_key").chmod(0o644)
    from tessera.site.embedded import embedded_postgres

    with embedded_postgres(data_dir) as server, psycopg.connect(server.url("postgres")) as connection:
        connection.execute("GRANT UPDATE ON ledger_entry TO tessera_app")
    done = tessera("doctor", environment=environment)
    assert done.returncode == 1
    assert f"fail  {data_dir}/secret_key has mode 644; run: chmod 600" in done.stdout
    assert "fail  The role tessera_app may change ledger_entry; run: tessera migrate" in done.stdout


def test_doctor_on_a_database_that_was_never_prepared(tmp_path: Path) -> None:
    done = tessera("doctor", environment=embedded_environment(tmp_path / "d"))
    assert done.returncode == 1
    assert "fail  The database is not up to date; run: tessera migrate" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
