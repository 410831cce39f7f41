"""`tessera backup FILE`: writes a backup of the whole database."""

import argparse
from pathlib import Path

from tessera.site.command import CommandError, data_dir, owner_address, say

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera backup`."""
    parser.add_argument("file", type=Path, help="where to write; FILE.manifest.json is written beside it")
    parser.add_argument("--replace", action="store_true", help="replace a file that is already there")


def run(options: argparse.Namespace) -> int:
    """Write the backup; return the exit status."""
    from tessera.site.backup import write_backup

    file: Path = options.file.absolute()
    if file.exists() and not options.replace:
        raise CommandError(f"{file} is already there; choose another name or add --replace.")
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.")
    manifest = write_backup(url=owner_address(), file=file, pictures=data_dir() / "media", say=say)
    data_dir().mkdir(mode=0o700, parents=True, exist_ok=True)
    (data_dir() / "last_backup").touch()  # the operator's health page says how old it is
    say(
        f"Backup written: {file} ({manifest['bytes'] / 1e6:,.1f} MB, {sum(manifest['rows'].values()):,} rows, "
        f"{manifest['pictures']:,} files of pictures)."
    )
    say(
        "The secret key is not in it: keep the file secret_key of the data directory (or TESSERA_SECRET_KEY) apart."
    )
    return 0
