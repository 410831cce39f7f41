"""The embedded PostgreSQL: real server binaries from a wheel, a cluster in the data directory, a unix socket only.

Used where no DATABASE_URL is given (docs/decisions: PostgreSQL everywhere). Nobody connects with a password and
nothing listens on the network: the socket lets in the user who started the server and the cluster's own user, by
peer credentials, as the roles `postgres` (owner) and `tessera` (the application).
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from tessera.site.cluster import (
    NEW_CLUSTER_VERSION,
    Cluster,
    account_of,
    binaries,
    let_in,
    make_cluster,
    socket_folder,
    write_configuration,
)
from tessera.site.postgres_tools import EmbeddedError, run_tool

__all__ = ["Embedded", "EmbeddedError", "binaries", "embedded_postgres"]

_LEAST_FREE = 200 * 1024 * 1024
_START_SECONDS = 600
_LINGER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded server."""

    cluster: Cluster

    @property
    def bin_dir(self) -> Path:
        """Where this server's own programs are (psql, pg_dump, pgbench)."""
        return self.cluster.bin_dir

    @property
    def socket_dir(self) -> Path:
        """Where the server's socket is."""
        return self.cluster.socket_dir

    def url(self, user: str = "tessera", database: str = "tessera") -> str:
        """Return the address for a role ("tessera" or "postgres") and a database of this server."""
        return f"postgresql://{user}@/{quote(database)}?host={quote(str(self.socket_dir), safe='/')}"

    def runs(self) -> bool:
        """Say whether the server is there at all: cheap enough to ask twice a second."""
        try:
            return _is_postgres(int((self.cluster.folder / "postmaster.pid").read_text().splitlines()[0]))
        except (OSError, ValueError, IndexError):
            return False

    def answers(self) -> bool:
        """Say whether the server answers on its socket."""
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_running(self, settings: Mapping[str, str] | None = None) -> bool:
        """Start the server unless it answers; return whether it had to be started. Raises EmbeddedError."""
        with _locked(self.cluster.folder.with_name("postgres.start"), fcntl.LOCK_EX):
            until = time.monotonic() + _START_SECONDS
            while not (answers := self.answers()) and self.runs() and time.monotonic() < until:
                time.sleep(0.1)  # it recovers or stops; whoever had it started may have been killed meanwhile
            if answers:
                return False
            write_configuration(self.cluster, settings or {})
            _start(self)
            return True


@contextmanager
def embedded_postgres(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[Embedded]:
    """Run the cluster in `data_dir`/postgres while the context is open; made on first use.

    Processes may share one data directory: the first starts the server, the last one out stops it, and one that was
    killed counts as gone. `settings` overrides server settings (values as postgresql.conf writes them). Raises
    EmbeddedError with one sentence for what a person can mend: a full disk, an unreadable directory, a cluster of a
    version that is not carried.
    """
    data_dir = data_dir.expanduser().resolve()
    server = _prepare(data_dir, settings or {})
    users = _open_lock(data_dir / "postgres.users")
    try:
        with _locked(data_dir / "postgres.start", fcntl.LOCK_EX):
            fcntl.flock(users, fcntl.LOCK_SH)
        server.ensure_running(settings)
        _ensure_roles(server)
        yield server
    finally:
        with _locked(data_dir / "postgres.start", fcntl.LOCK_EX), suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while another process uses the server
            _stop(server)
        os.close(users)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    """Hold a lock on `path`; the system takes it back from a process that dies."""
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _prepare(data_dir: Path, settings: Mapping[str, str]) -> Embedded:
    """Make the directories and, on first use, the cluster; return the server, not yet started."""
    folder = data_dir / "postgres"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise PermissionError
        # Several processes may come here first at the same moment: the account, the folders and the cluster are
        # made by one of them while the others wait.
        with _locked(data_dir / "postgres.start", fcntl.LOCK_EX):
            return _make(data_dir, folder, settings)
    except PermissionError as error:
        raise EmbeddedError(
            f"The database directory {error.filename or folder} belongs to another user."
        ) from error
    except OSError as error:
        raise EmbeddedError(f"The database directory {folder} cannot be used: {error.strerror}.") from error


def _make(data_dir: Path, folder: Path, settings: Mapping[str, str]) -> Embedded:
    made = (folder / "PG_VERSION").exists()
    if made and not os.access(folder, os.R_OK | os.X_OK):
        raise PermissionError
    account = account_of(folder)
    socket_dir = socket_folder(data_dir, account)
    if shutil.disk_usage(data_dir).free < _LEAST_FREE:
        raise EmbeddedError(f"There is less than 200 MB of free space for the database in {data_dir}.")
    version = int((folder / "PG_VERSION").read_text().strip()) if made else NEW_CLUSTER_VERSION
    server = Embedded(Cluster(folder, socket_dir, binaries(version), account))
    if account is not None:
        let_in(account, data_dir, server.bin_dir)
    if not made:
        make_cluster(server.cluster, settings)
    return server


def _forget_dead_server(server: Embedded) -> None:
    """Remove lock files whose number now belongs to another program (a container starts counting anew)."""
    for mark in (server.cluster.folder / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"):
        with suppress(OSError, ValueError, IndexError):
            number = int(mark.read_text().splitlines()[0].lstrip("-"))
            if not _is_postgres(number):
                mark.unlink()


def _is_postgres(number: int) -> bool:
    try:
        found = psutil.Process(number)
        return found.status() != psutil.STATUS_ZOMBIE and found.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False


def _start(server: Embedded) -> None:
    until = time.monotonic() + _LINGER_SECONDS
    first_words = server.cluster.folder / "start.log"
    while True:
        _forget_dead_server(server)
        try:
            run_tool(
                server.bin_dir / "pg_ctl", "start", "-w", "-s", "-t", str(_START_SECONDS),
                "-D", str(server.cluster.folder), "-l", str(first_words),
                account=server.cluster.account, also_read=first_words,
            )  # fmt: skip
        except EmbeddedError as error:
            # Children of a server that was killed need a moment to notice.
            if "still in use" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _stop(server: Embedded) -> None:
    with suppress(EmbeddedError):
        run_tool(
            server.bin_dir / "pg_ctl", "stop", "-w", "-s", "-m", "fast", "-t", "120",
            "-D", str(server.cluster.folder), account=server.cluster.account,
        )  # fmt: skip
    if server.socket_dir.parent != server.cluster.folder.parent:
        with suppress(OSError):
            server.socket_dir.rmdir()


def _ensure_roles(server: Embedded) -> None:
    """Make the roles and the database where they are missing."""
    with (
        _locked(server.cluster.folder.with_name("postgres.start"), fcntl.LOCK_EX),
        psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection,
    ):
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        if "tessera_app" not in roles:
            connection.execute("CREATE ROLE tessera_app NOLOGIN")
        if "tessera" not in roles:
            connection.execute("CREATE ROLE tessera LOGIN IN ROLE tessera_app")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'tessera'").fetchone():
            connection.execute("CREATE DATABASE tessera")
