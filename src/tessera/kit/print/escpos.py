"""ESC/POS: receipt printers, 58 or 80 mm. The label goes as a raster, so any script prints on any printer.

GS v 0 in bands: small printers have small memories. Status: DLE EOT answers at once, GS r when all before it is done.
"""

from PIL import Image

from tessera.kit.print.bitmap import black_bytes

__all__ = ["ASK", "ASK_DONE", "escpos_of", "fault_of_status"]

_BAND = 128
"""Rows of one raster command."""

ASK = b"\x10\x04\x02"
"""DLE EOT 2: why the printer is offline."""

ASK_DONE = b"\x1d\x72\x01"
"""GS r 1: the paper's state, told when the label before it has been taken in."""


def escpos_of(dots: Image.Image) -> bytes:
    """Return the commands that print the dots, feed and cut."""
    rows, per_row = black_bytes(dots)
    parts = [b"\x1b@"]
    for top in range(0, dots.height, _BAND):
        height = min(_BAND, dots.height - top)
        band = rows[top * per_row : (top + height) * per_row]
        parts.append(b"\x1dv0\x00" + per_row.to_bytes(2, "little") + height.to_bytes(2, "little") + band)
    parts.append(b"\x1bd\x02" + b"\x1dVB\x00")
    return b"".join(parts)


def fault_of_status(answer: bytes) -> str:
    """Return what the printer's answer to ASK complains of: "cover_open", "paper_out", "printer_fault" or nothing.

    An answer of another form (bits 1 and 4 are always set) says nothing.
    """
    if not answer or answer[0] & 0b10010011 != 0b00010010:
        return ""
    if answer[0] & 0x04:
        return "cover_open"
    if answer[0] & 0x20:
        return "paper_out"
    return "printer_fault" if answer[0] & 0x40 else ""
