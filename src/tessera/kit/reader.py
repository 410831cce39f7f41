"""The reader of a page: his language, as the refusals spell it, and how numbers and moments are written for him."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, translation

from tessera.kit.amounts import exponent_of

__all__ = ["local_day", "local_moment", "reader_language", "shown_money", "shown_number"]


def reader_language() -> str:
    """Return the language of the page being made: "zh-Hans" or "en"."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh-Hans"


def shown_number(value: int) -> str:
    """Return a whole number with its thousands set apart."""
    return f"{value:,}".replace("-", "−")


def shown_money(minor: int, currency: str = "CNY") -> str:
    """Return an amount of money (smallest unit) as the reader's language writes it: "¥12.50", "JP¥1,200"."""
    digits = exponent_of(currency)
    whole, part = divmod(abs(minor), 10**digits)
    sign = "−" if minor < 0 else ""
    symbol = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}.get(
        currency, f"{currency} "
    )
    return f"{sign}{symbol}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def local_moment(moment: datetime, zone: str | ZoneInfo | None = None) -> str:
    """Return a moment as the reader's language writes it, in `zone` (the merchant's or event's; else the default)."""
    at = moment.astimezone(_zone(zone))
    return formats.date_format(at, "DATETIME_FORMAT" if reader_language() == "zh-Hans" else "j M Y, H:i")


def local_day(day: date | datetime, zone: str | ZoneInfo | None = None) -> str:
    """Return a day as the reader's language writes it; of a moment, the day in `zone`."""
    if isinstance(day, datetime):
        day = day.astimezone(_zone(zone)).date()
    return formats.date_format(day, "DATE_FORMAT" if reader_language() == "zh-Hans" else "j M Y")


def _zone(zone: str | ZoneInfo | None) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone or settings.TESSERA_TIME_ZONE)
