"""The operator's merchants: who waits, what is like what, approved, declined, suspended, reinstated."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.phones import masked_phone
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.approvals import decline_merchant, reapply_merchant
from tessera.merchants.actions.merchants import approve_merchant, reinstate_merchant, suspend_merchant
from tessera.merchants.comparison import (
    MOST_NAMES,
    Applicant,
    Likeness,
    compare_merchant,
    count_waiting,
    get_applicant,
    get_standing,
    list_by_standing,
)
from tessera.merchants.gate import enter_merchant
from tessera.merchants.likeness import name_key
from tessera.merchants.rules import credit_code_fault
from tessera.people.gate import enter_platform

__all__ = [
    "application",
    "approval",
    "declination",
    "merchant",
    "merchants",
    "reapplication",
    "reinstatement",
    "suspension",
]

STATUSES = {
    "waiting": _("Waiting"),
    "active": _("Active"),
    "suspended": _("Suspended"),
    "declined": _("Declined"),
}
REASONS = {
    "same_name": _("Same name"),
    "similar_name": _("Similar name"),
    "same_phone": _("Same phone number"),
    "same_place": _("Same place"),
    "same_owner": _("Same owner"),
}
_BADGES = {"waiting": "is-warn", "active": "is-fits", "suspended": "is-refusal", "declined": ""}
_HERE = "/operator/merchants"


class ReasonForm(forms.Form):
    """Why the operator says no."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The owner reads this, word for word."),
        widget=forms.Textarea({"rows": 3}),
    )


def _badge(status: str) -> dict[str, Any]:
    return {"word": STATUSES[status], "look": _BADGES[status]}


@require_safe
@signed_in
def merchants(request: HttpRequest) -> HttpResponse:
    """List merchants; those that wait come first."""
    enter_platform(request)
    waiting = count_waiting()
    search = request.GET.get("q", "").strip()[:100]
    default = "waiting" if waiting and not search else "all"
    status = request.GET.get("status", default)
    cursor = request.GET.get("cursor")
    found = list_by_standing(status=status, search=search, cursor=cursor, limit=50)
    kept = {"status": status, **({"q": search} if search else {})}
    shown = {
        "face": "merchants",
        "rows": [
            {"merchant": row, "badge": _badge(standing.status), "standing": standing}
            for row, standing in found.items
        ],
        "tabs": [("waiting", STATUSES["waiting"], waiting)]
        + [(key, STATUSES[key], 0) for key in ("active", "suspended", "declined")]
        + [("all", _("All"), 0)],
        "status": status,
        "search": search,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(kept),
        "next_query": urlencode({**kept, "cursor": found.next_cursor or ""}),
    }
    return page(request, "merchants/operator/merchants.html", shown)


def _code_finding(code: str) -> dict[str, Any]:
    """Say what the credit code's form tells: right, wrong and why, or absent."""
    if not code:
        return {"look": "is-warn", "text": gettext("None given. Ask for the business licence.")}
    fault = credit_code_fault(code)
    words = {
        "": gettext("The check character fits the other 17."),
        "length": gettext("Wrong: it has %(n)s characters, not 18.") % {"n": len(code)},
        "character": gettext("Wrong: it has a character that does not occur in such codes."),
        "check": gettext("Wrong: the check character does not fit the other 17."),
    }
    return {"look": "is-refusal" if fault else "is-fits", "text": words[fault]}


def _side_by_side(mine: Applicant, other: Likeness) -> dict[str, Any]:
    """Return the rows of one comparison: what, here, there, and whether they agree ("same", "near", "other")."""
    theirs = other.applicant

    def places(one: Applicant) -> list[str]:
        return [" · ".join(part for part in store if part) for store in one.stores]

    def owners(one: Applicant) -> list[str]:
        return [
            f"{name or '—'} {masked_phone(phone) if phone else ''}".strip() for _, name, phone in one.owners
        ]

    alike = {"same_name": "same", "similar_name": "near"}
    by_name = next((alike[reason] for reason in other.reasons if reason in alike), "other")
    same_owner = "same" if "same_owner" in other.reasons else "other"
    same_place = "same" if "same_place" in other.reasons else "other"
    phones = (mine.merchant.phone, theirs.merchant.phone)
    rows: list[tuple[Any, Sequence[str], Sequence[str], str]] = [
        (_("Name"), [mine.merchant.name], [theirs.merchant.name], by_name),
        (_("Compared as"), [name_key(mine.merchant.name)], [name_key(theirs.merchant.name)], by_name),
        (_("Credit code"), [mine.merchant.code], [theirs.merchant.code], "other"),
        (_("Phone"), [phones[0]], [phones[1]], "same" if phones[0] and phones[0] == phones[1] else "other"),
        (_("Stores"), places(mine), places(theirs), same_place),
        (_("Owners"), owners(mine), owners(theirs), same_owner),
    ]
    return {
        "merchant": theirs.merchant,
        "badge": _badge(theirs.status),
        "reasons": [REASONS[reason] for reason in other.reasons],
        "rows": [
            {"what": what, "here": here, "there": there, "agrees": agrees}
            for what, here, there, agrees in rows
        ],
    }


@require_safe
@signed_in
def merchant(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show one merchant side by side with those that may be the same. Refuses `not_found`."""
    enter_platform(request)
    return _one(request, parse_id("mer", merchant))


def _one(
    request: HttpRequest, merchant_id: UUID, *, form: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    mine = get_applicant(merchant_id)
    alike, whole = compare_merchant(merchant_id)
    standing = get_standing(merchant_id)
    shown = {
        "face": "merchants",
        "mine": mine,
        "standing": standing,
        "badge": _badge(standing.status),
        "code_finding": _code_finding(mine.merchant.code),
        "alike": [_side_by_side(mine, one) for one in alike],
        "whole": whole,
        "most_names": MOST_NAMES,
        "form": form or ReasonForm(),
    }
    return page(request, "merchants/operator/merchant.html", shown, status=status)


def _decide(
    request: HttpRequest,
    merchant: str,
    verb: str,
    decide: Callable[..., object],
    say: str,
    *,
    reasoned: bool,
) -> HttpResponse:
    """Let the operator decide about a merchant, with a reason where one is told to the owner."""
    actor = enter_platform(request)
    merchant_id = parse_id("mer", merchant)
    form = ReasonForm(request.POST) if reasoned else None
    if form is not None and not form.is_valid():
        return _one(request, merchant_id, form=form, status=422)
    given = {"reason": form.cleaned_data["reason"]} if form else {}

    def act(actor: Actor, now: datetime) -> Did:
        decide(merchant_id=merchant_id, **given, now=now, actor=actor)
        address = f"{_HERE}/{show_id('mer', merchant_id)}"
        return Did(go=address, object_id=merchant_id, merchant_id=merchant_id, details=given, say=say)

    try:
        return do_once(request, act, actor=actor, verb=verb, kind="merchant", object_id=merchant_id)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form = form or ReasonForm({})
        form.errors.clear()
        on_form(form, refusal)
        return _one(request, merchant_id, form=form, status=refusal.status)


@require_POST
@signed_in
def approval(request: HttpRequest, merchant: str) -> HttpResponse:
    """Approve the merchant."""
    say = gettext("Approved. The owner has been told.")
    return _decide(request, merchant, "approve_merchant", approve_merchant, say, reasoned=False)


@require_POST
@signed_in
def declination(request: HttpRequest, merchant: str) -> HttpResponse:
    """Decline the application, with a reason."""
    say = gettext("Declined. The owner has been told why.")
    return _decide(request, merchant, "decline_merchant", decline_merchant, say, reasoned=True)


@require_POST
@signed_in
def suspension(request: HttpRequest, merchant: str) -> HttpResponse:
    """Suspend the merchant, with a reason."""
    say = gettext("Suspended. The owner has been told why.")
    return _decide(request, merchant, "suspend_merchant", suspend_merchant, say, reasoned=True)


@require_POST
@signed_in
def reinstatement(request: HttpRequest, merchant: str) -> HttpResponse:
    """Lift the suspension."""
    say = gettext("Reinstated. The owner has been told.")
    return _decide(request, merchant, "reinstate_merchant", reinstate_merchant, say, reasoned=False)


@require_safe
@signed_in
def application(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the merchant's staff how their application stands, and the owner how to put it forward again."""
    workplace = enter_merchant(request, merchant, need="merchants:read")
    standing = get_standing(workplace.merchant.id)
    shown = {
        "workplace": workplace,
        "face": "business",
        "standing": standing,
        "badge": _badge(standing.status),
        "is_owner": workplace.may("merchants:own"),
    }
    return page(request, "merchants/application.html", shown)


@require_POST
@signed_in
def reapplication(request: HttpRequest, merchant: str) -> HttpResponse:
    """Put a declined application before the operator again."""
    workplace = enter_merchant(request, merchant, need="merchants:own")
    merchant_id = workplace.merchant.id

    def act(actor: Actor, now: datetime) -> Did:
        reapply_merchant(merchant_id=merchant_id, now=now, actor=actor)
        said = gettext("The operator will look at it again.")
        return Did(
            go=f"{workplace.address}/application", object_id=merchant_id, merchant_id=merchant_id, say=said
        )

    return do_once(
        request, act, actor=workplace.actor, verb="reapply_merchant", kind="merchant", object_id=merchant_id
    )
