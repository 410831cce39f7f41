"""How the installation is, and which text messages left it."""

import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.kit import clock
from tessera.kit.errors import PhoneInvalid
from tessera.kit.keyed import keyed_digest
from tessera.kit.pages import go, page, signed_in
from tessera.kit.phones import normal_phone
from tessera.kit.reader import reader_language
from tessera.notices.queries import list_sms, list_sms_kinds
from tessera.people.gate import enter_platform
from tessera.site.wellbeing import examine_health

__all__ = ["health", "messages"]


@require_safe
@signed_in
def health(request: HttpRequest) -> HttpResponse:
    """Show what was looked at just now, what is wrong first."""
    enter_platform(request)
    order = {"fail": 0, "warn": 1, "ok": 2}
    findings = sorted(examine_health(clock.now()), key=lambda finding: order[finding.level])
    shown = {
        "face": "health",
        "findings": findings,
        "wrong": sum(finding.level != "ok" for finding in findings),
        "at": clock.now(),
    }
    return page(request, "site/operator/health.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def messages(request: HttpRequest) -> HttpResponse:
    """Show the text messages that left: masked, without their words; a whole number finds its own."""
    enter_platform(request)
    if request.method == "POST":
        return _found_number(request)
    return _messages(request)


def _found_number(request: HttpRequest) -> HttpResponse:
    """Go on to a number's messages by its digest: a number does not stand in an address, since addresses are logged."""
    try:
        digest = keyed_digest("phone", normal_phone(request.POST.get("phone", "")))
    except PhoneInvalid as refusal:
        return _messages(request, refused=refusal.message(reader_language()), status=refusal.status)
    return go(request, f"/operator/messages?number={digest.hex()}")


def _messages(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    kind, outcome = request.GET.get("kind", "")[:40], request.GET.get("outcome", "")[:20]
    number, cursor = request.GET.get("number", ""), request.GET.get("cursor")
    number = number if re.fullmatch("[0-9a-f]{64}", number) else ""
    digest = bytes.fromhex(number) if number else None
    found = list_sms(kind=kind, outcome=outcome, digest=digest, cursor=cursor, limit=50)
    kept = {
        name: value for name, value in (("kind", kind), ("outcome", outcome), ("number", number)) if value
    }
    outcomes = {"sent": _("Sent"), "failed": _("Failed"), "off": _("Not sent: switched off")}
    kinds = {
        "sign_in": _("Sign-in code"),
        "password": _("Password code"),
        "notice": _("Notice"),
        "join": _("Customer number code"),
    }
    looks = {"sent": "is-fits", "failed": "is-refusal", "off": ""}
    shown = {
        "face": "messages",
        "rows": [
            {
                "row": row,
                "kind": kinds.get(row.kind, row.kind),
                "outcome": outcomes.get(row.outcome, row.outcome),
                "look": looks.get(row.outcome, ""),
            }
            for row in found.items
        ],
        "kinds": [(one, kinds.get(one, one)) for one in list_sms_kinds()],
        "outcomes": outcomes.items(),
        "kind": kind,
        "outcome": outcome,
        "phone_refused": refused,
        "number": number,
        "searched": bool(kept),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(kept),
        "next_query": urlencode({**kept, "cursor": found.next_cursor or ""}),
    }
    return page(request, "site/operator/messages.html", shown, status=status)
