"""What a counter's form carries: who is served and what is sold. Nothing is kept on the server until it is confirmed.

The member stands in the form as a sealed word that only this cashier at this merchant can use, for two hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core import signing
from django.http import QueryDict

from tessera.kit.amounts import MAX_AMOUNT, MAX_QUANTITY, exponent_of, minor_from_text
from tessera.kit.errors import AmountInvalid
from tessera.merchants.gate import Workplace
from tessera.orders.errors import AmountNotMoney, BasketEmpty, BasketFull, MemberMissing, PiecesInvalid
from tessera.orders.rules import SoldLine

__all__ = ["MOST_TILL_LINES", "Guest", "Till", "TillLine", "money_typed", "till_of"]

MOST_TILL_LINES = 100
"""Most different products of one sale at a counter."""

_SALT = "tessera.counter.member"
_SEAL_LIFE_S = 2 * 3600


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is served: (kind, value) as `recognise` takes them; `shown_code`: he showed his member code himself."""

    kind: str
    value: str
    shown_code: bool = False

    def sealed(self, workplace: Workplace) -> str:
        """Return the word that stands for the guest in the form."""
        said = [self.kind, self.value, self.shown_code, str(workplace.actor.id), str(workplace.merchant.id)]
        return signing.dumps(said, salt=_SALT, compress=True)


@dataclass(frozen=True, slots=True)
class TillLine:
    """A product by SKU, pieces, and what was asked for them where the catalogue has no price."""

    sku: str
    quantity: int
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Till:
    """The form as it stands; `receipt_number` is the one of the shop's own till, if any was typed."""

    sealed: str = ""
    lines: Sequence[TillLine] = ()
    receipt_number: str = ""

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been entered."""
        return not self.sealed and not self.lines

    def guest(self, workplace: Workplace) -> Guest | None:
        """Return who is served, or None; refuses `member_missing` for a word that is too old or another cashier's."""
        if not self.sealed:
            return None
        try:
            said = signing.loads(self.sealed, salt=_SALT, max_age=_SEAL_LIFE_S)
            kind, value, shown_code, actor, merchant = said
        except (signing.BadSignature, TypeError, ValueError):
            raise MemberMissing from None
        if (actor, merchant) != (str(workplace.actor.id), str(workplace.merchant.id)):
            raise MemberMissing
        return Guest(kind, value, shown_code)

    def buyer(self, workplace: Workplace) -> tuple[str, str]:
        """Return the member as a purchase names him; refuses `member_missing`."""
        guest = self.guest(workplace)
        if guest is None:
            raise MemberMissing
        return guest.kind, guest.value

    def sold(self) -> tuple[SoldLine, ...]:
        """Return the lines as a purchase has them; refuses `basket_empty`."""
        if not self.lines:
            raise BasketEmpty
        return tuple(SoldLine(line.sku, line.quantity, line.amount_minor) for line in self.lines)

    def with_more(self, sku: str, pieces: int, amount_minor: int | None = None) -> "Till":
        """Return the form with `pieces` more (or fewer) of a product, and so much more for its amount.

        Refuses `basket_full` and `pieces_invalid`; the last piece gone, so is the line.
        """
        for place, line in enumerate(self.lines):
            if line.sku == sku:
                amount = line.amount_minor
                if amount_minor is not None:
                    amount = (amount or 0) + amount_minor
                changed = TillLine(sku, _pieces(line.quantity + pieces), amount)
                kept = [changed] if changed.quantity else []
                return replace(self, lines=[*self.lines[:place], *kept, *self.lines[place + 1 :]])
        if len(self.lines) >= MOST_TILL_LINES:
            raise BasketFull(most=MOST_TILL_LINES)
        if pieces <= 0:
            return self
        return replace(self, lines=[*self.lines, TillLine(sku, pieces, amount_minor)])

    def without(self, sku: str) -> "Till":
        """Return the form without a product."""
        return replace(self, lines=[line for line in self.lines if line.sku != sku])


def till_of(sent: QueryDict, *, currency: str) -> Till:
    """Return what the form says; the same product twice is one line.

    Refuses `pieces_invalid`, `amount_not_money`, `basket_full`.
    """
    till = Till(sent.get("member", ""), (), sent.get("receipt_number", "").strip()[:64])
    skus, quantities, amounts = sent.getlist("sku"), sent.getlist("quantity"), sent.getlist("amount")
    for place, sku in enumerate(skus):
        quantity = _pieces_typed(quantities[place] if place < len(quantities) else "1")
        typed = amounts[place].strip() if place < len(amounts) else ""
        amount = money_typed(typed, currency=currency) if typed else None
        till = till.with_more(sku[:64], quantity, amount)
    return till


def money_typed(text: str, *, currency: str) -> int:
    """Return an amount that a person typed, in the smallest unit; refuses `amount_not_money`."""
    plain = text.strip().replace("，", ",").replace("。", ".").replace(",", "").lstrip("¥￥$ ")
    digits = exponent_of(currency)
    try:
        minor = minor_from_text(plain, field="amount", exponent=digits)
    except AmountInvalid:
        raise AmountNotMoney(given=text[:40]) from None
    if not 0 <= minor <= MAX_AMOUNT or len(plain.partition(".")[2]) > digits:
        raise AmountNotMoney(given=text[:40])
    return minor


def _pieces_typed(text: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 7):
        raise PiecesInvalid(least=0, most=MAX_QUANTITY)
    return _pieces(int(plain))


def _pieces(quantity: int) -> int:
    if not 0 <= quantity <= MAX_QUANTITY:
        raise PiecesInvalid(least=0, most=MAX_QUANTITY)
    return quantity
