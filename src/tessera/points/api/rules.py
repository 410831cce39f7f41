"""Earning rules and their versions over the API."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StrictBool, StrictInt

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.points import queries
from tessera.points.actions import rules as actions
from tessera.points.api.moments import Moment
from tessera.points.models import EarningRule, EarningRuleVersion

__all__ = ["router"]

router = Router(tags=["earning rules"])

_NAMED = {"product_ids": ("products", "prd"), "category_ids": ("categories", "cat")}
"""Inside: the terms' own name -> outside: name and prefix of what it lists."""


class TierIn(Body):
    """So many points for so many pieces."""

    quantity: StrictInt
    points: StrictInt


class TermsIn(Body):
    """What the rule says, by its kind.

    Product: `products` (none: all), `tiers`; category: `categories`, `tiers`; spend: `points` per full `per_minor`;
    multiplier: `num`, `den`, and where it applies: `levels`, `birthday`, `weekdays` (1: Monday); cap: `points` per
    member and local day.
    """

    products: list[Shown] = Field(default_factory=list)
    categories: list[Shown] = Field(default_factory=list)
    tiers: list[TierIn] = Field(default_factory=list)
    points: StrictInt = 0
    per_minor: StrictInt = 0
    num: StrictInt = 1
    den: StrictInt = 1
    levels: list[Name] = Field(default_factory=list)
    birthday: StrictBool = False
    weekdays: list[StrictInt] = Field(default_factory=list)


class VersionIn(Body):
    """A wording of a rule; without `effective_from` from now on, without `stores` in all of them."""

    terms: TermsIn
    effective_from: Moment | None = None
    effective_until: Moment | None = None
    stores: list[Shown] = Field(default_factory=list, max_length=1000)
    position: int = Field(default=0, strict=True, ge=-actions.MAX_POSITION, le=actions.MAX_POSITION)


class RuleIn(VersionIn):
    """A new rule with its first version; `kind`: product, category, spend, multiplier or cap."""

    name: Name
    kind: Name


class EndingIn(Body):
    """When the rule ends (none: now)."""

    ends_at: Moment | None = None


class VersionOut(BaseModel):
    """One version; `revision` is that of the merchant's rule book with it. An empty window ends the rule."""

    version: int
    revision: int
    terms: dict[str, Any]
    effective_from: datetime
    effective_until: datetime | None
    stores: list[str]
    position: int
    created_at: datetime


class RuleOut(BaseModel):
    """A rule with its versions, newest first."""

    id: str
    merchant: str
    name: str
    kind: str
    created_at: datetime
    ended_at: datetime | None
    versions: list[VersionOut]


def _inside(terms: TermsIn) -> dict[str, Any]:
    found = terms.model_dump(exclude_unset=True)
    for inner, (outer, prefix) in _NAMED.items():
        if outer in found:
            found[inner] = [str(parse_id(prefix, one)) for one in found.pop(outer)]
    return found


def _outside(terms: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(terms)
    for inner, (outer, prefix) in _NAMED.items():
        if inner in found:
            found[outer] = [show_id(prefix, UUID(one)) for one in found.pop(inner)]
    return found


def _version(version: EarningRuleVersion) -> VersionOut:
    return VersionOut(
        version=version.version,
        revision=version.revision,
        terms=_outside(version.terms),
        effective_from=version.effective_from,
        effective_until=version.effective_until,
        stores=[show_id("sto", store_id) for store_id in version.store_ids],
        position=version.position,
        created_at=version.created_at,
    )


def _rule(rule: EarningRule, versions: Sequence[EarningRuleVersion]) -> RuleOut:
    return RuleOut(
        id=show_id("rul", rule.id),
        merchant=show_id("mer", rule.merchant_id),
        name=rule.name,
        kind=rule.kind,
        created_at=rule.created_at,
        ended_at=rule.ended_at,
        versions=[_version(version) for version in versions],
    )


def _wording(body: VersionIn) -> dict[str, Any]:
    return {
        "terms": _inside(body.terms),
        "effective_from": body.effective_from,
        "effective_until": body.effective_until,
        "store_ids": [parse_id("sto", store) for store in body.stores],
        "position": body.position,
    }


@router.post(
    "/merchants/{merchant}/earning-rules", response={201: RuleOut}, summary="Publish an earning rule"
)
def create_rule(request: KnownRequest, merchant: str, body: RuleIn) -> HttpResponse:
    """The rule with its first version. Needs the scope `rules:write`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        version = actions.publish_rule(
            merchant_id=merchant_id, name=body.name, kind=body.kind, **_wording(body), now=now, actor=actor
        )
        return Done(body=_rule(version.rule, [version]), object_id=version.rule_id)

    return answer_write(
        request,
        act,
        verb="publish_rule",
        kind="earning_rule",
        scope="rules:write",
        merchant_id=merchant_id,
    )


@router.get(
    "/merchants/{merchant}/earning-rules",
    response=ListOut[RuleOut],
    summary="List a merchant's earning rules",
)
def list_rules(
    request: KnownRequest,
    merchant: str,
    kind: Name | None = None,
    ended: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Each with its newest versions. Needs the scope `rules:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "rules:read", merchant_id=merchant_id)
    page = queries.list_rules(merchant_id, kind=kind, ended=ended, cursor=cursor, limit=limit)
    versions = queries.list_versions([rule.id for rule in page.items])
    items = [_rule(rule, versions[rule.id]) for rule in page.items]
    return answer(ListOut[RuleOut](items=items, next_cursor=page.next_cursor))


@router.get("/earning-rules/{rule}", response=RuleOut, summary="Read an earning rule")
def read_rule(request: KnownRequest, rule: str) -> HttpResponse:
    """With its versions, newest first. Needs the scope `rules:read`."""
    actor = require(request, "rules:read")
    found = queries.get_rule(parse_id("rul", rule), merchant_id=actor.merchant_id)
    return answer(_rule(found, queries.list_versions([found.id])[found.id]))


@router.post(
    "/earning-rules/{rule}/versions",
    response={201: VersionOut},
    summary="Publish a version of an earning rule",
)
def create_version(request: KnownRequest, rule: str, body: VersionIn) -> HttpResponse:
    """From its beginning on it stands in the place of all earlier versions. Needs the scope `rules:write`."""
    rule_id = parse_id("rul", rule)

    def publish(actor: Actor, now: datetime) -> EarningRuleVersion:
        return actions.publish_version(rule_id=rule_id, **_wording(body), now=now, actor=actor)

    return _answer_version(request, publish, verb="publish_version", rule_id=rule_id)


@router.post("/earning-rules/{rule}/ending", response={201: VersionOut}, summary="End an earning rule")
def create_ending(request: KnownRequest, rule: str, body: EndingIn) -> HttpResponse:
    """For good; purchases made before keep earning by it. Needs the scope `rules:write`."""
    rule_id = parse_id("rul", rule)

    def end(actor: Actor, now: datetime) -> EarningRuleVersion:
        return actions.end_rule(rule_id=rule_id, ends_at=body.ends_at, now=now, actor=actor)

    return _answer_version(request, end, verb="end_rule", rule_id=rule_id)


def _answer_version(
    request: KnownRequest,
    write: Callable[[Actor, datetime], EarningRuleVersion],
    *,
    verb: str,
    rule_id: UUID,
) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Done:
        version = write(actor, now)
        return Done(body=_version(version), object_id=rule_id, merchant_id=version.merchant_id)

    return answer_write(request, act, verb=verb, kind="earning_rule", scope="rules:write", object_id=rule_id)
