"""`tessera import purchases FILE`: brings a till's or a spreadsheet's CSV in through the handler of every door."""

import argparse
import csv
import errno
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tessera.site.command import say
from tessera.site.mendable import Mendable

if TYPE_CHECKING:
    import psycopg

    from tessera.merchants.models import Merchant
    from tessera.orders.imports.receipts import Plan, Survey
    from tessera.orders.models import Import

__all__ = ["add_arguments", "run"]

_EXAMPLES = 10


class ImportStopped(Mendable):
    """Something about the import that a person can mend; the text is one sentence for that person."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera import`."""
    parser.add_argument("what", choices=["purchases"], help="what the file holds")
    parser.add_argument("file", type=Path, help="a CSV file, plain or gzipped")
    parser.add_argument("--merchant", required=True, help="the merchant's id (mer_...) or its whole name")
    parser.add_argument("--map", default="", metavar="receipt=InvoiceNo,...", help="which column holds what")
    parser.add_argument(
        "--encoding", default="auto", help="auto, utf-8, gb18030, utf-16 ... (default: %(default)s)"
    )
    parser.add_argument("--delimiter", help="one character, or tab (default: found out)")
    parser.add_argument(
        "--date-format", action="append", metavar="FORM", help="such as %%d/%%m/%%Y %%H:%%M; may be repeated"
    )
    parser.add_argument("--add-products", action="store_true", help="list products that the catalogue lacks")
    parser.add_argument("--dry-run", action="store_true", help="only read and check, record nothing")
    parser.add_argument(
        "--anew", action="store_true", help="begin at the start, even if the file is in already"
    )
    parser.add_argument("--language", choices=["zh-Hans", "en"], help="of the sentences in FILE.errors.csv")


def run(options: argparse.Namespace) -> int:
    """Import, or check only; return the exit status (1: some lines had no effect, see FILE.errors.csv)."""
    import psycopg

    try:
        return _run(options)
    except psycopg.errors.DiskFull as error:
        raise _disk_full("of the database") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _disk_full(f"that holds {error.filename or 'the file of errors'}") from error
        raise


def _disk_full(where: str) -> ImportStopped:
    return ImportStopped(
        f"The disk {where} is full. What was reported as done is done, nothing is half done: "
        "make room and run the same command again; it goes on where it stopped."
    )


def _run(options: argparse.Namespace) -> int:
    from tessera.orders.imports.receipts import survey

    plan = _plan(options)
    for role, heading in plan.columns.names.items():
        say(f"  {role:<12} {heading}")
    if "occurred_at" not in plan.columns.places:
        say("No column holds the time of purchase: now is taken.")
    found = survey(plan)
    say(f"{found.lines:,} lines, {len(found.of_receipt):,} receipts, {plan.reading.encoding}.")
    if options.dry_run:
        return _check(options, plan, found)
    if options.add_products:
        _add_products(plan.merchant_id, found)
    return _import(options, plan, found)


def _plan(options: argparse.Namespace) -> "Plan":
    from zoneinfo import ZoneInfo

    from django.conf import settings

    from tessera.kit.amounts import exponent_of
    from tessera.kit.tables import examine, read_rows
    from tessera.orders.imports.columns import find_columns, mapping_from
    from tessera.orders.imports.receipts import Plan

    merchant = find_merchant(options.merchant)
    if not options.file.is_file():
        raise ImportStopped(f"There is no file {options.file}.")
    reading = examine(options.file, encoding=options.encoding, delimiter=_delimiter(options.delimiter))
    header = next(iter(read_rows(options.file, reading)), None)
    columns = find_columns((header.fields if header else None) or [], mapping_from(options.map))
    return Plan(
        path=options.file,
        reading=reading,
        columns=columns,
        merchant_id=merchant.id,
        zone=ZoneInfo(merchant.time_zone),
        exponent=exponent_of(merchant.currency),
        region=settings.TESSERA_DEFAULT_REGION,
        actor="operator",
        date_forms=tuple(options.date_format or ()),
    )


def _delimiter(given: str | None) -> str | None:
    found = {"tab": "\t", "\\t": "\t"}.get(given or "", given)
    if found is not None and len(found) != 1:
        raise ImportStopped("--delimiter takes one character, or tab.")
    return found


def find_merchant(given: str) -> "Merchant":
    """Return the merchant by shown id or whole name; raises ImportStopped where it is none or several."""
    from tessera.kit.ids import InvalidId, parse_id, show_id
    from tessera.merchants.models import Merchant

    try:
        rows = list(Merchant.objects.filter(pk=parse_id("mer", given)))
    except InvalidId:
        rows = list(Merchant.objects.filter(name=given).order_by("id")[:20])
    if not rows:
        raise ImportStopped(f"There is no merchant “{given}”.")
    if len(rows) > 1:
        ids = ", ".join(show_id("mer", row.id) for row in rows)
        raise ImportStopped(f"{len(rows)} merchants are named “{given}”; name one by its id: {ids}.")
    return rows[0]


def _add_products(merchant_id: UUID, found: "Survey") -> None:
    from django.db import transaction

    from tessera.catalog.actions.products import MAX_BULK, NewProduct, list_products
    from tessera.kit import clock
    from tessera.kit.actors import Actor
    from tessera.orders.errors import TextUnusable
    from tessera.orders.imports.fields import text_from

    def usable() -> Iterator[NewProduct]:
        for sku, name in found.products.items():
            try:
                yield NewProduct(
                    sku=text_from(sku, column=""),
                    name=text_from(name, column="", most=200, number=False) or sku,
                )
            except TextUnusable:
                continue  # its lines are faults of their own

    products = usable()
    while part := list(islice(products, MAX_BULK)):
        with transaction.atomic():  # one that is listed already is refused as taken, which is fine
            list_products(
                merchant_id=merchant_id, products=part, now=clock.now(), actor=Actor(kind="operator")
            )


def _import(options: argparse.Namespace, plan: "Plan", found: "Survey") -> int:
    from django.db import transaction

    from tessera.kit import clock
    from tessera.kit.actors import Actor
    from tessera.kit.connections import connect
    from tessera.orders.actions.imports import begin_import, finish_import

    actor = Actor(kind="operator")
    reading = {
        "columns": plan.columns.names,
        "encoding": plan.reading.encoding,
        "delimiter": plan.reading.delimiter,
    }
    reading |= {"date_forms": list(plan.date_forms)}
    with transaction.atomic():
        row = begin_import(
            merchant_id=plan.merchant_id,
            file_name=options.file.name,
            file_sha256=plan.reading.sha256,
            reading=reading,
            anew=options.anew,
            now=clock.now(),
            actor=actor,
        )
    if row.finished_at is not None:
        say("This file is in already; nothing is done again (--anew would read it once more).")
    else:
        if row.next_place:
            say(f"Going on behind {row.next_place:,} receipts that are in.")
        with connect(application_name="tessera-import") as connection:
            _bring_in(connection, plan, found, row)
        with transaction.atomic():
            row = finish_import(import_id=row.id, now=clock.now(), actor=actor)
    return _report(options, row)


def _bring_in(connection: "psycopg.Connection[Any]", plan: "Plan", found: "Survey", row: "Import") -> None:
    from tessera.kit import clock
    from tessera.orders.actions.imports import HalfIn, bring_in
    from tessera.site.progress import progress_bar

    with progress_bar("Lines", total=found.lines) as advance:
        for lines in bring_in(connection, HalfIn(row, plan, found.of_receipt), now=clock.now):
            advance(lines)


def _check(options: argparse.Namespace, plan: "Plan", found: "Survey") -> int:
    """Read everything and say what would be wrong; the catalogue is asked, nothing is recorded."""
    from tessera.catalog.queries import products_by_sku
    from tessera.orders.imports.receipts import read_parts

    language = _language(options)
    receipts = faults = nameless = 0
    for part in read_parts(plan, found.of_receipt):
        receipts += len(part.commands)
        nameless += part.lines if part.nameless else 0
        for fault in part.faults:
            faults += 1
            if faults <= _EXAMPLES:
                say(f"  line {fault.line_no}: {fault.refusal.message(language)}")
    skus = list(found.products)
    known: set[str] = set()
    for start in range(0, len(skus), 1000):
        known |= products_by_sku(plan.merchant_id, skus[start : start + 1000]).keys()
    missing = [sku for sku in skus if sku and sku not in known]
    say(
        f"{receipts:,} receipts can be read, {faults:,} lines are at fault, {nameless:,} lines are without customer."
    )
    if missing and not options.add_products:
        say(
            f"{len(missing):,} products are not in the catalogue, such as {missing[0]}; --add-products would list them."
        )
    say("Nothing was recorded (--dry-run).")
    return 1 if faults else 0


def _report(options: argparse.Namespace, row: "Import") -> int:
    counts = row.counts
    say(
        f"{counts['lines']:,} lines: {counts['purchases']:,} purchases with {counts['points']:,} points, "
        f"{counts['returns']:,} returns that took {counts['points_returned']:,} back, "
        f"{counts['repeats']:,} of these recorded before."
    )
    if counts["lines_without_customer"]:
        say(f"{counts['lines_without_customer']:,} lines without customer give no points.")
    if counts["pieces_unmatched"]:
        say(f"{counts['pieces_unmatched']:,} returned pieces were never bought here and take nothing back.")
    errors = options.file.with_name(options.file.name + ".errors.csv")
    if not counts["lines_at_fault"]:
        errors.unlink(missing_ok=True)
        return 0
    _write_errors(errors, row, _language(options))
    say(f"{counts['receipts_at_fault']:,} receipts were not recorded; the reasons by line are in {errors}.")
    return 1


def _language(options: argparse.Namespace) -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return options.language or ("zh-Hans" if spoken.startswith("zh") else "en")


def _write_errors(path: Path, row: "Import", language: str) -> None:
    """Write the faults by line; a spreadsheet that expects Chinese in UTF-8 needs the mark at the start."""
    from tessera.orders.errors import fault_sentence
    from tessera.orders.queries import list_faults

    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            ("行号", "小票号", "代码", "原因")
            if language == "zh-Hans"
            else ("line", "receipt", "code", "reason")
        )
        line_no = 0
        while faults := list_faults(row.id, after_line=line_no, limit=1000):
            for fault in faults:
                sentence = fault_sentence(fault.code, fault.details, language)
                receipt = fault.receipt_number
                safe = (
                    f"'{receipt}" if receipt[:1] in set("=+-@") else receipt
                )  # a spreadsheet must not run it
                writer.writerow((fault.line_no, safe, fault.code, sentence))
            line_no = faults[-1].line_no
