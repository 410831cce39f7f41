"""Queued work of the room `orders`: files that came through a browser are brought in behind the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from tessera.catalog.actions.products import MAX_BULK, NewProduct, list_products
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.amounts import exponent_of
from tessera.kit.connections import connect
from tessera.kit.errors import NotFound
from tessera.kit.refusals import Refusal
from tessera.kit.tables import Reading, read_rows
from tessera.merchants.queries import get_merchant
from tessera.orders.actions.imports import QUEUED, HalfIn, bring_in, finish_import, note_total
from tessera.orders.imports.columns import Columns, find_columns
from tessera.orders.imports.fields import text_from
from tessera.orders.imports.receipts import Plan, Survey, survey
from tessera.orders.imports.uploads import Upload, drop_upload, forget_old_uploads, load_upload
from tessera.orders.models import Import
from tessera.orders.queries import get_import

__all__ = ["bring_in_upload", "forget"]

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Work:
    """An import with its file, ready to be read."""

    row: Import
    upload: Upload
    plan: Plan


@app.task(name=QUEUED, lock=QUEUED, retry=RetryStrategy(max_attempts=20, wait=15))
def bring_in_upload(import_id: str) -> None:
    """Bring an uploaded file in, behind what is in already; done again after a kill, it goes on where it stopped."""
    work = _work(UUID(import_id))
    if work is None:
        return
    actor = _actor(work.row.actor)
    found = survey(work.plan)
    if work.upload.add_products:
        _add_products(work.row.merchant_id, found, actor)
    with transaction.atomic():
        row = note_total(import_id=work.row.id, lines=found.lines, now=clock.now(), actor=actor)
    lines = 0
    try:
        with connect(application_name="tessera-import") as connection:
            for done in bring_in(connection, HalfIn(row, work.plan, found.of_receipt), now=clock.now):
                lines += done
    except Refusal as refusal:  # another program moves it on
        _log.warning("an import stopped", import_id=import_id, code=refusal.code)
        return
    with transaction.atomic():
        finish_import(import_id=row.id, now=clock.now(), actor=actor)
    drop_upload(work.upload.id)
    _log.info("a file is in", import_id=import_id, lines=lines)


@app.periodic(cron="40 3 * * *")
@app.task(name="orders.forget_uploads", queueing_lock="orders.forget_uploads")
def forget(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Delete files that nobody has gone on with for a week; daily."""
    forgotten = forget_old_uploads(clock.now())
    if forgotten:
        _log.info("old uploads were deleted", uploads=forgotten)


def _actor(name: str) -> Actor:
    """The person who sent the file, as the import remembers him."""
    kind, _, actor_id = name.partition(":")
    return Actor(kind=kind, id=UUID(actor_id) if actor_id else None)


def _work(import_id: UUID) -> _Work | None:
    try:
        row = get_import(import_id)
        upload = load_upload(import_id)
    except NotFound:
        _log.warning("an import's file is gone", import_id=str(import_id))
        return None
    if row.finished_at is not None:
        return None
    merchant = get_merchant(row.merchant_id).merchant
    reading = Reading(bytes(row.file_sha256), row.reading["encoding"], row.reading["delimiter"])
    plan = Plan(
        path=upload.path,
        reading=reading,
        columns=_columns(upload, reading, row.reading["columns"]),
        merchant_id=merchant.id,
        zone=ZoneInfo(merchant.time_zone),
        exponent=exponent_of(merchant.currency),
        region=settings.TESSERA_DEFAULT_REGION,
        actor=row.actor,
        date_forms=tuple(row.reading["date_forms"]),
    )
    return _Work(row, upload, plan)


def _columns(upload: Upload, reading: Reading, names: dict[str, str]) -> Columns:
    header = next(iter(read_rows(upload.path, reading)), None)
    fields = (header.fields if header else None) or []
    found = find_columns(fields, names)
    return Columns(found.header, {role: found.places[role] for role in names})


def _add_products(merchant_id: UUID, found: Survey, actor: Actor) -> None:
    products = _usable(found)
    while part := list(islice(products, MAX_BULK)):
        with transaction.atomic():  # one that is listed already is refused as taken, which is fine
            list_products(merchant_id=merchant_id, products=part, now=clock.now(), actor=actor)


def _usable(found: Survey) -> Iterator[NewProduct]:
    for sku, name in found.products.items():
        try:
            yield NewProduct(sku=text_from(sku, column=""), name=text_from(name, column="", most=200) or sku)
        except Refusal:
            continue  # its lines are faults of their own
