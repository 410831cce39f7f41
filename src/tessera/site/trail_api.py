"""The audit trail over the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import AwareDatetime, BaseModel

from tessera.kit.edge import KnownRequest, answer, require
from tessera.kit.errors import RequestInvalid
from tessera.kit.fields import Cursor, Limit, ListOut, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.kit.models import AuditLine
from tessera.kit.paging import Page, page_of, position_of

__all__ = ["router"]

router = Router(tags=["audit trail"])

_PREFIXES = {
    "person": "per",
    "merchant": "mer",
    "customer": "per",
    "store": "sto",
    "employment": "emp",
    "api_key": "key",
    "product": "prd",
    "category": "cat",
    "notice": "ntc",
}


class AuditLineOut(BaseModel):
    """Who did what; `outcome` is "done" or the code of the refusal."""

    id: str
    at: datetime
    actor: str
    merchant: str | None
    verb: str
    kind: str
    object: str
    outcome: str
    details: dict[str, Any]


def list_lines(
    *,
    merchant_id: UUID | None,
    object_id: UUID | None,
    since: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page[AuditLine]:
    """Return audit lines, newest first, narrowed by merchant, object and moment. Refuses `cursor_invalid`."""
    rows = AuditLine.objects.order_by("-id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if object_id is not None:
        rows = rows.filter(object_id=str(object_id))
    if since is not None:
        rows = rows.filter(happened_at__gte=since)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda line: line.id)


def _object(line: AuditLine) -> str:
    prefix = _PREFIXES.get(line.object_kind)
    try:
        return show_id(prefix, UUID(line.object_id)) if prefix else line.object_id
    except ValueError:
        return line.object_id


def _actor(name: str) -> str:
    kind, _, identity = name.partition(":")
    prefix = {"key": "key", "person": "per"}.get(kind)
    return show_id(prefix, UUID(identity)) if prefix and identity else name


def _shown(line: AuditLine) -> AuditLineOut:
    return AuditLineOut(
        id=show_id("aud", line.id),
        at=line.happened_at,
        actor=_actor(line.actor),
        merchant=show_id("mer", line.merchant_id) if line.merchant_id else None,
        verb=line.verb,
        kind=line.object_kind,
        object=_object(line),
        outcome=line.outcome,
        details=line.details,
    )


def _any_id(text: str) -> UUID:
    prefix = text.partition("_")[0]
    if not prefix.isalpha():
        raise RequestInvalid(reason="object", fields=[])
    return parse_id(prefix, text)


@router.get("/audit-trail", response=ListOut[AuditLineOut], summary="Read the audit trail")
def list_audit_lines(
    request: KnownRequest,
    merchant: Shown | None = None,
    object: Shown | None = None,  # noqa: A002 - the parameter's name over HTTP
    since: AwareDatetime | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Newest first. A merchant's key reads its own merchant's lines. Needs the scope `merchants:read`."""
    merchant_id = parse_id("mer", merchant) if merchant else None
    actor = require(request, "merchants:read", merchant_id=merchant_id)
    page = list_lines(
        merchant_id=merchant_id or actor.merchant_id,
        object_id=_any_id(object) if object else None,
        since=since,
        cursor=cursor,
        limit=limit,
    )
    items = [_shown(line) for line in page.items]
    return answer(ListOut[AuditLineOut](items=items, next_cursor=page.next_cursor))
