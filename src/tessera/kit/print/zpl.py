"""ZPL: label printers of the Zebra family. The label goes as a graphic field in hexadecimal."""

from PIL import Image

from tessera.kit.print.bitmap import black_bytes

__all__ = ["ASK", "fault_of_status", "zpl_of"]

ASK = b"~HS"
"""Host status: three lines between STX and ETX."""


def zpl_of(dots: Image.Image) -> bytes:
    """Return the commands that print the dots on one label."""
    rows, per_row = black_bytes(dots)
    size = len(rows)
    field = f"^FO0,0^GFA,{size},{size},{per_row},{rows.hex().upper()}^FS"
    return f"^XA^PW{dots.width}^LL{dots.height}^LH0,0{field}^PQ1^XZ".encode()


def fault_of_status(answer: bytes) -> str:
    """Return what the printer's answer complains of: paper out and pause stand in its first line, the head in its second."""
    lines = [line.strip(b"\x02\x03\r\n ").split(b",") for line in answer.split(b"\n") if line.strip()]
    if len(lines) < 2 or len(lines[0]) < 3 or len(lines[1]) < 4:
        return ""
    if lines[1][2] == b"1":
        return "cover_open"
    if lines[0][1] == b"1":
        return "paper_out"
    if lines[1][3] == b"1":
        return "ribbon_out"
    return "paused" if lines[0][2] == b"1" else ""
