"""Dry runs over the API: what would this basket earn, and what would earn more."""

from datetime import datetime
from typing import Annotated, Self

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, model_validator

from tessera.kit import clock
from tessera.kit.amounts import MAX_QUANTITY
from tessera.kit.edge import KnownRequest, answer, language_of, require
from tessera.kit.fields import Body, Minor, Name, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.points.api.moments import Moment
from tessera.points.dry_run import DryRun, TriedLine, dry_run, sentence_of
from tessera.points.rules import Fired, Missed

__all__ = ["router"]

router = Router(tags=["earning rules"])

_MOST_LINES = 2_000

Pieces = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]


class LineIn(Body):
    """Pieces of an article number, at a price per piece or an amount for all (neither: the catalog's price)."""

    sku: Name
    quantity: Pieces
    unit_price_minor: Minor | None = None
    amount_minor: Minor | None = None

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if self.unit_price_minor is not None and self.amount_minor is not None:
            raise ValueError("name a price per piece or an amount, not both")
        return self


class DryRunIn(Body):
    """A basket; without `member` for one without level, birthday or past, without `occurred_at` now."""

    lines: list[LineIn] = Field(min_length=1, max_length=_MOST_LINES)
    store: Shown | None = None
    member: Shown | None = None
    occurred_at: Moment | None = None


class LineOut(BaseModel):
    """A line with its part of the base points."""

    sku: str
    points: int


class FiredOut(BaseModel):
    """A rule that takes effect; a cap's points are what it cuts, a multiplier has num/den."""

    rule: str
    version: int
    kind: str
    points: int
    num: int
    den: int
    lines: list[int]
    sentence: str


class MissedOut(BaseModel):
    """A rule that would give more: why not, by how much it misses, and for how many more points."""

    rule: str
    version: int
    kind: str
    code: str
    quantity: int
    amount_minor: int
    points: int
    moment: datetime | None
    lines: list[int]
    sentence: str


class DryRunOut(BaseModel):
    """What the basket would earn, under which revision of the rule book, and why."""

    points: int
    base_points: int
    revision: int
    occurred_at: datetime
    lines: list[LineOut]
    fired: list[FiredOut]
    missed: list[MissedOut]


def _amount(line: LineIn) -> int | None:
    if line.unit_price_minor is not None:
        return line.quantity * line.unit_price_minor
    return line.amount_minor


def _fired(tried: DryRun, fired: Fired, language: str) -> FiredOut:
    return FiredOut(
        rule=show_id("rul", fired.rule_id),
        version=fired.version,
        kind=fired.kind,
        points=fired.points,
        num=fired.num,
        den=fired.den,
        lines=list(fired.lines),
        sentence=sentence_of(tried, fired, language),
    )


def _missed(tried: DryRun, missed: Missed, language: str) -> MissedOut:
    return MissedOut(
        rule=show_id("rul", missed.rule_id),
        version=missed.version,
        kind=missed.kind,
        code=missed.code,
        quantity=missed.quantity,
        amount_minor=missed.amount_minor,
        points=missed.points,
        moment=missed.moment,
        lines=list(missed.lines),
        sentence=sentence_of(tried, missed, language),
    )


@router.post("/merchants/{merchant}/dry-runs", response=DryRunOut, summary="Try a basket")
def create_dry_run(request: KnownRequest, merchant: str, body: DryRunIn) -> HttpResponse:
    """Writes nothing, so it takes no Idempotency-Key. Needs the scope `rules:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "rules:read", merchant_id=merchant_id)
    language = language_of(request)
    tried = dry_run(
        merchant_id=merchant_id,
        lines=[TriedLine(line.sku, line.quantity, _amount(line)) for line in body.lines],
        store_id=parse_id("sto", body.store) if body.store else None,
        member_id=parse_id("per", body.member) if body.member else None,
        occurred_at=body.occurred_at or clock.now(),
    )
    accrual = tried.accrual
    return answer(
        DryRunOut(
            points=accrual.points,
            base_points=accrual.base_points,
            revision=tried.book.revision,
            occurred_at=tried.occurred_at,
            lines=[
                LineOut(sku=sku, points=points)
                for sku, points in zip(tried.skus, accrual.line_points, strict=True)
            ],
            fired=[_fired(tried, fired, language) for fired in accrual.fired],
            missed=[_missed(tried, missed, language) for missed in accrual.missed],
        )
    )
