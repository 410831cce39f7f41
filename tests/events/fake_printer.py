"""A printer on 127.0.0.1 that keeps what it got, and reads the three languages back into pictures."""

import re
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from PIL import Image

__all__ = ["FakePrinter", "picture_of_escpos", "picture_of_tspl", "picture_of_zpl"]


class FakePrinter:
    """Listens on a port of its own; `behave`: "prints", "hangs", "resets", "resets_once" or "answers".

    `state`: what it answers when asked, by language; `labels`: the content of each connection.
    """

    def __init__(
        self, *, behave: str = "prints", answer: bytes = b"", ports: range = range(9100, 9110)
    ) -> None:
        self.behave = behave
        self.answer = answer
        self.labels: list[bytes] = []
        self.connections = 0
        self._listener = _listening(ports)
        self.port: int = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(line, self.connections), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, line: socket.socket, place: int) -> None:
        with line:
            if self.behave == "hangs":
                self._stop.wait(30)
                return
            if self.behave == "resets" or (self.behave == "resets_once" and place == 1):
                line.settimeout(5)
                line.recv(64)
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if got := self._read(line):
                self.labels.append(got)

    def _read(self, line: socket.socket) -> bytes:
        got = b""
        line.settimeout(0.1)
        while not self._stop.is_set():
            try:
                part = line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not part:
                break
            got += part
            if self.answer and part.startswith((b"\x10\x04", b"\x1b!?", b"~HS", b"\x1dr")) and len(part) < 16:
                line.sendall(self.answer)
        return got


def _listening(ports: range) -> socket.socket:
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
        else:
            listener.listen(16)
            listener.settimeout(0.1)
            return listener
    raise OSError("no free port for a printer")


def _picture(rows: bytes, per_row: int, width: int | None = None) -> Image.Image:
    """Rows with 1 for black, as a picture."""
    height = len(rows) // per_row
    drawn = Image.frombytes("1", (per_row * 8, height), bytes(byte ^ 0xFF for byte in rows))
    return drawn.crop((0, 0, width or per_row * 8, height))


def picture_of_escpos(content: bytes) -> Image.Image:
    """Read GS v 0 rasters, one under the other; anything else but initialising, feeding and cutting is a fault."""
    rows, per_row, place, cut = b"", 0, 0, False
    while place < len(content):
        rest = content[place:]
        if rest.startswith(b"\x1dv0\x00"):
            per_row, height = struct.unpack("<HH", rest[4:8])
            assert height <= 256
            rows += rest[8 : 8 + per_row * height]
            place += 8 + per_row * height
        elif rest.startswith((b"\x10\x04", b"\x1dr")):
            place += 3
        elif rest.startswith(b"\x1b@"):
            place += 2
        elif rest.startswith(b"\x1bd"):
            place += 3
        elif rest.startswith(b"\x1dVB"):
            cut = True
            place += 4
        else:
            raise AssertionError(f"ESC/POS: {rest[:8]!r}")
    assert cut
    return _picture(rows, per_row)


def picture_of_tspl(content: bytes) -> Image.Image:
    """Read one label: SIZE, CLS, BITMAP (0 is black), PRINT."""
    content = content.replace(b"\x1b!?", b"")
    head = re.match(
        rb"SIZE (\d+) mm,(\d+) mm\r\nGAP \d+ mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\nBITMAP 0,0,(\d+),(\d+),0,",
        content,
    )
    assert head is not None, content[:80]
    per_row, height = int(head[3]), int(head[4])
    rows = content[head.end() : head.end() + per_row * height]
    assert content[head.end() + per_row * height :] == b"\r\nPRINT 1,1\r\n"
    return _picture(bytes(byte ^ 0xFF for byte in rows), per_row)


def picture_of_zpl(content: bytes) -> Image.Image:
    """Read one label with one graphic field."""
    content = content.replace(b"~HS", b"")
    found = re.fullmatch(
        rb"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^FO0,0\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS\^PQ1\^XZ", content
    )
    assert found is not None, content[:80]
    width, height, size, _, per_row = (int(found[place]) for place in range(1, 6))
    rows = bytes.fromhex(found[6].decode())
    assert len(rows) == size == per_row * height
    return _picture(rows, per_row, width)


READERS: dict[str, Callable[[bytes], Image.Image]] = {
    "escpos": picture_of_escpos,
    "tspl": picture_of_tspl,
    "zpl": picture_of_zpl,
}
