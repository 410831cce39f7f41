"""Files that came through a browser, kept in the data directory until their import is done: the file and what it is.

An upload is a folder `uploads/<id>` with `file.csv` and `upload.json`; the import that is made of it has its own.
"""

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tessera.kit.errors import FileNotText, NotFound, TooLarge

__all__ = [
    "MOST_BYTES",
    "Upload",
    "claim_upload",
    "drop_upload",
    "forget_old_uploads",
    "keep_upload",
    "load_upload",
    "remember",
]

MOST_BYTES = 64 * 1024 * 1024
"""Largest file by a browser, about 700,000 lines; a larger one is a task for `tessera import`."""

_KEPT = timedelta(days=7)
_PACKED = (b"\x1f\x8b", b"PK")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: whose it is, its name, and whether products that the catalogue lacks are to be listed.

    `id` is that of the import once there is one.
    """

    id: str
    merchant_id: str
    file_name: str
    add_products: bool = False

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return _folder(self.id).joinpath("file.csv")


def _place() -> Path:
    return Path(settings.TESSERA_DATA_DIR).joinpath("uploads")


def _folder(upload_id: str) -> Path:
    return _place().joinpath(str(UUID(upload_id)))


def keep_upload(*, upload_id: UUID, merchant_id: UUID, file_name: str, chunks: Iterable[bytes]) -> Upload:
    """Keep a file; refuses `too_large` and, for a packed file or a workbook, `file_not_text`. What is refused is gone."""
    upload = Upload(str(upload_id), str(merchant_id), file_name[:200])
    _folder(upload.id).mkdir(mode=0o700, parents=True)
    try:
        size = 0
        with upload.path.open("wb") as out:
            for chunk in chunks:
                if not size and chunk.startswith(_PACKED):
                    raise FileNotText(encoding="CSV", line=1)
                size += len(chunk)
                if size > MOST_BYTES:
                    raise TooLarge(most=MOST_BYTES, what="bytes")
                out.write(chunk)
        remember(upload)
    except BaseException:
        drop_upload(upload.id)
        raise
    return upload


def remember(upload: Upload) -> None:
    """Write down what the upload is, whole or not at all."""
    folder = _folder(upload.id)
    new = folder.joinpath("upload.new")
    new.write_text(json.dumps(asdict(upload)), encoding="utf-8")
    new.replace(folder.joinpath("upload.json"))


def claim_upload(upload: Upload, *, import_id: UUID, add_products: bool) -> Upload:
    """Keep the upload's file for this import too; one that has it already keeps what it has."""
    claimed = Upload(str(import_id), upload.merchant_id, upload.file_name, add_products)
    folder = _folder(claimed.id)
    if not folder.joinpath("upload.json").exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not claimed.path.exists():
            os.link(upload.path, claimed.path)
        remember(claimed)
    return claimed


def load_upload(upload_id: UUID, *, merchant_id: UUID | None = None) -> Upload:
    """Return the upload, of that merchant where one is given; refuses `not_found`."""
    try:
        kept = json.loads(_folder(str(upload_id)).joinpath("upload.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound from None
    upload = Upload(**kept)
    if merchant_id is not None and upload.merchant_id != str(merchant_id):
        raise NotFound
    return upload


def drop_upload(upload_id: str) -> None:
    """Delete the file and what was written down of it."""
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


def forget_old_uploads(now: datetime) -> int:
    """Delete files that nobody has gone on with for a week; return how many."""
    if not _place().is_dir():
        return 0
    latest = (now - _KEPT).timestamp()
    old = [one for one in _place().iterdir() if one.stat().st_mtime < latest]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)
