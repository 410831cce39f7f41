"""Pure rules about persons."""

from datetime import date

__all__ = ["EARLIEST_BIRTHDAY", "LANGUAGES", "is_possible_birthday"]

EARLIEST_BIRTHDAY = date(1900, 1, 1)
LANGUAGES = ("zh-Hans", "en")


def is_possible_birthday(birthday: date, *, today: date) -> bool:
    """Return whether someone now living can have this birthday."""
    return EARLIEST_BIRTHDAY <= birthday <= today
