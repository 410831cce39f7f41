"""What a registration may ask, and the terms of each kind of question (spec/events.md, step 1)."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

__all__ = [
    "FILE_KINDS",
    "KINDS",
    "LONGEST_TEXT",
    "MOST_CHOICES",
    "MOST_FILE_MB",
    "MOST_QUESTIONS",
    "TermsFault",
    "checked_terms",
    "goes_on",
    "listed_choices",
]

KINDS = ("text", "choice", "choices", "number", "date", "file")
MOST_QUESTIONS = 40
MOST_CHOICES = 60
LONGEST_TEXT = 2000
MOST_FILE_MB = 10
FILE_KINDS = ("pdf", "picture")
"""What a file may be: "pdf", or "picture" (JPEG, PNG, WebP)."""


class TermsFault(ValueError):  # noqa: N818 - an expected no, which the action makes a refusal
    """Terms that do not fit their kind; its one argument is the reason of the refusal `question_invalid`."""


_LONGEST_CHOICE = 100
_MOST_NUMBER = 10**12
_USUAL_TEXT = 200


def checked_terms(kind: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms of a question of `kind`, with all that was left out; raises TermsFault.

    "text": `longest` (1 to 2000 characters) and `lines` (more than one line may be written). "choice": `choices` (2 to 60
    different ones). "choices": `choices`, `least` and `most` of them. "number": `least` and `most`, whole numbers or None.
    "date": `earliest` and `latest` (ISO 8601) or None. "file": `kinds` (of FILE_KINDS) and `most_mb` (1 to 10).
    """
    if kind not in KINDS:
        raise TermsFault("kind")
    return {
        "text": _text,
        "choice": _choice,
        "choices": _choices,
        "number": _number,
        "date": _date,
        "file": _file,
    }[kind](terms)


def goes_on(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Say whether every answer under the terms `before` still is one under `after`: choices were only added."""
    if kind not in {"choice", "choices"}:
        return False
    return set(before.get("choices", ())) <= set(after.get("choices", ()))


def listed_choices(text: str) -> list[str]:
    """Return the choices that were typed, one a line: blanks around them and empty lines do not count."""
    return [one for line in text.splitlines() if (one := " ".join(line.split()))]


def _text(terms: Mapping[str, Any]) -> dict[str, Any]:
    longest = terms.get("longest") or _USUAL_TEXT
    if not _is_whole(longest) or not 1 <= longest <= LONGEST_TEXT:
        raise TermsFault("longest")
    return {"longest": longest, "lines": bool(terms.get("lines"))}


def _named(terms: Mapping[str, Any]) -> list[str]:
    choices = terms.get("choices")
    if not isinstance(choices, Sequence) or isinstance(choices, str):
        raise TermsFault("choices")
    named = [" ".join(str(one).split()) for one in choices]
    fine = all(named) and all(len(one) <= _LONGEST_CHOICE and _is_seen(one) for one in named)
    if not 2 <= len(named) <= MOST_CHOICES or not fine:
        raise TermsFault("choices")
    if len({unicodedata.normalize("NFKC", one).casefold() for one in named}) < len(named):
        raise TermsFault("choices_twice")
    return named


def _choice(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {"choices": _named(terms)}


def _choices(terms: Mapping[str, Any]) -> dict[str, Any]:
    named = _named(terms)
    least, most = terms.get("least") or 0, terms.get("most") or len(named)
    if not _is_whole(least) or not _is_whole(most) or not 0 <= least <= most <= len(named) or most < 1:
        raise TermsFault("range")
    return {"choices": named, "least": least, "most": most}


def _number(terms: Mapping[str, Any]) -> dict[str, Any]:
    least, most = terms.get("least"), terms.get("most")
    for bound in (least, most):
        if bound is not None and (not _is_whole(bound) or abs(bound) > _MOST_NUMBER):
            raise TermsFault("range")
    if least is not None and most is not None and least > most:
        raise TermsFault("range")
    return {"least": least, "most": most}


def _date(terms: Mapping[str, Any]) -> dict[str, Any]:
    earliest, latest = _day(terms.get("earliest")), _day(terms.get("latest"))
    if earliest and latest and earliest > latest:
        raise TermsFault("range")
    return {"earliest": earliest, "latest": latest}


def _file(terms: Mapping[str, Any]) -> dict[str, Any]:
    kinds = list(terms.get("kinds") or FILE_KINDS)
    most_mb = terms.get("most_mb") or 5
    if any(one not in FILE_KINDS for one in kinds) or not _is_whole(most_mb):
        raise TermsFault("file")
    if not 1 <= most_mb <= MOST_FILE_MB:
        raise TermsFault("file")
    return {"kinds": [one for one in FILE_KINDS if one in kinds], "most_mb": most_mb}


def _day(given: Any) -> str | None:
    if not given:
        return None
    try:
        return date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise TermsFault("range") from None


def _is_whole(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _is_seen(text: str) -> bool:
    return all(unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co"} for one in text)
