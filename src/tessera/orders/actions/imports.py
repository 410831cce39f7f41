"""Imports files of purchases: a row per file, moved on in the transactions that record its receipts.

So a kill at any moment loses nothing and doubles nothing: the next run goes on behind the last receipt that is in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tessera.kit.actors import Actor
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.retry import retried
from tessera.kit.sql import statement
from tessera.orders.actions.receipts import handle_receipts
from tessera.orders.errors import FileChanged, ImportUnderWay, ProductUnknown
from tessera.orders.imports.receipts import Fault, Part, Plan, read_parts
from tessera.orders.models import Import
from tessera.orders.rules import RecordedPurchase, RecordedReturn, RecordPurchase, RecordReturn

__all__ = [
    "COUNTED",
    "QUEUED",
    "Batch",
    "HalfIn",
    "begin_import",
    "bring_in",
    "finish_import",
    "note_total",
    "queue_import",
    "record_parts",
]

QUEUED = "orders.bring_in"
"""The job's name (orders/jobs.py), and its lock: one file at a time, two would only slow each other down."""

COUNTED = (
    "lines", "lines_without_customer", "lines_at_fault", "receipts", "receipts_at_fault", "purchases", "returns",
    "repeats", "points", "points_returned", "pieces_unmatched",
)  # fmt: skip
"""What is counted of a file."""

_BATCH = 100
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Batch:
    """Parts of a file to record together, behind the first `place` of its parts; `counts` are those so far."""

    import_id: UUID
    file_name: str
    place: int
    counts: Mapping[str, int]
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class HalfIn:
    """An import with its file as it is read: the plan, and how many lines each receipt has."""

    row: Import
    plan: Plan
    of_receipt: Mapping[str, int]


def begin_import(
    *,
    merchant_id: UUID,
    file_name: str,
    file_sha256: bytes,
    reading: Mapping[str, Any],
    anew: bool,
    now: datetime,
    actor: Actor,
) -> Import:
    """Return the import of this file, read in this way: the one that was begun before, or a new one.

    `anew` begins again from the start (what is in already is then a repeat). Refuses `import_file_changed` where a
    file of this name, with other contents, is half in.
    """
    rows = Import.objects.filter(merchant_id=merchant_id).order_by("-id")
    if not anew:
        same = rows.filter(file_sha256=file_sha256, reading=dict(reading)).first()
        if same is not None:
            return same
        half = (
            rows.filter(file_name=file_name, finished_at__isnull=True)
            .exclude(file_sha256=file_sha256)
            .first()
        )
        if half is not None and half.next_place:
            raise FileChanged(file=file_name, done=half.next_place)
    return Import.objects.create(
        id=new_id(),
        merchant_id=merchant_id,
        file_name=file_name,
        file_sha256=file_sha256,
        reading=dict(reading),
        counts=dict.fromkeys(COUNTED, 0),
        begun_at=now,
        moved_at=now,
        actor=actor.name,
    )


def record_parts(connection: psycopg.Connection[Any], batch: Batch, *, now: datetime) -> dict[str, int]:
    """Record one batch in the caller's transaction, with its faults, place and counts; return the counts so far.

    Refuses `import_under_way` where another program has moved the import on meanwhile: nothing of the batch is kept.
    """
    counts = dict(batch.counts)
    commands = [command for part in batch.parts for command in part.commands]
    outcomes = iter(handle_receipts(connection, commands) if commands else ())
    faults: list[Fault] = []
    for part in batch.parts:
        refused = [
            _fault(command, places, outcome)
            for command, places in zip(part.commands, part.places, strict=True)
            if isinstance(outcome := _counted(counts, next(outcomes)), Refusal)
        ]
        found = part.faults + refused
        counts["lines"] += part.lines
        counts["lines_without_customer"] += part.lines if part.nameless else 0
        counts["lines_at_fault"] += len({fault.line_no for fault in found})
        counts["receipts"] += bool(part.commands or part.faults)
        counts["receipts_at_fault"] += bool(found)
        faults += found
    _write_faults(connection, batch.import_id, faults)
    place = batch.place + len(batch.parts)
    moved = connection.execute(
        "UPDATE orders_import SET next_place = %s, counts = %s::jsonb, moved_at = %s WHERE id = %s AND next_place = %s",
        (place, _json.encode(counts).decode(), now, batch.import_id, batch.place),
    )
    if moved.rowcount != 1:
        raise ImportUnderWay(file=batch.file_name)
    return counts


def bring_in(
    connection: psycopg.Connection[Any], file: HalfIn, *, now: Callable[[], datetime]
) -> Iterator[int]:
    """Record the file batch by batch, each in a transaction of its own, behind what is in; yield the lines of each.

    `now` is asked for each batch: a file takes its time. The first number is that of the lines that were in before. Refuses `import_under_way`, and `import_file_changed`
    where the file changes meanwhile.
    """
    plan, row = file.plan, file.row
    before = _identity(plan.path)
    place, counts = row.next_place, dict(row.counts)
    parts = read_parts(plan, file.of_receipt)
    yield sum(part.lines for part in islice(parts, place))
    while chosen := list(islice(parts, _BATCH)):
        if _identity(plan.path) != before:
            raise FileChanged(file=row.file_name, done=place)
        batch = Batch(row.id, row.file_name, place, counts, chosen)

        def record(working: psycopg.Connection[Any], batch: Batch = batch) -> dict[str, int]:
            return record_parts(working, batch, now=now())

        counts = retried(connection, record)
        place += len(chosen)
        yield sum(part.lines for part in chosen)


def _identity(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def note_total(*, import_id: UUID, lines: int, now: datetime, actor: Actor) -> Import:
    """Note how many lines the file has, and from where and when this run counts: what a progress bar needs."""
    row = Import.objects.select_for_update().get(pk=import_id)
    row.counts = {
        **row.counts,
        "lines_in_file": lines,
        "lines_before_run": row.counts.get("lines", 0),
        "run_began_s": int(now.timestamp()),
    }
    row.moved_at = now
    row.save(update_fields=["counts", "moved_at"])
    return row


def queue_import(*, import_id: UUID, now: datetime, actor: Actor) -> None:
    """Let the worker bring the import's uploaded file in, after this transaction; twice in the queue is once."""
    task = app.configure_task(QUEUED, lock=QUEUED, queueing_lock=f"{QUEUED}:{import_id}")
    try:
        with transaction.atomic():
            task.defer(import_id=str(import_id))
    except AlreadyEnqueued:
        return
    Import.objects.filter(pk=import_id).update(moved_at=now)


def _counted(counts: dict[str, int], outcome: RecordedPurchase | RecordedReturn | Refusal) -> object:
    if isinstance(outcome, RecordedPurchase):
        counts["purchases"] += 1
        counts["repeats"] += outcome.repeat
        counts["points"] += outcome.points
    elif isinstance(outcome, RecordedReturn):
        counts["returns"] += 1
        counts["repeats"] += outcome.repeat
        counts["points_returned"] += outcome.points
        counts["pieces_unmatched"] += sum(line.unmatched_quantity for line in outcome.lines)
    return outcome


def _fault(command: RecordPurchase | RecordReturn, places: Sequence[int], refusal: object) -> Fault:
    """A refused receipt stands at its first line, or at the line that names the product in question."""
    assert isinstance(refusal, Refusal), "only refusals are faults"
    line_no = places[0]
    if isinstance(refusal, ProductUnknown):
        skus = [line.sku for line in command.lines]
        line_no = places[skus.index(refusal.details["sku"])]
    return Fault(line_no, command.receipt_number, refusal)


def _write_faults(connection: psycopg.Connection[Any], import_id: UUID, faults: Sequence[Fault]) -> None:
    if faults:
        connection.execute(
            statement("orders", "record_faults"),
            (
                import_id,
                [fault.line_no for fault in faults],
                [fault.receipt_number for fault in faults],
                [fault.refusal.code for fault in faults],
                [_json.encode(fault.refusal.details).decode() for fault in faults],
            ),
        )


def finish_import(*, import_id: UUID, now: datetime, actor: Actor) -> Import:
    """Note that the whole file is in; doing it again changes nothing."""
    Import.objects.filter(pk=import_id, finished_at__isnull=True).update(finished_at=now)
    return Import.objects.get(pk=import_id)
