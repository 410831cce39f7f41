"""`tessera replay SET FILE`: brings a real set in and compares what comes out."""

import argparse
import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tessera.site.command import say
from tessera.site.mendable import Mendable

if TYPE_CHECKING:
    import psycopg

    from tessera.site.online_retail import Event, Invoice

__all__ = ["add_arguments", "run"]

_BATCH = 100
_NAME = "Online Retail"


class ReplayError(Mendable):
    """Something about the replay that a person can mend; the text is one sentence for that person."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera replay`."""
    parser.add_argument("set", choices=["online-retail", "rladies", "sfhh"], help="which data set")
    parser.add_argument("file", type=Path, help="online_retail.csv.gz; the folder of the other sets")
    parser.add_argument("--events", type=int, metavar="N", help="only the first N events")
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="write member_ref,balance")
    parser.add_argument(
        "--verify",
        type=Path,
        nargs="?",
        const=Path(),
        metavar="DIR",
        help="compare with the expected files in DIR (the set's own folder where it is one)",
    )


def run(options: argparse.Namespace) -> int:
    """Replay, then write and verify as asked; return the exit status (1: a difference, named)."""
    if options.set == "rladies":
        from tessera.site.gatherings import replay_meetups

        return replay_meetups(options.file, verify=options.verify is not None, most=options.events)
    if options.set == "sfhh":
        from tessera.site.conference import replay_conference

        return replay_conference(options.file, verify=options.verify is not None)
    return _replay_retail(options)


def _replay_retail(options: argparse.Namespace) -> int:
    from tessera.kit.connections import connect
    from tessera.site.online_retail import read_invoices

    if options.events is not None and options.events < 1:
        raise ReplayError("--events takes a whole number from 1.")
    say(f"Reading {options.file.name} ...")
    try:
        invoices, products = read_invoices(options.file, options.events)
    except OSError as error:
        raise ReplayError(f"{options.file} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise ReplayError(f"{error}.") from error
    merchant_id = _merchant(options.events)
    _products(merchant_id, products)
    with connect(application_name="tessera-replay") as connection:
        points = _bring_in(connection, merchant_id, invoices)
        balances = _balances(connection, merchant_id)
    if options.out:
        _write_balances(options.out, balances)
        say(f"{len(balances):,} balances written to {options.out}.")
    if options.verify:
        return _verify(options.verify, options.events, invoices, points, balances)
    return 0


def _merchant(events: int | None) -> UUID:
    """The merchant of this replay: one for the whole set, one for each prefix, opened with its rule on first use."""
    from django.db import transaction

    from tessera.kit import clock
    from tessera.kit.actors import Actor
    from tessera.merchants.actions.merchants import approve_merchant, open_merchant
    from tessera.merchants.models import Merchant
    from tessera.points.actions.rules import publish_rule

    name = _NAME if events is None else f"{_NAME}, first {events} events"
    found = Merchant.objects.filter(name=name).first()
    if found is not None:
        return found.id
    actor, now = Actor(kind="operator"), clock.now()
    with transaction.atomic():
        merchant = open_merchant(name=name, currency="GBP", time_zone="Europe/London", now=now, actor=actor)
        approve_merchant(merchant_id=merchant.id, now=now, actor=actor)
        publish_rule(
            merchant_id=merchant.id,
            name="1 -> 1, 2 -> 3",
            kind="product",
            terms={"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]},
            effective_from=clock.EPOCH,
            now=now,
            actor=actor,
        )
    return merchant.id


def _products(merchant_id: UUID, products: dict[str, str]) -> None:
    from django.db import transaction

    from tessera.catalog.actions.products import MAX_BULK, NewProduct, list_products
    from tessera.kit import clock
    from tessera.kit.actors import Actor

    listed = iter([NewProduct(sku=sku, name=name[:200]) for sku, name in products.items()])
    while part := list(islice(listed, MAX_BULK)):
        with transaction.atomic():  # one that an earlier run has listed is refused as taken, which is fine
            list_products(
                merchant_id=merchant_id, products=part, now=clock.now(), actor=Actor(kind="operator")
            )


def _bring_in(
    connection: "psycopg.Connection[Any]", merchant_id: UUID, invoices: Sequence["Invoice"]
) -> dict[tuple[str, bool], list[int]]:
    """Record all invoices in file order, in batches; return the points of each one's lines.

    What an earlier run has recorded is a repeat: a run that was killed is simply started again.
    """
    from tessera.kit.refusals import Refusal
    from tessera.kit.retry import retried
    from tessera.orders.actions.receipts import handle_receipts
    from tessera.orders.rules import RecordedPurchase
    from tessera.site.progress import progress_bar

    points: dict[tuple[str, bool], list[int]] = {}
    with progress_bar("Events", total=sum(len(invoice.events) for invoice in invoices)) as advance:
        for batch in _batches(invoices, _BATCH):
            commands = [invoice.command(merchant_id) for invoice in batch]
            outcomes = retried(connection, partial(handle_receipts, commands=commands))
            for invoice, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Refusal):
                    raise ReplayError(f"Invoice {invoice.number} was refused: {outcome}")
                points[invoice.number, invoice.is_return] = (
                    list(outcome.line_points)
                    if isinstance(outcome, RecordedPurchase)
                    else [-line.points for line in outcome.lines]
                )
            advance(sum(len(invoice.events) for invoice in batch))
    return points


def _batches(invoices: Iterable["Invoice"], size: int) -> Iterator[list["Invoice"]]:
    left = iter(invoices)
    while batch := list(islice(left, size)):
        yield batch


def _balances(connection: "psycopg.Connection[Any]", merchant_id: UUID) -> dict[str, int]:
    from tessera.ledger.lookup import wallet_balances
    from tessera.merchants.recognition import numbers_of

    balances = wallet_balances(connection, merchant_id)
    return {number: balances.get(person, 0) for number, person in numbers_of(connection, merchant_id)}


def _write_balances(path: Path, balances: dict[str, int]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["member_ref", "balance"])
        writer.writerows(sorted(balances.items()))


def _verify(
    folder: Path,
    most_events: int | None,
    invoices: Sequence["Invoice"],
    points: dict[tuple[str, bool], list[int]],
    balances: dict[str, int],
) -> int:
    try:
        expected = _expected_events(folder, most_events)
    except OSError as error:
        raise ReplayError(f"{error.filename} cannot be read: {error.strerror}.") from error
    difference = _first_difference(expected, dict(_events_with_points(invoices, points)))
    if difference is None:
        sums: dict[str, int] = {}
        for event, earned in expected:
            sums[event.customer] = sums.get(event.customer, 0) + earned
        if most_events is None:
            sums = _expected_balances(folder)
        wrong = sorted(ref for ref in sums.keys() | balances.keys() if sums.get(ref) != balances.get(ref))
        if wrong:
            difference = f"member {wrong[0]}: expected {sums.get(wrong[0])}, found {balances.get(wrong[0])}"
    if difference is not None:
        say(f"Differs at {difference}.")
        return 1
    total = sum(balances.values())
    say(
        f"Verified: {len(expected):,} events and {len(balances):,} balances as expected, {total:,} points in all."
    )
    return 0


def _expected_events(folder: Path, most_events: int | None) -> list[tuple["Event", int]]:
    from tessera.site.online_retail import Event

    with gzip.open(folder / "expected_ledger.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rows = islice(csv.DictReader(lines), most_events)
        return [
            (
                Event(
                    int(row["seq"]), row["InvoiceNo"], row["CustomerID"], row["StockCode"], int(row["qty"])
                ),
                int(row["points_bundle"]),
            )
            for row in rows
        ]


def _expected_balances(folder: Path) -> dict[str, int]:
    with (folder / "expected_points_per_customer.csv").open(encoding="utf-8", newline="") as lines:
        return {row["CustomerID"]: int(row["net_match_bundle"]) for row in csv.DictReader(lines)}


def _events_with_points(
    invoices: Sequence["Invoice"], points: dict[tuple[str, bool], list[int]]
) -> Iterator[tuple[int, tuple["Event", int]]]:
    for invoice in invoices:
        by_code: dict[str, int] = {}
        for line, earned in zip(invoice.lines, points[invoice.number, invoice.is_return], strict=True):
            by_code[line.sku] = by_code.get(line.sku, 0) + earned
        for event in invoice.events:
            yield event.seq, (event, by_code[event.stock_code])


def _first_difference(
    expected: Sequence[tuple["Event", int]], found: dict[int, tuple["Event", int]]
) -> str | None:
    for event, earned in expected:
        ours = found.pop(event.seq, None)
        if ours != (event, earned):
            return f"event {event.seq}: expected {event} with {earned} points, found {ours}"
    return f"event {min(found)}: not expected" if found else None
