"""Pure rules about talk: what can be written, how much of it, and who sees which part (spec/events.md, step 9)."""

import unicodedata
from collections.abc import Mapping
from uuid import UUID

__all__ = [
    "MESSAGES_A_MINUTE",
    "MOST_CHARACTERS",
    "MOST_EVIDENCE",
    "MOST_UNANSWERED",
    "REPORT_KINDS",
    "median_partners",
    "pair_of",
    "usable_text",
]

MOST_CHARACTERS = 1000
"""Of one message."""

MESSAGES_A_MINUTE = 30
"""Of one person in one circle, requests among them."""

MOST_UNANSWERED = 50
"""Requests of one person in one circle that nobody has answered yet, where the organiser says nothing else."""

MOST_EVIDENCE = 20
"""Messages that are kept with a report."""

REPORT_KINDS = ("harassment", "advertising", "impersonation", "other")

_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their kind that show nothing."""

_DAMAGED = "\ufffd"


def usable_text(text: str) -> str | None:
    """Return a message as it is kept: line breaks as one sign, outer blanks gone; None for what cannot be a message.

    Unusable are texts without anything to see, longer than MOST_CHARACTERS, or with signs that control a terminal and
    not a text (others than line breaks and tabs), halves of signs, or signs that were lost before.
    """
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if len(kept) > MOST_CHARACTERS or _DAMAGED in kept:
        return None
    kinds = {one: unicodedata.category(one) for one in set(kept)}
    if any(kind in {"Cc", "Cs"} and one != "\n" for one, kind in kinds.items()):
        return None
    seen = any(kind[0] not in "CZ" and kind != "Mn" and one not in _UNSEEN for one, kind in kinds.items())
    return kept if seen else None


def pair_of(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Return two people in the order in which a conversation names them: the lesser id first."""
    return (one, other) if one < other else (other, one)


def median_partners(by_partners: Mapping[int, int], *, guests: int) -> int:
    """Return with how many others the guest in the middle talked, of `guests` in all; the lower of two middles.

    `by_partners`: number of partners -> how many people had so many; whoever is missing talked with nobody.
    """
    if guests <= 0:
        return 0
    middle = (guests - 1) // 2
    passed = max(0, guests - sum(by_partners.values()))
    if middle < passed:
        return 0
    for partners in sorted(by_partners):
        passed += by_partners[partners]
        if middle < passed:
            return partners
    return max(by_partners, default=0)
