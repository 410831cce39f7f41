"""Pictures in a backup: they lie as files in the data directory, so they go into an archive beside the dump.

A picture never changes under its name; one that was removed after the dump's moment is missing in the archive, and its
page then shows what stands in for it.
"""

import tarfile
from pathlib import Path
from typing import Any

__all__ = ["BROKEN_ARCHIVE", "pictures_of", "restore_pictures", "write_pictures"]

BROKEN_ARCHIVE = (tarfile.TarError, OSError)
"""What reading an archive raises that is none, or is damaged."""


def pictures_of(file: Path) -> Path:
    """Return where the pictures of the backup `file` lie."""
    return file.with_name(file.name + ".pictures.tar")


def write_pictures(*, folder: Path, file: Path) -> int:
    """Write the pictures of `folder` beside the backup `file`; return how many. None: no archive."""
    archive, part = pictures_of(file), file.with_name(file.name + ".pictures.part")
    pictures = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    archive.unlink(missing_ok=True)
    if not pictures:
        return 0
    try:
        with part.open("xb") as out, tarfile.open(fileobj=out, mode="w") as packed:
            part.chmod(0o600)
            for path in pictures:
                _add(packed, path, path.relative_to(folder).as_posix())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.rename(archive)
    return len(pictures)


def _add(packed: tarfile.TarFile, path: Path, name: str) -> None:
    try:
        packed.add(path, arcname=name, recursive=False, filter=_nobodys)
    except FileNotFoundError:  # its owner removed it just now
        return


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def restore_pictures(*, file: Path, manifest: dict[str, Any], folder: Path) -> int:
    """Put the backup's pictures into `folder`; return how many. Raises one of BROKEN_ARCHIVE for a missing or bad one."""
    if not manifest.get("pictures"):
        return 0
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(pictures_of(file)) as packed:
        packed.extractall(folder, filter="data")
        return len(packed.getnames())
