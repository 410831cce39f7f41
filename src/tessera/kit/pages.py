"""The edge of every room's pages: who asks, forms that happen once, and how no is said to a person.

A page parses, calls ONE action or query, and renders. Sources: spec/README.md, rules 1, 2 and 6.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from tessera.kit import clock, trail
from tessera.kit.actors import Actor
from tessera.kit.edge import repeated
from tessera.kit.errors import RequestIdMissing
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.kit.requests import checked_request_id, digest_of, find_answer, keep_answer

__all__ = [
    "SIGN_IN",
    "Did",
    "do_once",
    "go",
    "is_partial",
    "on_form",
    "page",
    "person_actor",
    "safe_next",
    "signed_in",
]

SIGN_IN = "/sign-in"
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True)
class Did:
    """What a form did: where the browser goes next, the object of the audit line, and what is said on arrival."""

    go: str
    object_id: UUID | str
    merchant_id: UUID | None = None
    details: Mapping[str, Any] | None = None
    say: str = ""


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return the page; never kept by shared caches, since it may show a person's own.

    What a signed-in person sees is kept nowhere: after signing out the browser's back button does not bring it back.
    """
    response = render(request, template, dict(context or {}), status=status)
    known = getattr(request, "user", None)
    response.setdefault(
        "Cache-Control", "no-store" if known and known.is_authenticated else "private, no-cache"
    )
    return response


def is_partial(request: HttpRequest) -> bool:
    """Say whether only a part of the page is asked for (htmx)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def go(request: HttpRequest, address: str, *, status: int = 303) -> HttpResponse:
    """Send the browser to `address` on this site, by whichever way it asked."""
    response = HttpResponse(status=204 if is_partial(request) else status)
    response["HX-Redirect" if is_partial(request) else "Location"] = address
    return response


def safe_next(request: HttpRequest, default: str) -> str:
    """Return the address that `next` names if it lies on this site, else `default`."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    fine = (
        wanted.startswith("/")
        and wanted.isprintable()
        and url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
    )
    return wanted if fine else default


def signed_in(view: V) -> V:
    """Let only a signed-in person through; others go to sign in and come back."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **named)
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
        return go(request, f"{SIGN_IN}?{urlencode({'next': back})}", status=302)

    return cast("V", checked)


def person_actor(
    request: HttpRequest, *, merchant_id: UUID | None = None, scopes: frozenset[str] = frozenset()
) -> Actor:
    """Return the signed-in person as the one who acts, wearing the hat of `merchant_id` with `scopes`."""
    return Actor(kind="person", id=UUID(str(request.user.pk)), merchant_id=merchant_id, scopes=scopes)


def on_form(form: Form, refusal: Refusal, field: str | None = None) -> None:
    """Put the refusal's sentence at the form's `field`, or above all fields."""
    form.add_error(field if field in form.fields else None, refusal.message(reader_language()))


def do_once(
    request: HttpRequest,
    act: Callable[[Actor, datetime], Did],
    *,
    actor: Actor,
    verb: str,
    kind: str,
    object_id: UUID | str = "",
) -> HttpResponse:
    """Let `act` happen once under the form's `request_id`, in one transaction with its audit line; then move on.

    The form carries the id in the field that `{% request_id %}` writes. The same id with the same content moves on to
    where the first one went, without acting again. Refuses `request_id_missing`, `id_reused` and what `act` refuses; a
    refusal leaves nothing but an audit line.
    """
    now = clock.now()
    owner_id = actor.id
    assert owner_id is not None, "a form is sent by a person"
    try:
        request_id = checked_request_id(request.POST.get("request_id"))
        digest = _digest(request)

        def attempt() -> tuple[str, str]:
            with transaction.atomic():
                first = find_answer(owner_id, request_id, digest)
                if first is not None:
                    return json.loads(first[1])["go"], ""
                did = act(actor, now)
                kept = json.dumps({"go": did.go}).encode()
                keep_answer(owner_id, request_id, digest, status=303, answer=kept, now=now)
                trail.note(
                    actor=actor,
                    verb=verb,
                    object_kind=kind,
                    object_id=did.object_id,
                    merchant_id=did.merchant_id,
                    details=dict(did.details or {}),
                    now=now,
                )
            return did.go, did.say

        address, said = repeated(attempt)
    except Refusal as refusal:
        if not isinstance(refusal, RequestIdMissing):
            with transaction.atomic():
                trail.note(
                    actor=actor,
                    verb=verb,
                    object_kind=kind,
                    object_id=object_id,
                    outcome=refusal.code,
                    now=now,
                )
        raise
    if said:
        messages.success(request, said)
    return go(request, address)


def _digest(request: HttpRequest) -> bytes:
    parts = [(request.method or "").encode(), request.path.encode()]
    for name, values in sorted(request.POST.lists()):
        if name not in {"csrfmiddlewaretoken", "request_id"}:
            parts += [name.encode(), *(str(value).encode() for value in values)]
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            parts += [name.encode(), b"".join(file.chunks())]
            file.seek(0)
    return digest_of(*parts)
