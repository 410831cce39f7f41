"""Answers are checked; files given as answers are kept under a name that nobody can guess, for the organiser alone."""

import os
import secrets
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tessera.events.answering import answer_file_path
from tessera.events.errors.registering import AnswerFileTooLarge, AnswerFileUnusable
from tessera.events.models import AnswerFile, Question
from tessera.events.rules.answers import FILE_KINDS, MOST_FILE_BYTES, file_kind
from tessera.kit.actors import Actor
from tessera.kit.ids import new_id

__all__ = ["drop_answer_files", "keep_answer_file"]

_LONGEST_NAME = 120
_MEGABYTE = 1024 * 1024


def keep_answer_file(
    *, question: Question, person_id: UUID, file_name: str, file: IO[bytes], now: datetime, actor: Actor
) -> AnswerFile:
    """Keep a file as the person's answer to the question, in place of the one he gave before.

    It is gone again where the transaction fails to write its row.

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
    before = AnswerFile.objects.filter(
        event_id=question.event_id, person_id=person_id, question_id=question.id
    )
    _drop(before)
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


def drop_answer_files(*, person_id: UUID, event_id: UUID | None = None, now: datetime, actor: Actor) -> int:
    """Take away the files a person gave, from one event or all; return how many. They go when the transaction commits."""
    rows = AnswerFile.objects.filter(person_id=person_id)
    if event_id is not None:
        rows = rows.filter(event_id=event_id)
    return _drop(rows)


def _drop(rows: "QuerySet[AnswerFile]") -> int:
    paths = [answer_file_path(stored) for stored in rows.values_list("stored", flat=True)]
    rows.delete()

    def gone() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(gone)
    return len(paths)
