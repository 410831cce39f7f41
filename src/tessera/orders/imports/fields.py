"""Reads the cells of a file: texts, whole quantities, amounts of money, moments."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tessera.kit.amounts import MAX_QUANTITY
from tessera.kit.cells import amount_from, number_from, text_from
from tessera.kit.errors import AmountInvalid
from tessera.orders.errors import DateUnreadable, QuantityUnreadable

__all__ = ["amount_from", "moment_from", "quantity_from", "text_from"]


_FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
    "%Y年%m月%d日 %H时%M分%S秒", "%Y年%m月%d日 %H时%M分", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y%m%d%H%M%S", "%Y%m%d",
)  # fmt: skip


def quantity_from(cell: str, *, column: str) -> int:
    """Return whole pieces, negative for a return. Refuses `quantity_unreadable` and `amount_invalid`.

    What a spreadsheet made of a whole number ("2.00", "1,000") is one; 0.5 and 0 are none.
    """
    number = number_from(cell)
    if number is None or number != number.to_integral_value() or not number:
        raise QuantityUnreadable(given=cell.strip()[:40], column=column)
    if abs(number) > MAX_QUANTITY:
        raise AmountInvalid(field=column, least=-MAX_QUANTITY, most=MAX_QUANTITY)
    return int(number)


def moment_from(cell: str, *, zone: ZoneInfo, forms: Sequence[str] = ()) -> datetime:
    """Return the moment in UTC; one without an offset is the merchant's local time. Refuses `date_unreadable`.

    Without `forms` (as strptime has them) only forms with the year first are read: 3/4/2026 means two days.
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    found = None if forms else _iso(text)
    for form in () if found else forms or _FORMS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows below
            break
        except ValueError:
            continue
    if found is None:
        raise DateUnreadable(given=text[:40])
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise DateUnreadable(given=text[:40]) from None


def _iso(text: str) -> datetime | None:
    """A moment with T or an offset, as programs write it."""
    if "T" not in text and not text.endswith("Z") and not re.search(r"[+-]\d{2}:\d{2}$", text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
