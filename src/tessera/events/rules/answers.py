"""Answers to an event's questions: what each kind of question takes (spec/events.md, steps 1 and 2)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = [
    "FILE_KINDS",
    "LONGEST_TEXT",
    "MOST_FILE_BYTES",
    "REGISTRATION_TEXT",
    "Asked",
    "Fault",
    "file_kind",
    "read_answers",
]

REGISTRATION_TEXT = "2026-11"
"""Version of the sentence that guests agree to when they register (pages.registering_forms)."""

LONGEST_TEXT = 2_000
MOST_FILE_BYTES = 10 * 1024 * 1024
_FURTHEST = 10**12
_UNKEPT = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL keeps in no text: NUL, and halves of signs."""

FILE_KINDS: Mapping[str, str] = {
    "application/pdf": "pdf",
    "image/jpeg": "picture",
    "image/png": "picture",
    "image/webp": "picture",
}
"""What may be uploaded as an answer: media type -> kind (rules.questions)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as answers are read by it. `kind`: "text", "choice", "choices", "number", "date" or "file"."""

    id: str
    kind: str
    label: str
    required: bool
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer is not taken: the refusal's code and what would have to be different."""

    code: str
    details: Mapping[str, Any]


def read_answers(
    questions: Sequence[Asked], given: Mapping[str, Any], *, complete: bool = True
) -> tuple[dict[str, Any], dict[str, Fault]]:
    """Return the answers as they are kept, and what is wrong, both by question id; empty answers are left out.

    `complete`: required questions must be answered (a guest whom the crew or the organiser adds need not).
    """
    answers: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    known = {question.id: question for question in questions}
    for unknown in given.keys() - known.keys():
        faults[unknown] = Fault("answer_unknown", {"question": str(unknown)[:80]})
    for question in questions:
        told = given.get(question.id)
        value = told.strip() if isinstance(told, str) else told
        if value in (None, "", []):
            if complete and question.required:
                faults[question.id] = Fault("answer_missing", {"label": question.label})
            continue
        read = _READERS[question.kind](question, value)
        if isinstance(read, Fault):
            faults[question.id] = read
        else:
            answers[question.id] = read
    return answers, faults


def _text(question: Asked, value: Any) -> Any:
    most = question.terms.get("longest") or LONGEST_TEXT
    if not isinstance(value, str) or len(value) > most or _UNKEPT.search(value):
        return Fault("answer_too_long", {"label": question.label, "most": most})
    return value


def _choice(question: Asked, value: Any) -> Any:
    if value in question.terms.get("choices", []):
        return value
    return Fault("answer_not_offered", {"label": question.label})


def _choices(question: Asked, value: Any) -> Any:
    several = (
        list(dict.fromkeys(value))
        if isinstance(value, list) and all(isinstance(v, str) for v in value)
        else [value]
    )
    if any(one not in question.terms.get("choices", []) for one in several):
        return Fault("answer_not_offered", {"label": question.label})
    least, most = (
        question.terms.get("least") or 0,
        question.terms.get("most") or len(question.terms["choices"]),
    )
    if least <= len(several) <= most:
        return several
    return Fault("answer_choices_count", {"label": question.label, "least": max(least, 1), "most": most})


def _number(question: Asked, value: Any) -> Any:
    least, most = question.terms.get("least"), question.terms.get("most")
    least = -_FURTHEST if least is None else least
    most = _FURTHEST if most is None else most
    try:
        number = int(value) if isinstance(value, str) and len(value) < 20 else value
    except ValueError:
        number = None
    if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
        return number
    return Fault("answer_not_number", {"label": question.label, "least": least, "most": most})


def _date(question: Asked, value: Any) -> Any:
    try:
        day = (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()
    except (TypeError, ValueError):
        return Fault("answer_not_date", {"label": question.label})
    earliest, latest = (
        question.terms.get("earliest") or "0001-01-01",
        question.terms.get("latest") or "9999-12-31",
    )
    if earliest <= day <= latest:
        return day
    return Fault("answer_day_outside", {"label": question.label, "earliest": earliest, "latest": latest})


def _file(question: Asked, value: Any) -> Any:
    """A file was kept before (actions.answers.keep_answer_file); the answer is its shown id."""
    if isinstance(value, str) and value.startswith("ans_"):
        return value
    return Fault("answer_file_unusable", {"label": question.label})


_READERS = {
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "date": _date,
    "file": _file,
}


def file_kind(head: bytes) -> str | None:
    """Return the media type that a file's first bytes say, None for one that is not taken; its name says nothing."""
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None
