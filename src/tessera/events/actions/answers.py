"""Answers are checked; files given as answers are kept under a name that nobody can guess, for the organiser alone."""

import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tessera.events.errors.registering import (
    AnswerChoicesCount,
    AnswerDayOutside,
    AnswerFileTooLarge,
    AnswerFileUnusable,
    AnswerInvalid,
    AnswerMissing,
    AnswerNotDate,
    AnswerNotNumber,
    AnswerNotOffered,
    AnswerTooLong,
)
from tessera.events.models import AnswerFile, Question
from tessera.events.rules.answers import FILE_KINDS, MOST_FILE_BYTES, Asked, Fault, file_kind, read_answers
from tessera.kit.actors import Actor
from tessera.kit.ids import new_id, parse_id
from tessera.kit.refusals import Refusal

__all__ = [
    "answer_file_path",
    "checked_answers",
    "drop_answer_files",
    "faults_of",
    "keep_answer_file",
    "refusal_of",
]

_REFUSALS: Mapping[str, type[Refusal]] = {
    one.code: one
    for one in (
        AnswerChoicesCount, AnswerDayOutside, AnswerFileUnusable, AnswerInvalid, AnswerMissing, AnswerNotDate,
        AnswerNotNumber, AnswerNotOffered, AnswerTooLong,
    )
}  # fmt: skip

_LONGEST_NAME = 120
_MEGABYTE = 1024 * 1024


def faults_of(questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Refusal]:
    """Return why answers would not be taken, by question id: for a form that says it at each field."""
    _, faults = read_answers([_asked(one) for one in questions], given)
    return {question_id: refusal_of(fault) for question_id, fault in faults.items()}


def refusal_of(fault: Fault) -> Refusal:
    """Return a fault as the refusal that says it."""
    return _REFUSALS[fault.code](**fault.details)


def checked_answers(
    questions: Sequence[Question], given: Mapping[str, Any], *, person_id: UUID, complete: bool = True
) -> dict[str, Any]:
    """Return answers (question id -> answer) as they are kept; a file must be one that this person gave.

    Refuses `answer_unknown`, `answer_missing`, `answer_too_long`, `answer_not_offered`, `answer_choices_count`,
    `answer_not_number`, `answer_not_date`, `answer_day_outside`, `answer_file_unusable`: the first one in the event's order.
    """
    asked = [_asked(one) for one in questions]
    answers, faults = read_answers(asked, given, complete=complete)
    for place in [*(one.id for one in asked), *faults]:
        if place in faults:
            raise refusal_of(faults[place])
    for one in asked:
        if one.kind == "file" and one.id in answers:
            own = AnswerFile.objects.filter(
                id=parse_id("ans", answers[one.id]), person_id=person_id, question_id=one.id
            )
            if not own.exists():
                raise AnswerFileUnusable(label=one.label)
    return answers


def _asked(question: Question) -> Asked:
    return Asked(str(question.id), question.kind, question.label, question.required, question.terms)


def answer_file_path(stored: str) -> Path:
    """Return where the file lies: in the data directory beside the pictures, so that backups hold it."""
    return Path(settings.TESSERA_DATA_DIR) / "media" / "answers" / stored[:2] / stored


def keep_answer_file(
    *, question: Question, person_id: UUID, file_name: str, file: IO[bytes], now: datetime, actor: Actor
) -> AnswerFile:
    """Keep a file as the person's answer to the question; it is gone again where the transaction fails to write its row.

    Refuses `answer_file_too_large` (over what the question allows, 10 MB at most) and `answer_file_unusable` (neither PDF,
    JPEG, PNG nor WebP by its bytes, or a kind that the question does not take).
    """
    most = min(MOST_FILE_BYTES, (question.terms.get("most_mb") or MOST_FILE_BYTES) * _MEGABYTE)
    content = file.read(most + 1)
    if len(content) > most:
        raise AnswerFileTooLarge(label=question.label, most_mb=most // _MEGABYTE)
    media_type = file_kind(content[:16])
    if media_type is None or FILE_KINDS[media_type] not in question.terms.get("kinds", ["pdf", "picture"]):
        raise AnswerFileUnusable(label=question.label)
    stored = secrets.token_hex(16)
    path = answer_file_path(stored)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    try:
        return AnswerFile.objects.create(
            event_id=question.event_id,
            id=new_id(),
            person_id=person_id,
            question_id=question.id,
            file_name="".join(c for c in file_name if c.isprintable())[-_LONGEST_NAME:] or "file",
            media_type=media_type,
            size_bytes=len(content),
            stored=stored,
            at=now,
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def drop_answer_files(*, person_id: UUID, event_id: UUID | None = None) -> int:
    """Take away the files a person gave, from one event or all; return how many. They go when the transaction commits."""
    rows = AnswerFile.objects.filter(person_id=person_id)
    if event_id is not None:
        rows = rows.filter(event_id=event_id)
    paths = [answer_file_path(stored) for stored in rows.values_list("stored", flat=True)]
    rows.delete()

    def gone() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(gone)
    return len(paths)
