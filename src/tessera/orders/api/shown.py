"""Purchases, returns and receipts as the API shows them; identities are shown ids, never phone numbers."""

from datetime import datetime

from pydantic import BaseModel, Field

from tessera.kit.ids import show_id
from tessera.orders.explain import Explanation, LotState, Reason, TakenBack, sentence_of, total_of
from tessera.orders.models import Import, Purchase, Return
from tessera.orders.queries import BoughtLine, ReturnedPart, ReturnRow

__all__ = [
    "ImportShown",
    "PurchaseShown",
    "ReceiptShown",
    "ReturnDetail",
    "ReturnShown",
    "shown_detail",
    "shown_import",
    "shown_purchase",
    "shown_receipt",
    "shown_return",
]


class PurchaseShown(BaseModel):
    """A purchase; `points_returned` of its `points` were taken back since."""

    id: str
    merchant: str
    member: str
    store: str | None
    receipt_number: str
    occurred_at: datetime
    recorded_at: datetime
    currency: str
    amount_minor: int
    points: int
    points_returned: int
    transfer: str | None
    rules_revision: int
    source: str


class ReceiptLine(BaseModel):
    """A line of the receipt; `points` are its share of the base points."""

    line_no: int
    sku: str
    name: str
    quantity: int
    returned_quantity: int
    amount_minor: int
    points: int


class ReceiptReason(BaseModel):
    """A rule that took effect, with the version in force then and the arithmetic in a sentence.

    `points` are a base rule's, or (negative) what a cap cut; a multiplier has `num`/`den`. `lines` are line numbers.
    """

    rule: str
    name: str
    version: int
    kind: str
    points: int
    num: int
    den: int
    lines: list[int]
    sentence: str


class ReceiptLot(BaseModel):
    """Points of this purchase as they stand now; `state`: unclaimed, pending, active, expired or gone."""

    amount: int
    remaining: int
    state: str
    active_from: datetime | None
    expires_at: datetime | None


class ReceiptReturn(BaseModel):
    """A return that took points back; `owed` of them had been spent and are taken from later points first."""

    id: str
    receipt_number: str
    occurred_at: datetime
    quantity: int
    points: int
    owed: int


class ReceiptShown(BaseModel):
    """A receipt with the why of every point. `agrees`: the arithmetic done again gives the same points."""

    purchase: PurchaseShown
    lines: list[ReceiptLine]
    reasons: list[ReceiptReason]
    base_points: int
    sentence: str = Field(description="Base points, multipliers, rounding and caps in one sentence.")
    points: int
    points_kept: int
    owed: int
    programme_version: int
    pending_days: int
    lots: list[ReceiptLot]
    returns: list[ReceiptReturn]
    agrees: bool


class ReturnShown(BaseModel):
    """A return; `points` were taken back."""

    id: str
    merchant: str
    member: str
    receipt_number: str
    occurred_at: datetime
    recorded_at: datetime
    points: int
    source: str


class ReturnedLineShown(BaseModel):
    """A line of a return; `unmatched_quantity` was never bought here and takes nothing back."""

    line_no: int
    sku: str
    name: str
    quantity: int
    unmatched_quantity: int
    points: int


class MatchShown(BaseModel):
    """To which line of which purchase returned pieces belong; the points of one purchase stand at its first part."""

    line_no: int
    purchase: str
    purchase_line_no: int
    quantity: int
    points: int


class ReturnDetail(ReturnShown):
    """A return with its lines and matches."""

    lines: list[ReturnedLineShown]
    matches: list[MatchShown]


class ImportShown(BaseModel):
    """A file of purchases on its way in; `done` of its receipts are done."""

    id: str
    merchant: str
    file_name: str
    file_sha256: str
    done: int
    counts: dict[str, int]
    begun_at: datetime
    moved_at: datetime
    finished_at: datetime | None


def shown_purchase(row: Purchase) -> PurchaseShown:
    """Return the purchase as the API shows it."""
    return PurchaseShown(
        id=show_id("pur", row.id),
        merchant=show_id("mer", row.merchant_id),
        member=show_id("per", row.member_id),
        store=show_id("sto", row.store_id) if row.store_id else None,
        receipt_number=row.receipt_number,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        currency=row.currency,
        amount_minor=row.amount_minor,
        points=row.points,
        points_returned=row.points_returned,
        transfer=show_id("txn", row.transfer_id) if row.transfer_id else None,
        rules_revision=row.rules_revision,
        source=row.source,
    )


def shown_receipt(why: Explanation, language: str) -> ReceiptShown:
    """Return the receipt with its why; sentences in `language` ("zh-Hans" or "en")."""
    row = why.purchase
    return ReceiptShown(
        purchase=shown_purchase(row),
        lines=[_line(line) for line in why.lines],
        reasons=[_reason(one, why, language) for one in why.reasons],
        base_points=why.base_points,
        sentence=total_of(why, language),
        points=row.points,
        points_kept=row.points - row.points_returned,
        owed=why.owed,
        programme_version=why.programme.version,
        pending_days=why.programme.pending_days,
        lots=[_lot(lot) for lot in why.lots],
        returns=[_taken_back(one) for one in why.returns],
        agrees=why.agrees,
    )


def _line(line: BoughtLine) -> ReceiptLine:
    return ReceiptLine(
        line_no=line.line_no,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        returned_quantity=line.returned_quantity,
        amount_minor=line.amount_minor,
        points=line.points,
    )


def _reason(reason: Reason, why: Explanation, language: str) -> ReceiptReason:
    fired = reason.fired
    return ReceiptReason(
        rule=show_id("rul", fired.rule_id),
        name=reason.rule,
        version=fired.version,
        kind=fired.kind,
        points=fired.points,
        num=fired.num,
        den=fired.den,
        lines=[why.lines[place].line_no for place in fired.lines],
        sentence=sentence_of(reason, language),
    )


def _lot(lot: LotState) -> ReceiptLot:
    return ReceiptLot(
        amount=lot.amount,
        remaining=lot.remaining,
        state=lot.state,
        active_from=lot.active_from,
        expires_at=lot.expires_at,
    )


def _taken_back(one: TakenBack) -> ReceiptReturn:
    return ReceiptReturn(
        id=show_id("rtn", one.back.id),
        receipt_number=one.back.receipt_number,
        occurred_at=one.back.occurred_at,
        quantity=one.quantity,
        points=one.points,
        owed=one.owed,
    )


def shown_return(row: Return) -> ReturnShown:
    """Return a return as the API shows it."""
    return ReturnShown(
        id=show_id("rtn", row.id),
        merchant=show_id("mer", row.merchant_id),
        member=show_id("per", row.member_id),
        receipt_number=row.receipt_number,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        points=row.points,
        source=row.source,
    )


def shown_detail(found: ReturnRow) -> ReturnDetail:
    """Return a return with its lines and matches as the API shows it."""
    return ReturnDetail(
        **shown_return(found.back).model_dump(),
        lines=[
            ReturnedLineShown(
                line_no=line.line_no,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unmatched_quantity=line.unmatched_quantity,
                points=line.points,
            )
            for line in found.lines
        ],
        matches=[_match(one) for one in found.matches],
    )


def _match(one: ReturnedPart) -> MatchShown:
    assert one.purchase_id is not None, "a match names a purchase"
    assert one.purchase_line_no is not None, "a match names a line"
    return MatchShown(
        line_no=one.line_no,
        purchase=show_id("pur", one.purchase_id),
        purchase_line_no=one.purchase_line_no,
        quantity=one.quantity,
        points=one.points,
    )


def shown_import(row: Import) -> ImportShown:
    """Return an import as the API shows it."""
    return ImportShown(
        id=show_id("imp", row.id),
        merchant=show_id("mer", row.merchant_id),
        file_name=row.file_name,
        file_sha256=bytes(row.file_sha256).hex(),
        done=row.next_place,
        counts=row.counts,
        begun_at=row.begun_at,
        moved_at=row.moved_at,
        finished_at=row.finished_at,
    )
