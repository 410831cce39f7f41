"""`tessera restore FILE`: restores a backup into an empty database."""

import argparse
import os
import re
from pathlib import Path

from tessera.site.command import CommandError, data_dir, migrate_apart, owner_address, say

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera restore`."""
    parser.add_argument("file", type=Path, help="a file that tessera backup wrote")
    parser.add_argument("--into", metavar="NAME", help="restore into this database, made when it is missing")


def run(options: argparse.Namespace) -> int:
    """Restore, compare, bring up to date; return the exit status."""
    from tessera.site.backup import restore_backup, with_database
    from tessera.site.backup_pictures import BROKEN_ARCHIVE, pictures_of, restore_pictures

    owner = owner_address()
    if options.into:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", options.into):
            raise CommandError("A database name is up to 63 lower-case letters, digits and underscores.")
        _make_database(owner, options.into)
        for name in ("DATABASE_URL", "TESSERA_OWNER_DATABASE_URL"):
            if name in os.environ:
                os.environ[name] = with_database(os.environ[name], options.into)
        owner = owner_address()
    manifest = restore_backup(url=owner, file=options.file.absolute(), say=say)
    migrate_apart()
    try:
        restore_pictures(file=options.file.absolute(), manifest=manifest, folder=data_dir() / "media")
    except BROKEN_ARCHIVE:
        say(f"The pictures are not restored: {pictures_of(options.file)} is missing or damaged.")
    say(
        f"Restored: {sum(manifest['rows'].values()):,} rows as of {manifest['taken_at']}; every table has its count."
    )
    say(
        "Run tessera audit next. The secret key was not in the backup: put the old one in its place if you have it."
    )
    return 0


def _make_database(owner: str, name: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(owner, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except psycopg.errors.InsufficientPrivilege:
                raise CommandError(
                    f"This login may not make the database {name}; make it empty beforehand."
                ) from None
