"""Pictures that people upload: always decoded and drawn anew, so that nothing but pixels is kept.

Positions, cameras' notes and whatever was hidden beside the pixels are gone. A picture is kept in two sizes under a name
that nobody can guess, in the data directory; the name is all that a table holds.
"""

import os
import re
import secrets
import tempfile
import threading
from pathlib import Path
from typing import IO

from django.conf import settings
from PIL import Image, ImageOps

from tessera.kit.errors import PictureTooLarge, PictureUnreadable

__all__ = [
    "MEDIA_TYPE",
    "MOST_PICTURE_BYTES",
    "MOST_PICTURE_PIXELS",
    "PICTURE_ACCEPT",
    "PICTURE_SIZES",
    "find_picture",
    "keep_picture",
    "picture_address",
    "remove_picture",
]

MOST_PICTURE_BYTES = 10 * 1024 * 1024
MOST_PICTURE_PIXELS = 40_000_000
PICTURE_SIZES = (512, 96)
"""Longest edge of the picture in pixels, and the edge of the square one for lists."""

PICTURE_ACCEPT = "image/jpeg,image/png,image/webp"
"""For the file field; a phone turns its own format into one of these."""

MEDIA_TYPE = "image/webp"
_WORKING_EDGE = 2048
_DRAWING = threading.BoundedSemaphore(2)
"""Pictures that one process decodes at a time: ten of 40 megapixels would take 1.6 GB."""

_DECODED = ("JPEG", "PNG", "WEBP")
_NAME = re.compile(r"[0-9a-f]{32}")
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, IndexError, Warning, Image.DecompressionBombError)
"""What Pillow raises on pictures that are none or are damaged."""


def keep_picture(file: IO[bytes], *, square: bool = False) -> str:
    """Keep the picture that `file` holds and return its name; `square` cuts it to its middle, for faces.

    Refuses `picture_too_large` (over 10 MB, or over 40 million pixels, which is known before it is decoded) and
    `picture_unreadable` (no JPEG, PNG or WebP, or a damaged one).
    """
    with _DRAWING:
        drawn = _drawn(file)
        large, small = PICTURE_SIZES
        whole = ImageOps.fit(drawn, (large, large)) if square else drawn
        whole.thumbnail((large, large))
        name = secrets.token_hex(16)
        _write(whole, name, large)
        _write(ImageOps.fit(drawn, (small, small)), name, small)
    return name


def find_picture(name: str, size: int) -> Path | None:
    """Return where the picture lies in that size, or None if there is none."""
    if size not in PICTURE_SIZES or not _NAME.fullmatch(name):
        return None
    place = _place(name, size)
    return place if place.is_file() else None


def remove_picture(name: str) -> None:
    """Remove the picture in all sizes; one that is not there is no fault."""
    if _NAME.fullmatch(name):
        for size in PICTURE_SIZES:
            _place(name, size).unlink(missing_ok=True)


def picture_address(name: str, size: int = PICTURE_SIZES[1]) -> str:
    """Return the address at which the picture is shown; empty where there is none."""
    return f"/media/{name}-{size}.webp" if name else ""


def _drawn(file: IO[bytes]) -> Image.Image:
    if file.seek(0, os.SEEK_END) > MOST_PICTURE_BYTES:
        raise _too_large()
    file.seek(0)
    try:
        with Image.open(file, formats=_DECODED) as opened:
            if opened.width * opened.height > MOST_PICTURE_PIXELS:
                raise _too_large()
            opened.thumbnail(
                (_WORKING_EDGE, _WORKING_EDGE)
            )  # before turning: a copy of 40 megapixels is 160 MB
            return _only_pixels(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except _FAULTS:
        raise PictureUnreadable from None


def _too_large() -> PictureTooLarge:
    return PictureTooLarge(
        most_mb=MOST_PICTURE_BYTES // 1024**2, most_megapixels=MOST_PICTURE_PIXELS // 10**6
    )


def _only_pixels(picture: Image.Image) -> Image.Image:
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    bare = Image.new(mode, picture.size)
    bare.paste(picture.convert(mode))
    return bare


def _place(name: str, size: int) -> Path:
    return Path(settings.TESSERA_DATA_DIR) / "media" / name[:2] / f"{name}-{size}.webp"


def _write(picture: Image.Image, name: str, size: int) -> None:
    place = _place(name, size)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=place.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as out:
            picture.save(out, "WEBP", quality=82, method=4)
        Path(unfinished).replace(place)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
