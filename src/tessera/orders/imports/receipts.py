"""Makes receipts of a file's lines: whole ones, wherever their lines stand, in the order in which they are complete.

The file is read twice: `survey` counts the lines of each receipt number, `read_parts` yields a receipt when its last
line has come. So a receipt is never sent in two pieces, and memory holds only receipts that are still open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from tessera.kit.errors import PhoneInvalid
from tessera.kit.ids import InvalidId, parse_id
from tessera.kit.phones import normal_phone
from tessera.kit.refusals import Refusal
from tessera.kit.tables import Reading, Row, read_rows
from tessera.orders.errors import FieldMissing, LineUnreadable, ReceiptMixed, ReceiptTooLong
from tessera.orders.imports.columns import Columns
from tessera.orders.imports.fields import amount_from, moment_from, quantity_from, text_from
from tessera.orders.rules import MOST_LINES, RecordPurchase, RecordReturn, SoldLine

__all__ = ["Fault", "Part", "Plan", "Survey", "read_parts", "survey"]

_RETURN_SUFFIX = "-R"
"""Behind the number of a receipt that also sells: its returned lines are a return of their own."""

_MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line has no effect."""

    line_no: int
    receipt_number: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file's lines become commands: whose they are, where things stand, and how cells are read."""

    path: Path
    reading: Reading
    columns: Columns
    merchant_id: UUID
    zone: ZoneInfo
    exponent: int
    region: str
    actor: str
    date_forms: tuple[str, ...] = ()


@dataclass(slots=True)
class Survey:
    """What the first reading found: lines in all, lines of each receipt number, products with their names."""

    lines: int = 0
    of_receipt: dict[str, int] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """One receipt of the file, or a line that belongs to none: what to record, what is wrong, how many lines it was.

    `places` tell, for each command, the file's line of each of its lines.
    """

    lines: int
    commands: list[RecordPurchase | RecordReturn] = field(default_factory=list)
    places: list[list[int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    nameless: bool = False


@dataclass(slots=True)
class _Open:
    """A receipt whose lines are being gathered."""

    number: str
    rows: list[Row] = field(default_factory=list)


def _key(row: Row, columns: Columns) -> str:
    if row.fields is None or len(row.fields) <= columns.places["receipt"]:
        return ""
    return row.fields[columns.places["receipt"]].strip()


def survey(plan: Plan) -> Survey:
    """Read the file once and count. Refuses `file_not_text` and `line_unreadable`."""
    found = Survey()
    rows = read_rows(plan.path, plan.reading)
    next(rows, None)
    product, name = plan.columns.places["product"], plan.columns.places.get("description")
    for row in rows:
        found.lines += 1
        key = _key(row, plan.columns)
        if key:
            found.of_receipt[key] = found.of_receipt.get(key, 0) + 1
        if row.fields is not None and len(row.fields) >= plan.columns.width:
            sku = row.fields[product].strip()
            if sku and not found.products.get(sku):
                found.products[sku] = row.fields[name].strip()[:_MOST_NAME] if name is not None else ""
    return found


def read_parts(plan: Plan, of_receipt: Mapping[str, int]) -> Iterator[Part]:
    """Yield the file's receipts, each when its last line has come; the same parts in the same order every time."""
    waiting: dict[str, _Open] = {}
    rows = read_rows(plan.path, plan.reading)
    next(rows, None)
    for row in rows:
        key = _key(row, plan.columns)
        if not key:
            wrong: Refusal = FieldMissing(column=plan.columns.names["receipt"])
            yield Part(1, faults=[Fault(row.line_no, "", LineUnreadable() if row.fields is None else wrong)])
            continue
        receipt = waiting.setdefault(key, _Open(key))
        receipt.rows.append(row)
        if len(receipt.rows) == of_receipt.get(key, 0):
            yield _part(plan, waiting.pop(key))


@dataclass(slots=True)
class _Line:
    """One line of a receipt, read."""

    line_no: int
    sku: str
    quantity: int
    amount_minor: int | None


@dataclass(slots=True)
class _Head:
    """What all lines of a receipt agree on."""

    number: str
    member: tuple[str, str] | None = None
    store: str | None = None
    occurred_at: datetime | None = None


class _Cells:
    """One row's cells by role; a cell that the file does not have is empty."""

    def __init__(self, plan: Plan, row: Row) -> None:
        if row.fields is None or len(row.fields) < plan.columns.width:
            raise LineUnreadable
        self._fields, self._columns = row.fields, plan.columns

    def __getitem__(self, role: str) -> str:
        place = self._columns.places.get(role)
        return "" if place is None else self._fields[place].strip()

    def column(self, role: str) -> str:
        return self._columns.names[role]

    def text(self, role: str) -> str:
        return text_from(self[role], column=self.column(role)) if role in self._columns.places else ""


def _part(plan: Plan, receipt: _Open) -> Part:
    part = Part(len(receipt.rows))
    if len(receipt.rows) > MOST_LINES:
        wrong = ReceiptTooLong(receipt_number=receipt.number[:64], lines=len(receipt.rows), most=MOST_LINES)
        part.faults.append(Fault(receipt.rows[0].line_no, receipt.number[:64], wrong))
        return part
    cells = [(row, _readable(plan, row)) for row in receipt.rows]
    if not any(one is not None and _named(one) for _, one in cells):
        part.nameless = True
        return part
    head, lines = _Head(receipt.number), []
    for row, one in cells:
        try:
            if one is None:
                raise LineUnreadable
            lines.append(_line(plan, head, one, row.line_no))
        except Refusal as refusal:
            part.faults.append(Fault(row.line_no, receipt.number[:64], refusal))
    if not part.faults:
        _make_commands(plan, part, head, lines)
    return part


def _readable(plan: Plan, row: Row) -> _Cells | None:
    try:
        return _Cells(plan, row)
    except LineUnreadable:
        return None


def _named(cells: _Cells) -> bool:
    return bool(cells["person"] or cells["phone"] or cells["number"])


def _line(plan: Plan, head: _Head, cells: _Cells, line_no: int) -> _Line:
    """Read one line and see that it agrees with those before."""
    cells.text("receipt")
    _agree(head, "member", _member(plan, cells), "customer")
    _agree(head, "store", cells.text("store") or None, "store")
    moment = f"{cells['occurred_at']} {cells['time']}".strip()
    if moment and head.occurred_at is None:
        head.occurred_at = moment_from(moment, zone=plan.zone, forms=plan.date_forms)
    sku = cells.text("product")
    if not sku:
        raise FieldMissing(column=cells.column("product"))
    if not cells["quantity"]:
        raise FieldMissing(column=cells.column("quantity"))
    quantity = quantity_from(cells["quantity"], column=cells.column("quantity"))
    return _Line(line_no, sku, quantity, _amount(plan, cells, quantity) if quantity > 0 else None)


def _amount(plan: Plan, cells: _Cells, quantity: int) -> int | None:
    if cells["amount"]:
        return amount_from(cells["amount"], column=cells.column("amount"), exponent=plan.exponent)
    if cells["unit_price"]:
        column = cells.column("unit_price")
        return amount_from(cells["unit_price"], column=column, exponent=plan.exponent, times=quantity)
    return None


def _member(plan: Plan, cells: _Cells) -> tuple[str, str] | None:
    if cells["person"]:
        try:
            return "person", str(parse_id("per", cells["person"]))
        except InvalidId:
            raise InvalidId(given=cells["person"][:26], prefix="per") from None
    if cells["phone"]:
        try:
            return "phone", normal_phone(cells["phone"].removeprefix("'"), region=plan.region)
        except PhoneInvalid:
            if not cells["number"]:
                raise
    return ("number", cells.text("number")) if cells["number"] else None


def _agree(head: _Head, name: str, given: object, shown: str) -> None:
    """A value may be missing on some lines of a receipt; two different ones make it two receipts."""
    known = getattr(head, name)
    if known is None:
        setattr(head, name, given)
    elif given is not None and given != known:
        raise ReceiptMixed(receipt_number=head.number[:64], field=shown)


def _make_commands(plan: Plan, part: Part, head: _Head, lines: list[_Line]) -> None:
    assert head.member is not None, "a receipt of nobody is left out before"
    sold = [line for line in lines if line.quantity > 0]
    back = [line for line in lines if line.quantity < 0]
    if sold:
        part.commands.append(
            RecordPurchase(
                merchant_id=plan.merchant_id,
                receipt_number=head.number,
                member=head.member,
                lines=tuple(SoldLine(line.sku, line.quantity, line.amount_minor) for line in sold),
                actor=plan.actor,
                source="import",
                occurred_at=head.occurred_at,
                store=head.store,
            )
        )
        part.places.append([line.line_no for line in sold])
    if back:
        part.commands.append(
            RecordReturn(
                merchant_id=plan.merchant_id,
                receipt_number=head.number + _RETURN_SUFFIX if sold else head.number,
                lines=tuple(SoldLine(line.sku, -line.quantity) for line in back),
                actor=plan.actor,
                source="import",
                member=head.member,
                occurred_at=head.occurred_at,
            )
        )
        part.places.append([line.line_no for line in back])
