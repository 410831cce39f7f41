"""Pure rules about products: bar code numbers."""

__all__ = ["GTIN_LENGTHS", "normal_gtin"]

GTIN_LENGTHS = (8, 12, 13, 14)


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
