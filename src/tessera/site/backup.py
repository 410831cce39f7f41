"""Backups: PostgreSQL's own dump of one moment and the pictures, with a manifest that says what must be in it.

The manifest (FILE.manifest.json) holds version, moment, SHA-256 of the dump and the number of rows of every table at
that moment; a restore compares all of it. The secret key is not in a backup: keep `secret_key` of the data directory
(or TESSERA_SECRET_KEY) apart from it.
"""

import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tessera import __version__
from tessera.kit import clock
from tessera.site.backup_pictures import write_pictures
from tessera.site.embedded import binaries
from tessera.site.mendable import Mendable

__all__ = ["BackupError", "manifest_of", "restore_backup", "with_database", "write_backup"]

_TELL_EVERY_S = 2.0


class BackupError(Mendable):
    """A backup or restore that cannot be done or is not what it says it is."""


def manifest_of(file: Path) -> Path:
    """Return where the manifest of the backup `file` lies."""
    return file.with_name(file.name + ".manifest.json")


def with_database(url: str, database: str) -> str:
    """Return the address `url` for another database of the same server (as libpq's key=value words)."""
    return make_conninfo(url, dbname=database)


def write_backup(*, url: str, file: Path, pictures: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Write a backup of the database at `url` (the owner's), the files below `pictures`, a manifest; return that.

    Nothing has the name `file` before it is whole. Raises BackupError for tools that are missing or older than the
    server.
    """
    part = file.with_name(file.name + ".part")
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        taken_at = clock.now()
        rows = _count_rows(connection)
        tool = _tool("pg_dump", connection.info.server_version)
        command = [str(tool), "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}"]
        try:
            _watch([*command, f"--file={part}"], url, lambda: _size(part), say, "written")
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        server_version = connection.info.server_version
    manifest = {
        "tessera": __version__,
        "postgresql": server_version,
        "taken_at": taken_at.isoformat(),
        "sha256": _digest(part),
        "bytes": _size(part),
        "rows": rows,
        "pictures": write_pictures(folder=pictures, file=file),
        "secret_key": "not included",
    }
    manifest_of(file).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    part.chmod(0o600)
    part.rename(file)
    return manifest


def restore_backup(*, url: str, file: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Restore the backup `file` into the empty database at `url` (the owner's); return its manifest.

    All or nothing: a restore that fails leaves the database empty. Permissions are not part of a backup: migrate
    afterwards. Raises BackupError for a file that is not what its manifest says and for a database that holds
    anything.
    """
    manifest = _read_manifest(file)
    say("Checking the file ...")
    if _digest(file) != manifest["sha256"]:
        raise BackupError(f"{file} is damaged: its SHA-256 is not the one in its manifest.")
    with psycopg.connect(url) as connection:
        held = _one(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        if held:
            raise BackupError(
                f"The database {connection.info.dbname} is not empty ({held} tables); "
                "restore into a new one with --into NAME."
            )
        connection.rollback()
        connection.autocommit = True
        tool = _tool("pg_restore", connection.info.server_version)
        command = [str(tool), "--no-owner", "--no-acl", "--single-transaction", "--exit-on-error"]

        def grown() -> int:
            return int(_one(connection, "SELECT pg_database_size(current_database())"))

        _watch([*command, str(file)], url, grown, say, "in the database")
        _compare_rows(connection, manifest)
    return manifest


def _compare_rows(connection: psycopg.Connection, manifest: dict[str, Any]) -> None:
    """Compare the number of rows of every table with the manifest's, naming the first difference."""
    found = _count_rows(connection)
    for table, rows in manifest["rows"].items():
        if found.get(table) != rows:
            raise BackupError(
                f"The table {table} has {found.get(table)} rows after the restore, the backup had {rows}."
            )


def _read_manifest(file: Path) -> dict[str, Any]:
    if not file.exists():
        raise BackupError(f"There is no file {file}.")
    try:
        manifest: dict[str, Any] = json.loads(manifest_of(file).read_text(encoding="utf-8"))
        if not isinstance(manifest["rows"], dict) or not isinstance(manifest["sha256"], str):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupError(
            f"The manifest {manifest_of(file)} is missing or not readable; it must lie beside the backup."
        ) from None
    return manifest


def _one(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _count_rows(connection: psycopg.Connection) -> dict[str, int]:
    names = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    counted: dict[str, int] = {}
    for (name,) in names:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        counted[name] = row[0] if row else 0
    return counted


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _tool(name: str, server_version: int) -> Path:
    """Return the program of the server's own version, or else the oldest one that is newer."""
    places = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    places += [*Path("/usr/lib/postgresql").glob("*/bin"), binaries(18), binaries(16)]
    wanted = server_version // 10000
    found: dict[int, Path] = {}
    for place in places:
        tool = place / name
        if os.access(tool, os.X_OK):
            said = subprocess.run(
                [str(tool), "--version"], capture_output=True, text=True, check=False
            ).stdout
            number = re.search(r"\(PostgreSQL\)\s+(\d+)", said)
            if number:
                found.setdefault(int(number[1]), tool)
    usable = [version for version in found if version >= wanted]
    if not usable:
        newest = max(found, default=0)
        raise BackupError(
            f"The server is PostgreSQL {wanted}, the newest {name} here is of version {newest or 'none'}; "
            f"install the client programs of PostgreSQL {wanted}."
        )
    return found[min(usable)]


def _watch(
    command: Sequence[str], url: str, grown: Callable[[], int], say: Callable[[str], None], what: str
) -> None:
    """Run a program to its end and say every few seconds how far it has come; raises BackupError if it fails."""
    address = conninfo_to_dict(url)
    password = address.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    # The password goes through the environment: arguments are shown in the process list.
    whole = [command[0], f"--dbname={make_conninfo('', **address)}", *command[1:]]
    started = shown = time.monotonic()
    with subprocess.Popen(whole, stderr=subprocess.PIPE, env=environment) as running:
        while True:
            try:
                _, words = running.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() - shown >= _TELL_EVERY_S:
                    shown = time.monotonic()
                    say(f"{grown() / 1e6:,.0f} MB {what} after {shown - started:.0f} s")
            except BaseException:
                running.terminate()
                raise
    if running.returncode != 0:
        text = words.decode(errors="replace")
        if "No space left on device" in text:
            raise BackupError("The disk is full; nothing was written.")
        lines = [line for line in text.splitlines() if "error:" in line] or text.strip().splitlines()
        raise BackupError(lines[0] if lines else f"{command[0]} ended with status {running.returncode}.")
