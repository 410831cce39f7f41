"""What a file would become: its first lines, and its first receipts read in earnest, without recording anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from tessera.catalog.queries import products_by_sku
from tessera.kit.amounts import exponent_of
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.kit.tables import Reading, examine, read_rows
from tessera.merchants.gate import Workplace
from tessera.orders.imports.columns import find_columns
from tessera.orders.imports.receipts import Plan, read_parts, survey
from tessera.orders.imports.uploads import Upload
from tessera.orders.pages.import_forms import MappingForm
from tessera.orders.rules import RecordPurchase

__all__ = ["Trial", "header_of", "read_file", "tried"]

_LINES_SHOWN = 5
_RECEIPTS_TRIED = 200
_EXAMPLES = 5
_MOST_SKUS = 5_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What reading found: lines and receipts in all; of the first ones, how many can be read and what is wrong."""

    lines: int
    receipts: int
    tried: int
    readable: int
    purchases: int
    returns: int
    nameless: int
    faults: Sequence[tuple[int, str]]
    missing: Sequence[str]
    missing_count: int
    without_time: bool


def read_file(path: Path, encoding: str) -> tuple[Reading, list[str], list[list[str]]]:
    """Return how the file is read, its headings and first lines. Refuses `file_not_text`, `encoding_unknown`."""
    reading = examine(path, encoding=encoding)
    rows = [row.fields or [] for row in islice(read_rows(path, reading), _LINES_SHOWN + 1)]
    header = rows[0] if rows else []
    return reading, header, [[*row, *[""] * (len(header) - len(row))][: len(header)] for row in rows[1:]]


def header_of(path: Path, reading: Reading) -> list[str]:
    """Return the file's headings."""
    first = next(iter(read_rows(path, reading)), None)
    return (first.fields if first else None) or []


def tried(workplace: Workplace, upload: Upload, reading: Reading, form: MappingForm) -> Trial | None:
    """Return what the file would become by the form's columns; None where the columns do not do."""
    merchant = workplace.merchant
    try:
        columns = find_columns(header_of(upload.path, reading), form.columns)
        plan = Plan(
            path=upload.path,
            reading=reading,
            columns=type(columns)(columns.header, {role: columns.places[role] for role in form.columns}),
            merchant_id=merchant.id,
            zone=ZoneInfo(merchant.time_zone),
            exponent=exponent_of(merchant.currency),
            region=settings.TESSERA_DEFAULT_REGION,
            actor="trial",
            date_forms=form.date_forms,
        )
        return _read(plan)
    except Refusal as refusal:
        form.add_error(None, refusal.message(reader_language()))
        return None


def _read(plan: Plan) -> Trial:
    found = survey(plan)
    language = reader_language()
    parts = list(islice(read_parts(plan, found.of_receipt), _RECEIPTS_TRIED))
    commands = [command for part in parts for command in part.commands]
    faults = [(fault.line_no, fault.refusal.message(language)) for part in parts for fault in part.faults]
    skus = [sku for sku in found.products if sku][:_MOST_SKUS]
    known = products_by_sku(plan.merchant_id, skus)
    missing = [sku for sku in skus if sku not in known]
    return Trial(
        lines=found.lines,
        receipts=len(found.of_receipt),
        tried=len(parts),
        readable=sum(1 for part in parts if part.commands and not part.faults),
        purchases=sum(isinstance(command, RecordPurchase) for command in commands),
        returns=sum(not isinstance(command, RecordPurchase) for command in commands),
        nameless=sum(part.nameless for part in parts),
        faults=faults[:_EXAMPLES],
        missing=missing[:_EXAMPLES],
        missing_count=len(missing),
        without_time="occurred_at" not in plan.columns.places,
    )
