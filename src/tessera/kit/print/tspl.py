"""TSPL: label printers of the TSC family. The label goes as a bitmap; a 1 leaves the paper white."""

from PIL import Image

from tessera.kit.print.bitmap import black_bytes

__all__ = ["ASK", "fault_of_status", "tspl_of"]

ASK = b"\x1b!?"
"""Answers with one byte of faults."""

_FAULTS = (
    (0x01, "cover_open"),
    (0x04, "paper_out"),
    (0x02, "paper_jam"),
    (0x08, "ribbon_out"),
    (0x10, "paused"),
    (0x80, "printer_fault"),
)


def tspl_of(dots: Image.Image, *, width_mm: int, height_mm: int, gap_mm: int = 2) -> bytes:
    """Return the commands that print the dots on one label."""
    rows, per_row = black_bytes(dots)
    head = f"SIZE {width_mm} mm,{height_mm} mm\r\nGAP {gap_mm} mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\n"
    bitmap = f"BITMAP 0,0,{per_row},{dots.height},0,".encode()
    return head.encode() + bitmap + bytes(byte ^ 0xFF for byte in rows) + b"\r\nPRINT 1,1\r\n"


def fault_of_status(answer: bytes) -> str:
    """Return what the printer's answer complains of; nothing where it is ready or busy."""
    if not answer:
        return ""
    return next((fault for bit, fault in _FAULTS if answer[0] & bit), "")
