"""The edge of every room's API: who asks, once only, in one transaction, with a trail, and how no is said.

Sources: spec/README.md, rules 1, 2 and 6; RFC 9457.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from tessera.kit import clock, trail
from tessera.kit.actors import Actor
from tessera.kit.errors import DatabaseAway, NotFound, RequestInvalid, ScopeMissing
from tessera.kit.language import preferred_language
from tessera.kit.refusals import Refusal
from tessera.kit.requests import checked_request_id, digest_of, find_answer, keep_answer
from tessera.kit.retry import is_passing_fault

__all__ = [
    "Done",
    "KnownRequest",
    "answer",
    "answer_refusal",
    "answer_write",
    "is_connection_loss",
    "is_operator",
    "language_of",
    "problem_bytes",
    "refusal_of_faults",
    "repeated",
    "require",
]

T = TypeVar("T")
_ATTEMPTS = 5
_LONGEST_PAUSE_MS = 20
_JSON = "application/json"
_PROBLEM = "application/problem+json"


class KnownRequest(HttpRequest):
    """A request whose sender is known: what the API's authentication hands to every endpoint."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Done:
    """What a write did: the body of the answer, and the object that its audit line names.

    The answer is kept for ever under the request id, so `body` must hold no personal data. Where it holds a secret,
    `kept` is what a repeat is answered with instead.
    """

    body: BaseModel
    object_id: UUID | str
    status: int = 201
    kept: BaseModel | None = None
    merchant_id: UUID | None = None
    details: Mapping[str, Any] | None = None


def is_operator(actor: Actor) -> bool:
    """Return whether `actor` runs the platform."""
    return actor.merchant_id is None and "operator" in actor.scopes


def require(request: KnownRequest, scope: str, *, merchant_id: UUID | None = None) -> Actor:
    """Return the request's actor if he holds `scope` (an operator holds all) and may see the merchant.

    Refuses `scope_missing`, and `not_found` for another merchant than the key's own.
    """
    actor = request.actor
    if scope not in actor.scopes and not is_operator(actor):
        raise ScopeMissing(needed=scope)
    if merchant_id is not None and actor.merchant_id not in (None, merchant_id):
        raise NotFound
    return actor


def language_of(request: HttpRequest) -> str:
    """Return the language in which to answer: "zh-Hans" or "en"."""
    return preferred_language(request.headers.get("Accept-Language"))


def answer(body: BaseModel, *, status: int = 200) -> HttpResponse:
    """Return `body` as JSON."""
    return HttpResponse(body.model_dump_json(), status=status, content_type=_JSON)


def problem_bytes(refusal: Refusal, language: str) -> bytes:
    """Return the problem document of `refusal` as bytes (the hot lane answers with the same)."""
    return json.dumps(refusal.problem(language), ensure_ascii=False, default=str).encode()


def refusal_of_faults(faults: Iterable[Mapping[str, Any]]) -> RequestInvalid:
    """Return what pydantic found wrong as `request_invalid`: the fields' paths and why, never what was sent."""
    fields = [
        {"path": ".".join(str(step) for step in fault["loc"]), "kind": fault["type"], "message": fault["msg"]}
        for fault in faults
    ]
    return RequestInvalid(reason=", ".join(field["path"] for field in fields) or "?", fields=fields)


def answer_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return `refusal` as application/problem+json in the reader's language."""
    language = language_of(request)
    response = HttpResponse(problem_bytes(refusal, language), status=refusal.status, content_type=_PROBLEM)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    if "retry_after_s" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after_s"])
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def answer_write(
    request: KnownRequest,
    act: Callable[[Actor, datetime], Done],
    *,
    verb: str,
    kind: str,
    scope: str,
    merchant_id: UUID | None = None,
    object_id: UUID | str = "",
) -> HttpResponse:
    """Let `act` happen once under the request's Idempotency-Key, in one transaction with its answer and audit line.

    `verb` and `kind` name the deed in the audit trail ("open_store", "store"); `scope` must be held, `merchant_id`
    be the key's own, `object_id` is what the deed is about as far as the address tells. The first answer is given
    again, byte for byte, for the same id with the same body, then with the header `Idempotent-Replayed: true`.
    Refuses `request_id_missing`, `id_reused`, `scope_missing`, `not_found`, `database_away` and what `act` refuses;
    a refusal leaves nothing but an audit line.
    """
    now = clock.now()
    try:
        actor = require(request, scope, merchant_id=merchant_id)
        request_id = checked_request_id(request.headers.get("Idempotency-Key"))
        digest = digest_of((request.method or "").encode(), request.path.encode(), request.body)

        def attempt() -> HttpResponse:
            try:
                return _attempt(
                    act, actor, request_id, digest, verb=verb, kind=kind, merchant_id=merchant_id, now=now
                )
            except Refusal:
                # what refuses us may be the deed of a racer with our very id, which came between look and act
                first = _first_answer(actor, request_id, digest)
                if first is None:
                    raise
                return first

        return repeated(attempt)
    except Refusal as refusal:
        with transaction.atomic():
            trail.note(
                actor=request.actor,
                verb=verb,
                object_kind=kind,
                object_id=object_id,
                merchant_id=request.actor.merchant_id or merchant_id,
                outcome=refusal.code,
                now=now,
            )
        raise


def _owner(actor: Actor) -> UUID:
    if actor.id is None:
        raise ScopeMissing(needed="operator")
    return actor.id


def _first_answer(actor: Actor, request_id: str, digest: bytes) -> HttpResponse | None:
    found = find_answer(_owner(actor), request_id, digest)
    if found is None:
        return None
    status, kept = found
    response = HttpResponse(kept, status=status, content_type=_JSON)
    response["Idempotent-Replayed"] = "true"
    return response


def _attempt(
    act: Callable[[Actor, datetime], Done],
    actor: Actor,
    request_id: str,
    digest: bytes,
    *,
    verb: str,
    kind: str,
    merchant_id: UUID | None,
    now: datetime,
) -> HttpResponse:
    owner_id = _owner(actor)
    with transaction.atomic():
        first = _first_answer(actor, request_id, digest)
        if first is not None:
            return first
        done = act(actor, now)
        body = done.body.model_dump_json().encode()
        kept = done.kept.model_dump_json().encode() if done.kept else body
        keep_answer(owner_id, request_id, digest, status=done.status, answer=kept, now=now)
        trail.note(
            actor=actor,
            verb=verb,
            object_kind=kind,
            object_id=done.object_id,
            merchant_id=done.merchant_id or merchant_id,
            details=dict(done.details or {}),
            now=now,
        )
    return HttpResponse(body, status=done.status, content_type=_JSON)


def repeated(attempt: Callable[[], T]) -> T:
    """Return what `attempt` gives, tried again while racers or a passing fault undo it; refuses `database_away`."""
    for left in reversed(range(_ATTEMPTS)):
        try:
            return attempt()
        except (IntegrityError, OperationalError, InterfaceError) as error:
            if is_connection_loss(error):
                raise DatabaseAway(retry_after_s=2) from error
            # after a unique violation the action sees the racer's row and says so in its own words
            if not left or not (error.__cause__ and is_passing_fault(error.__cause__)):
                raise
            time.sleep(secrets.randbelow(_LONGEST_PAUSE_MS) / 1000)
    raise AssertionError("unreachable")


def _sqlstate(error: DatabaseError | InterfaceError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def is_connection_loss(error: Exception) -> bool:
    """Return whether `error` says that the database is gone or going, and not that a statement was wrong."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = _sqlstate(error)
    return state is None or state.startswith(("08", "57P", "53"))
