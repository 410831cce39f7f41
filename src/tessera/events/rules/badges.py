"""What a badge shows and how large it is, which numbers are meant, and how often a printer is tried (spec/events.md, step 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "DEFAULT_DESIGN", "LABELS_PER_FILE", "LANGUAGES", "MOST_ATTEMPTS", "NUMBER_SIZES", "SHOWS", "SIZES", "STATES",
    "Badge", "BadgeDesign", "design_of", "is_possible_size", "next_pause_s", "numbers_in", "terms_of",
]  # fmt: skip

SHOWS = ("title", "name", "group", "qr", "mark")
"""What may stand on a badge beside its number: event, guest, group, the way to the profile, the tally."""

NUMBER_SIZES = ("full", "large", "medium")
"""How much of the badge the number takes: what is left is the name's."""

SIZES = (
    (40, 30),
    (50, 30),
    (60, 40),
    (70, 50),
    (80, 50),
    (86, 54),
    (100, 70),
    (50, 80),
    (70, 100),
    (105, 148),
)
"""Usual labels and cards, width and height in mm."""

LANGUAGES = ("escpos", "tspl", "zpl", "browser")
STATES = ("queued", "sent", "printed", "failed")

LABELS_PER_FILE = 1000
"""Labels of one PDF; more are taken in several files."""

MOST_ATTEMPTS = 8
_PAUSES_S = (2, 5, 15, 30, 60, 120, 300)
_LARGEST_NUMBER = 99_999_999
_LONGEST_NUMBERS = 2_000
"""Characters; Python reads no number of more than 4,300 digits."""


@dataclass(frozen=True, slots=True)
class BadgeDesign:
    """Size in mm, what it `shows` (of SHOWS), and how large the `number` is (of NUMBER_SIZES)."""

    width_mm: int
    height_mm: int
    shows: frozenset[str]
    number: str = "full"


DEFAULT_DESIGN = BadgeDesign(80, 50, frozenset({"title", "name", "qr", "mark"}))


@dataclass(frozen=True, slots=True)
class Badge:
    """What one badge says: the number as shown ("A017"), and what else the design may show; `address` is the QR's."""

    shown: str
    name: str = ""
    group: str = ""
    title: str = ""
    address: str = ""


def is_possible_size(width_mm: int, height_mm: int) -> bool:
    """Say whether a badge or label of this size can be printed: 20 to 210 mm wide, 15 to 300 mm high."""
    return 20 <= width_mm <= 210 and 15 <= height_mm <= 300


def design_of(terms: Mapping[str, Any]) -> BadgeDesign:
    """Return the design that an event's terms say; what they do not say, or not rightly, is as usual."""
    width, height = terms.get("width_mm"), terms.get("height_mm")
    if not (isinstance(width, int) and isinstance(height, int) and is_possible_size(width, height)):
        width, height = DEFAULT_DESIGN.width_mm, DEFAULT_DESIGN.height_mm
    said = terms.get("shows")
    shows = frozenset(one for one in SHOWS if one in said) if isinstance(said, list) else DEFAULT_DESIGN.shows
    number = terms.get("number")
    return BadgeDesign(width, height, shows, number if number in NUMBER_SIZES else DEFAULT_DESIGN.number)


def terms_of(design: BadgeDesign) -> dict[str, Any]:
    """Return the design as an event keeps it."""
    return {
        "width_mm": design.width_mm,
        "height_mm": design.height_mm,
        "shows": [one for one in SHOWS if one in design.shows],
        "number": design.number,
    }


def numbers_in(text: str) -> Sequence[tuple[int, int]] | None:
    """Return the numbers that a text like "3, 7, 12-20" names as first and last; None where it says something else."""
    if len(text) > _LONGEST_NUMBERS:
        return None
    found = []
    for part in text.replace("，", ",").replace("、", ",").replace("–", "-").split(","):
        first, dash, last = (one.strip() for one in part.partition("-"))
        if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
            return None
        pair = (int(first), int(last or first))
        if pair[0] > pair[1] or pair[1] > _LARGEST_NUMBER:
            return None
        found.append(pair)
    return found if len(found) <= 100 else None


def next_pause_s(attempts: int) -> int | None:
    """Return how long to wait after so many attempts that failed; None: it is given up."""
    return None if attempts >= MOST_ATTEMPTS else _PAUSES_S[max(0, attempts - 1)]
