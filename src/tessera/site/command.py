"""The command `tessera`: finds or starts the database, prepares Django, runs one command (site/commands/<name>.py).

Each command is a small module with `add_arguments(parser)` and `run(options) -> int`, imported only when it is named.
What a person can mend is one sentence on standard error and exit status 1; wrong usage is 2.
"""

import argparse
import importlib
import keyword
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tessera import __version__
from tessera.site.mendable import Mendable

if TYPE_CHECKING:
    from tessera.site.embedded import Embedded

__all__ = [
    "COMMANDS",
    "CommandError",
    "Need",
    "data_dir",
    "database_server",
    "main",
    "migrate_apart",
    "owner_address",
    "prepare_django",
    "say",
]


class CommandError(Mendable):
    """A command that cannot go on."""


@dataclass(frozen=True, slots=True)
class Need:
    """A command: what it is for, and whether it needs a server, Django and an up-to-date database."""

    summary: str
    server: bool = True
    django: bool = True
    migrated: bool = True
    owner: bool = False


COMMANDS: dict[str, Need] = {
    "serve": Need("serve pages and API", server=False, django=False, migrated=False),
    "demo": Need("load a demo coalition into an empty database"),
    "migrate": Need("bring the database up to date", migrated=False, owner=True),
    "import": Need("import purchases from a CSV file"),
    "replay": Need("replay a public data set through the same doors"),
    "export": Need("export balances, entries or purchases as CSV"),
    "key": Need("issue an API key, such as the operator's first one"),
    "audit": Need("check every invariant of the ledger"),
    "bench": Need("measure on a PostgreSQL of its own", server=False, django=False, migrated=False),
    "backup": Need("write a backup file", django=False, migrated=False),
    "restore": Need("restore a backup into an empty database", django=False, migrated=False),
    "doctor": Need("say what is missing or misconfigured", server=False, django=False, migrated=False),
}


def data_dir() -> Path:
    """Return the data directory: TESSERA_DATA_DIR or the platform's user data directory."""
    given = os.environ.get("TESSERA_DATA_DIR")
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("tessera"))


def owner_address() -> str:
    """Return the owner's address of the database: TESSERA_OWNER_DATABASE_URL, or DATABASE_URL where that is all."""
    return os.environ.get("TESSERA_OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]


def say(text: str) -> None:
    """Tell the person at the terminal what is going on (standard error: output stays clean for pipes)."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `tessera` with `arguments` (default: the command line); return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(words)
    options = parser.parse_args(words)
    try:
        with ExitStack() as stack:
            return _run(options, stack)
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the reader has gone; nothing may be flushed to it
        return 0
    except Exception as error:
        if sentence := _sentence(error):
            say(f"tessera: {sentence}")
            return 1
        raise


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser; only the module of the command that is named is imported."""
    parser = argparse.ArgumentParser(prog="tessera", description="Tessera 合符: an O2O membership platform.")
    parser.add_argument("--version", action="version", version=f"tessera {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = next((word for word in words if word in COMMANDS), None)
    for name, need in COMMANDS.items():
        sub = commands.add_parser(
            name, help=need.summary, description=need.summary[0].upper() + need.summary[1:] + "."
        )
        if name == named:
            module = importlib.import_module(f"tessera.site.commands.{name}{'_' * keyword.iskeyword(name)}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def _run(options: argparse.Namespace, stack: ExitStack) -> int:
    need = COMMANDS[options.command]
    if need.server:
        stack.enter_context(database_server())
    if need.owner:
        os.environ["TESSERA_AS_OWNER"] = "1"
    if need.migrated:
        ensure_migrated()
    elif need.django:
        prepare_django()
    status: int = options.run(options)
    return status


@contextmanager
def database_server() -> Iterator["Embedded | None"]:
    """Start the embedded PostgreSQL unless DATABASE_URL names another, and put its addresses into the environment."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    from tessera.site.embedded import embedded_postgres

    place = data_dir()
    if not os.path.lexists(place / "postgres"):
        say(f"Making a database in {place} ...")
    with embedded_postgres(place) as server:
        os.environ["DATABASE_URL"] = server.url("tessera")
        os.environ["TESSERA_OWNER_DATABASE_URL"] = server.url("postgres")
        try:
            yield server
        finally:
            _close_connections()
            del os.environ["DATABASE_URL"], os.environ["TESSERA_OWNER_DATABASE_URL"]


def _close_connections() -> None:
    """Close Django's pool before the server goes."""
    if "django.db" in sys.modules:
        from django.conf import settings
        from django.db import connections

        if settings.configured:
            connections.close_all()
            for connection in connections.all(initialized_only=True):
                connection.close_pool()  # type: ignore[attr-defined]  # only PostgreSQL's wrapper has a pool


def prepare_django() -> None:
    """Set Django up with Tessera's settings."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tessera.site.settings")
    django.setup()


def ensure_migrated() -> None:
    """Prepare Django and bring the database up to date first, unless TESSERA_AUTO_MIGRATE is 0."""
    prepare_django()
    from tessera.site.database import find_pending, is_prepared

    if is_prepared(owner_address()) and not find_pending():
        return
    if os.environ.get("TESSERA_AUTO_MIGRATE", "1") == "0":
        raise CommandError("The database is not up to date; run: tessera migrate")
    migrate_apart()


def migrate_apart() -> None:
    """Run `tessera migrate` in a process of its own, because this one acts as the application, not as the owner."""
    done = subprocess.run([sys.executable, "-m", "tessera", "migrate"], check=False)
    if done.returncode != 0:
        raise CommandError("The database could not be brought up to date.")


def _sentence(error: Exception) -> str | None:
    """Return the sentence for an error that a person can mend, or None for a bug."""
    if isinstance(error, Mendable):
        return str(error)
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if "tessera.kit.refusals" in sys.modules:
        from tessera.kit.refusals import Refusal

        if isinstance(error, Refusal):
            spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
            return error.message("zh-Hans" if spoken.startswith("zh") else "en")
    if "psycopg" in sys.modules:
        import psycopg

        for cause in (error, error.__cause__):
            if isinstance(cause, psycopg.OperationalError):
                return f"The database does not answer: {str(cause).strip().splitlines()[0]}"
    return None


if __name__ == "__main__":
    sys.exit(main())
