"""Answers are checked by their questions, and said no to in words; where files lie that were given as answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from tessera.events.errors.registering import (
    AnswerChoicesCount,
    AnswerDayOutside,
    AnswerFileUnusable,
    AnswerInvalid,
    AnswerMissing,
    AnswerNotDate,
    AnswerNotNumber,
    AnswerNotOffered,
    AnswerTooLong,
)
from tessera.events.models import AnswerFile, Event, Question
from tessera.events.rules.answers import Asked, Fault, read_answers
from tessera.kit.ids import parse_id
from tessera.kit.refusals import Refusal

__all__ = ["answer_file_path", "checked_answers", "faults_of", "group_of", "refusal_of"]

_REFUSALS: Mapping[str, type[Refusal]] = {
    one.code: one
    for one in (
        AnswerChoicesCount, AnswerDayOutside, AnswerFileUnusable, AnswerInvalid, AnswerMissing, AnswerNotDate,
        AnswerNotNumber, AnswerNotOffered, AnswerTooLong,
    )
}  # fmt: skip


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


def group_of(event: Event, answers: Mapping[str, Any]) -> str:
    """Return the guest's group: the answer to the event's group question."""
    given = answers.get(str(event.group_question), "")
    return given if isinstance(given, str) else ""
