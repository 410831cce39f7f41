"""Pure rules about products: bar code numbers."""

import re
import unicodedata

__all__ = ["GTIN_LENGTHS", "check_digit_of", "is_rounded", "mended_gtin", "normal_gtin", "short_gtin"]

GTIN_LENGTHS = (8, 12, 13, 14)
_LEAST_MENDED = 6
_ROUNDED = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")


def normal_gtin(text: str) -> str | None:
    """Return a GTIN-8, -12, -13 or -14 as 14 digits, or None where length or check digit is wrong.

    Weights from the right: 1, 3, 1, 3, ...; the weighted sum is a multiple of 10.
    Source: GS1 General Specifications, 7.9.
    """
    digits = text.strip()
    if len(digits) not in GTIN_LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    if total % 10:
        return None
    return digits.zfill(14)


def check_digit_of(digits: str) -> int:
    """Return the digit that belongs behind these: the last digit that a GTIN beginning so must have.

    Source: GS1 General Specifications, 7.9.
    """
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def mended_gtin(cell: str) -> tuple[str | None, bool]:
    """Return the GTIN of a spreadsheet's cell as 14 digits (None: there is none), and whether leading zeros were put back.

    A spreadsheet takes 0036000291452 for the number 36000291452; zeros in front change neither the check digit nor the
    14-digit form, so they can be put back without a guess. Fewer than 6 digits are taken for something else.
    """
    text = unicodedata.normalize("NFKC", cell).strip().removeprefix("'").replace(" ", "").replace("-", "")
    text = text.removesuffix(".0")
    plain = normal_gtin(text)
    if plain is not None or not (text.isascii() and text.isdigit()):
        return plain, False
    if not _LEAST_MENDED <= len(text) < 14 or len(text) in GTIN_LENGTHS:
        return None, False
    mended = normal_gtin(text.zfill(14))
    return mended, mended is not None


def is_rounded(cell: str) -> bool:
    """Return whether a spreadsheet has rounded the cell's number (6.90123E+12): its last digits are lost."""
    return _ROUNDED.fullmatch(cell.strip()) is not None


def short_gtin(gtin: str) -> str:
    """Return a 14-digit GTIN as it is printed under the bars: 8, 13 or 14 digits."""
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin.removeprefix("0")
