"""Uploaded pictures: nothing but pixels is kept, and not too many of those."""

import io
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tessera.kit import media
from tessera.kit.errors import PictureTooLarge, PictureUnreadable
from tessera.kit.media import find_picture, keep_picture, picture_address, remove_picture


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings) -> Path:
    settings.TESSERA_DATA_DIR = tmp_path
    return tmp_path


def drawn(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **more: object) -> io.BytesIO:
    picture = Image.new(more.pop("mode", "RGB"), size, (200, 40, 40))
    picture.paste((255, 255, 255), (0, 0, size[0] // 2, size[1] // 2))
    file = io.BytesIO()
    picture.save(file, kind, **more)
    file.seek(0)
    return file


def kept(name: str, size: int = 512) -> Image.Image:
    place = find_picture(name, size)
    assert place is not None
    with Image.open(place) as picture:
        picture.load()
        return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_in_two_sizes(kind: str) -> None:
    name = keep_picture(drawn(kind))
    assert kept(name).size == (512, 384)
    assert kept(name, 96).size == (96, 96)
    assert {kept(name).format, kept(name, 96).format} == {"WEBP"}
    assert picture_address(name) == f"/media/{name}-96.webp"
    assert picture_address("") == ""


def test_a_face_is_cut_square_and_a_small_one_is_drawn_large() -> None:
    assert kept(keep_picture(drawn(size=(900, 300)), square=True)).size == (512, 512)
    assert kept(keep_picture(drawn(size=(1, 1)), square=True)).size == (512, 512)


def test_where_it_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "a note of the camera"
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 0.0)
    name = keep_picture(drawn(size=(800, 400), exif=exif, comment=b"hidden words"))
    picture = kept(name)
    assert picture.size == (256, 512)
    assert not picture.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
    assert picture.convert("RGB").getpixel((200, 50))[1] > 200, "the white corner is now at the top right"
    written = b"".join(file.read_bytes() for file in find_picture(name, 512).parent.iterdir())
    assert b"camera" not in written
    assert b"hidden" not in written


def test_what_hangs_behind_a_picture_is_not_kept() -> None:
    """A file that is a picture and a page at once."""
    both = io.BytesIO(drawn("PNG").getvalue() + b"<script>alert(1)</script>PK\x03\x04")
    name = keep_picture(both)
    assert b"script" not in find_picture(name, 512).read_bytes()


def test_seeing_through_is_kept() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(file, "PNG")
    assert kept(keep_picture(file)).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1"])
def test_unusual_colours_are_taken(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (64, 64)).save(file, "TIFF" if mode == "1" else "JPEG" if mode == "CMYK" else "PNG")
    if mode == "1":
        with pytest.raises(PictureUnreadable):
            keep_picture(file)
    else:
        assert kept(keep_picture(file)).size == (64, 64)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        drawn("GIF", size=(8, 8)).getvalue(),
        drawn().getvalue()[:400],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"\xff\xd8\xff\xe0" + b"\x00" * 200,
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"<?php echo 1; ?>" + drawn().getvalue(),
    ],
)
def test_what_is_no_picture_leaves_nothing(content: bytes, data_dir: Path) -> None:
    with pytest.raises(PictureUnreadable):
        keep_picture(io.BytesIO(content))
    assert list(data_dir.rglob("*.*")) == []


def bomb(width: int, height: int) -> io.BytesIO:
    """A PNG of a few bytes that says it has that many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_000, 10_000), (8_000, 5_001), (60_000, 60_000), (100_000, 1_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int], monkeypatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(PictureTooLarge):
        keep_picture(bomb(*size))


def test_too_many_bytes_are_refused_unread() -> None:
    file = io.BytesIO(drawn().getvalue() + b"\x00" * media.MOST_PICTURE_BYTES)
    with pytest.raises(PictureTooLarge):
        keep_picture(file)


def test_a_removed_picture_is_gone_in_all_sizes(data_dir: Path) -> None:
    name = keep_picture(drawn())
    remove_picture(name)
    remove_picture(name)
    assert find_picture(name, 512) is None
    assert list(data_dir.rglob("*.*")) == []


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "\n"])
def test_names_that_were_never_given_find_nothing(name: str) -> None:
    assert find_picture(name, 512) is None
    remove_picture(name)
