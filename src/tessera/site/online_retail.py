"""The UCI Online Retail set as commands: what `tessera replay online-retail` brings in (data by UCI, CC BY 4.0).

An event is what one invoice holds of one product for a known customer: the quantities of its lines summed; purchases
and returns (negative quantities) apart. Events are numbered by their first line.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import UUID

from tessera.kit.amounts import minor_from_text
from tessera.orders.rules import RecordPurchase, RecordReturn, SoldLine

__all__ = ["Event", "Invoice", "read_invoices"]

_COLUMNS = (
    "line_no",
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its number (from 1), invoice, customer, product, pieces (negative: returned)."""

    seq: int
    invoice: str
    customer: str
    stock_code: str
    quantity: int


@dataclass(slots=True)
class Invoice:
    """All of one invoice that is replayed, in file order: lines, and the events that they make up."""

    number: str
    customer: str
    occurred_at: datetime
    is_return: bool
    lines: list[SoldLine]
    events: list[Event]

    def command(self, merchant_id: UUID) -> RecordPurchase | RecordReturn:
        """Return the command that records this invoice, as any other door would send it."""
        if self.is_return:
            return RecordReturn(
                merchant_id, self.number, tuple(self.lines), "operator", "replay",
                member=("number", self.customer), occurred_at=self.occurred_at,
            )  # fmt: skip
        return RecordPurchase(
            merchant_id, self.number, ("number", self.customer), tuple(self.lines), "operator", "replay",
            occurred_at=self.occurred_at,
        )  # fmt: skip


def read_invoices(path: Path, most_events: int | None) -> tuple[list[Invoice], dict[str, str]]:
    """Return the invoices of the first `most_events` events (None: all) and the products' descriptions by stock code.

    Raises ValueError naming what is wrong with the file: a missing column, a line that is no number.
    """
    rows = [row for row in _rows(path) if row["CustomerID"]]
    firsts: dict[tuple[str, str, bool], int] = {}
    for row in rows:
        firsts.setdefault((row["InvoiceNo"], row["StockCode"], int(row["Quantity"]) < 0), len(firsts) + 1)
    if most_events is not None:
        firsts = {key: seq for key, seq in firsts.items() if seq <= most_events}
    invoices: dict[tuple[str, bool], Invoice] = {}
    products: dict[str, str] = {}
    quantities: dict[tuple[str, str, bool], int] = {}
    for row in rows:
        quantity = int(row["Quantity"])
        key = (row["InvoiceNo"], row["StockCode"], quantity < 0)
        if key not in firsts:
            continue
        invoice = invoices.get((row["InvoiceNo"], quantity < 0)) or _begun(row, is_return=quantity < 0)
        invoices.setdefault((invoice.number, invoice.is_return), invoice)
        amount = minor_from_text(row["UnitPrice"], field="UnitPrice", exponent=4) * abs(quantity)
        invoice.lines.append(SoldLine(row["StockCode"], abs(quantity), (amount + 50) // 100))
        quantities[key] = quantities.get(key, 0) + quantity
        products.setdefault(row["StockCode"], row["Description"].strip() or row["StockCode"])
    for (number, code, is_return), seq in firsts.items():
        invoice = invoices[number, is_return]
        invoice.events.append(Event(seq, number, invoice.customer, code, quantities[number, code, is_return]))
    return list(invoices.values()), products


def _begun(row: dict[str, str], *, is_return: bool) -> Invoice:
    occurred_at = datetime.strptime(row["InvoiceDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return Invoice(row["InvoiceNo"], row["CustomerID"], occurred_at, is_return, [], [])


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with _opened(path) as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ValueError(f"{path.name} lacks the column {missing[0]}")
        for row in reader:
            try:
                int(row["Quantity"])
            except (TypeError, ValueError):
                raise ValueError(
                    f"{path.name}, line {reader.line_num}: the quantity is no whole number"
                ) from None
            yield row
