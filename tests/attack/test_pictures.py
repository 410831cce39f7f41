"""Files that are no pictures, sent to the forms that take pictures."""

import io
import struct
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from PIL import Image

from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.TESSERA_DATA_DIR = tmp_path
    return tmp_path / "media"


def drawn(kind: str, size: tuple[int, int] = (64, 64), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 55, 45)).save(out, kind, **more)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it has so many pixels; of very many rows only the first are there."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = zlib.compressobj(9)
    rows = b"".join(row.compress(b"\0" * (width // 8 + 1)) for _ in range(min(height, 10_000))) + row.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SCRIPT = b"*/=1;alert(document.domain)/*"
NO_PICTURES = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml"),
    "html": (b"<!doctype html><script>alert(1)</script>", "image/png"),
    "gif": (drawn("GIF"), "image/gif"),
    "gif that is a script": (b"GIF89a/*" + SCRIPT + drawn("GIF")[6:], "image/png"),
    "bmp": (drawn("BMP"), "image/jpeg"),
    "tiff": (drawn("TIFF"), "image/jpeg"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(w) run", "image/png"),
    "truncated": (drawn("JPEG", (900, 900), quality=95)[:600], "image/jpeg"),
    "head alone": (b"\x89PNG\r\n\x1a\n", "image/png"),
    "nothing": (b"", "image/png"),
    "100 megapixels": (bomb(10_000, 10_000), "image/png"),
    "a billion pixels": (bomb(1_000, 1_000_000), "image/png"),
    "11 megabytes": (b"\xff\xd8\xff\xe0" + b"\0" * (11 * 1024 * 1024), "image/jpeg"),
}


def send(cast: PageCast, form: str, file: SimpleUploadedFile) -> HttpResponse:
    who, address, more = {
        "face": ("member", "/me/picture", {}),
        "product": ("manager", f"/console/{cast.merchant}/products/{cast.product}",
                    {"name": "Green tea", "price": "12.50", "category": "", "gtin": "", "new_category": ""}),
    }[form]  # fmt: skip
    body = {"request_id": uuid.uuid4().hex, "picture": file, **more}
    return cast.client(who).post(address, body)


@pytest.mark.parametrize("form", ["face", "product"])
@pytest.mark.parametrize("what", NO_PICTURES)
def test_what_is_no_picture_is_refused(
    db: None, page_cast: PageCast, media: Path, form: str, what: str
) -> None:
    content, kind = NO_PICTURES[what]
    response = send(page_cast, form, SimpleUploadedFile("me.png", content, kind))
    assert response.status_code in {400, 413, 422}, response.status_code
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("form", ["face", "product"])
def test_a_picture_with_something_behind_it_is_drawn_anew(
    db: None, page_cast: PageCast, media: Path, form: str
) -> None:
    """Prevents a file that is a picture to one reader and a script or a page to another."""
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    hidden = drawn("JPEG", exif=exif, comment=SCRIPT) + b"<script>alert(1)</script>PK\x03\x04"
    response = send(page_cast, form, SimpleUploadedFile("../../x.php", hidden, "text/html"))
    assert response.status_code == 303, response.content[:500]
    kept = [path for path in media.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        body = path.read_bytes()
        assert body[:4] == b"RIFF"
        assert b"script" not in body
        assert b"alert" not in body
        address = f"/media/{path.name}"
        shown = page_cast.client("visitor").get(address)
        assert shown.status_code == 200
        assert shown["Content-Type"] == "image/webp"
        assert shown["X-Content-Type-Options"] == "nosniff"
        shown.close()
    assert str(settings.TESSERA_DATA_DIR) in str(media)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..%2f..%2fsecret_key-96.webp",
        "x-96.webp",
        f"{'0' * 32}-97.webp",
        "%00-96.webp",
    ],
)
def test_no_other_file_is_shown(db: None, page_cast: PageCast, media: Path, name: str) -> None:
    assert page_cast.client("visitor").get(f"/media/{name}").status_code == 404
