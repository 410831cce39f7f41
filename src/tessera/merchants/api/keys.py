"""API keys of a merchant."""

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.errors import NotFound
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name
from tessera.kit.ids import parse_id, show_id
from tessera.merchants import queries
from tessera.merchants.actions import keys as actions
from tessera.merchants.models import ApiKey
from tessera.merchants.rules import MERCHANT_SCOPES

__all__ = ["router"]

router = Router(tags=["API keys"])


class KeyIn(Body):
    """A key to issue."""

    label: Name
    scopes: list[Name] = Field(min_length=1, max_length=20)


class KeyOut(BaseModel):
    """An API key without its secret; `shown_prefix` is how the secret begins."""

    id: str
    label: str
    shown_prefix: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None


class KeyIssued(KeyOut):
    """A new key with its secret, in the first answer only: a repeat of the request is answered with null."""

    secret: str | None


def _shown(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=show_id("key", key.id),
        label=key.label,
        shown_prefix=key.shown_prefix,
        scopes=key.scopes,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
        last_used_on=key.last_used_on,
    )


@router.post("/merchants/{merchant}/api-keys", response={201: KeyIssued}, summary="Issue an API key")
def create_key(request: KnownRequest, merchant: str, body: KeyIn) -> HttpResponse:
    """The secret is shown in the first answer only and kept nowhere.

    Needs the scope `merchants:write` and every scope that the new key is to have.
    """
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        for scope in body.scopes:
            if scope in MERCHANT_SCOPES:
                require(request, scope)
        key, secret = actions.issue_key(
            merchant_id=merchant_id, label=body.label, scopes=body.scopes, now=now, actor=actor
        )
        shown = _shown(key).model_dump()
        return Done(
            body=KeyIssued(**shown, secret=secret),
            kept=KeyIssued(**shown, secret=None),
            object_id=key.id,
            details={"scopes": key.scopes},
        )

    return answer_write(
        request, act, verb="issue_key", kind="api_key", scope="merchants:write", merchant_id=merchant_id
    )


@router.get("/merchants/{merchant}/api-keys", response=ListOut[KeyOut], summary="List a merchant's API keys")
def list_keys(
    request: KnownRequest, merchant: str, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """Revoked ones too. Needs the scope `merchants:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "merchants:read", merchant_id=merchant_id)
    page = queries.list_api_keys(merchant_id, cursor=cursor, limit=limit)
    return answer(ListOut[KeyOut](items=[_shown(key) for key in page.items], next_cursor=page.next_cursor))


@router.post("/api-keys/{key}/revocation", response={201: KeyOut}, summary="Revoke an API key")
def create_revocation(request: KnownRequest, key: str) -> HttpResponse:
    """Takes effect within seconds everywhere. Needs the scope `merchants:write`."""
    key_id = parse_id("key", key)

    def act(actor: Actor, now: datetime) -> Done:
        known = queries.get_api_key(key_id)
        if actor.merchant_id not in (None, known.merchant_id):
            raise NotFound
        revoked = actions.revoke_key(key_id=key_id, now=now, actor=actor)
        return Done(body=_shown(revoked), object_id=key_id, merchant_id=revoked.merchant_id)

    return answer_write(
        request, act, verb="revoke_key", kind="api_key", scope="merchants:write", object_id=key_id
    )
