"""Whole numbers only: money in the smallest unit, points, quantities (spec/README.md, rule 4)."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from tessera.kit.errors import AmountInvalid

__all__ = ["MAX_AMOUNT", "MAX_QUANTITY", "exponent_of", "minor_from_text", "whole"]

MAX_QUANTITY = 1_000_000
"""Most pieces of one product on one line. 74,215 is real (shared retail data); a million is a typing error."""

MAX_AMOUNT = 1_000_000_000_000
"""Most points or smallest money units in one movement; leaves a million such movements within 64 bits."""

_MINOR_DIGITS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "TND": 3,
    "JOD": 3,
}


def exponent_of(currency: str) -> int:
    """Return how many decimal places the currency has (ISO 4217); two, but for a few."""
    return _MINOR_DIGITS.get(currency, 2)


def whole(value: object, *, field: str, least: int = 1, most: int = MAX_AMOUNT) -> int:
    """Return `value` if it is an int from `least` to `most`; refuses `amount_invalid` (bool and float included)."""
    if type(value) is not int or not least <= value <= most:
        raise AmountInvalid(field=field, least=least, most=most)
    return value


def minor_from_text(text: str, *, field: str, exponent: int = 2) -> int:
    """Return a decimal amount of money such as "12.50" in its smallest unit, halves to even.

    Refuses `amount_invalid` for what is not a finite decimal number within +-MAX_AMOUNT.
    """
    try:
        amount = Decimal(text.strip())
        if not amount.is_finite():
            raise InvalidOperation
        minor = int((amount * 10**exponent).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    except InvalidOperation:
        raise AmountInvalid(field=field, least=-MAX_AMOUNT, most=MAX_AMOUNT) from None
    return whole(minor, field=field, least=-MAX_AMOUNT, most=MAX_AMOUNT)
