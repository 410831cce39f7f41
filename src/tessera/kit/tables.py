"""Opens a table that somebody sent: compressed or not, in the encodings that tills and spreadsheets write, line by line.

No text is guessed at: a file is read in one encoding without a single fault, or not at all.
"""

import codecs
import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from tessera.kit.errors import EncodingUnknown, FileNotText, LineUnreadable

__all__ = ["Reading", "Row", "Source", "examine", "file_digest", "read_rows"]

Source = Path | bytes
"""A file in its place, or its contents (which are not unpacked: a small upload may hide a large one)."""

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"
_NAMES = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "utf8": "utf-8-sig",
    "utf-8": "utf-8-sig",
}
_MOST_UNUSUAL_PERCENT = 5
"""Most characters beyond GB 2312, of those that are not ASCII, in what passes for Chinese text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: its digest, encoding and delimiter."""

    sha256: bytes
    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the number of its first line in the file, and its fields, or (fields None) that it is unreadable."""

    line_no: int
    fields: list[str] | None


def file_digest(path: Source) -> bytes:
    """Return the SHA-256 of the file's bytes."""
    if isinstance(path, bytes):
        return hashlib.sha256(path).digest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def examine(path: Source, *, encoding: str = "auto", delimiter: str | None = None) -> Reading:
    """Return how `path` is to be read; reads it whole. Refuses `encoding_unknown` and `file_not_text`.

    "auto" tries byte order marks, UTF-16 by its zero bytes, strict UTF-8, then strict GB 18030 (which includes GBK)
    where the text is Chinese by its characters: bytes of another encoding are not taken for rare characters.
    """
    found = _found(path) if encoding == "auto" else _named(path, encoding)
    return Reading(file_digest(path), found, delimiter or _sniffed(path, found))


def read_rows(path: Source, reading: Reading) -> Iterator[Row]:
    """Yield the file's records, the header first; empty lines are left out. Refuses `file_not_text`, `line_unreadable`.

    A record whose quotation marks do not fit is yielded without fields; the following ones are read as usual.
    """
    with _text(path, reading.encoding) as text:
        reader = csv.reader(text, delimiter=reading.delimiter, strict=True)
        while True:
            line_no = reader.line_num + 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error:
                if reader.line_num < line_no:
                    raise LineUnreadable from None
                yield Row(line_no, None)
            except UnicodeDecodeError:
                raise FileNotText(encoding=reading.encoding, line=line_no) from None
            else:
                if any(field.strip() for field in fields):
                    yield Row(line_no, fields)


def _open(path: Source) -> IO[bytes]:
    if isinstance(path, bytes):
        return io.BytesIO(path)
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def _text(path: Source, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(_open(path), encoding=encoding, errors="strict", newline="")


def _named(path: Source, encoding: str) -> str:
    name = _NAMES.get(encoding.lower(), encoding.lower())
    try:
        codecs.lookup(name)
        "".encode(name)
    except LookupError:
        raise EncodingUnknown(encoding=encoding[:40]) from None
    line = _first_fault(path, name)
    if line is not None:
        raise FileNotText(encoding=encoding, line=line)
    return name


def _found(path: Source) -> str:
    with _open(path) as file:
        head = file.read(_CHUNK)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return _named(path, encoding)
    wide = _by_zeros(head)
    if wide is not None:
        return _named(path, wide)
    fault = _first_fault(path, "utf-8")
    if fault is None:
        return "utf-8-sig"
    if _first_fault(path, "gb18030") is None and _is_chinese(path):
        return "gb18030"
    raise FileNotText(encoding="UTF-8 / GB18030", line=fault)


def _by_zeros(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin digits and commas is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 < len(head) // 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _first_fault(path: Source, encoding: str) -> int | None:
    """Return the line in which `path` first fails to be text in `encoding`, or None."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    lines = 0
    with _open(path) as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                lines += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n") + 1
            if not chunk:
                return None


def _is_chinese(path: Source) -> bool:
    """Say whether the text, read as GB 18030, consists of everyday characters: those of GB 2312."""
    foreign = unusual = 0
    with _text(path, "gb18030") as text:
        while part := text.read(_CHUNK):
            for character in part:
                if character > "\x7f":
                    foreign += 1
                    try:
                        character.encode("gb2312")
                    except UnicodeEncodeError:
                        unusual += 1
    return unusual * 100 <= foreign * _MOST_UNUSUAL_PERCENT


def _sniffed(path: Source, encoding: str) -> str:
    """Return the delimiter that stands most often in the first line, outside of quotation marks."""
    with _text(path, encoding) as text:
        header = text.readline(64 * 1024)
    bare = "".join(header.split('"')[0::2])
    return max(_DELIMITERS, key=bare.count)
