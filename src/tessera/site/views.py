"""Pages that belong to no room: the start page, language, health, and what is answered where nothing is."""

import json

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.edge import answer_refusal
from tessera.kit.errors import NotFound
from tessera.kit.live import renewed_token
from tessera.kit.pages import go, page, safe_next
from tessera.kit.reader import reader_language
from tessera.people.pages.signing import finish
from tessera.site import database
from tessera.site.demo import find_stand_in
from tessera.site.faults import answer_fault

__all__ = [
    "csp_report",
    "fault",
    "forged",
    "health",
    "language",
    "live_token",
    "not_found",
    "offline",
    "start",
    "step_in",
]

_LANGUAGES = {"zh-Hans": "zh-hans", "en": "en"}
_MOST_REPORT_BYTES = 16 * 1024
_complete = False
_log = structlog.get_logger()


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go on; members go to their wallet."""
    if request.user.is_authenticated:
        return go(request, "/wallet", status=302)
    return page(request, "site/start.html")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language that was chosen, in a cookie, and return to where the reader was."""
    chosen = _LANGUAGES.get(request.POST.get("language", ""), settings.LANGUAGE_CODE)
    response = go(request, safe_next(request, "/"))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.TESSERA_HTTPS,
    )
    return response


@require_POST
def step_in(request: HttpRequest, role: str) -> HttpResponse:
    """Sign in as one of the demo's people with one click; there is no such door outside the demo."""
    found = find_stand_in(role) if settings.TESSERA_DEMO else None
    if found is None:
        raise Http404
    person, address = found
    return finish(request, person, address, method="demo")


@require_safe
def live_token(request: HttpRequest) -> HttpResponse:
    """Give an open page a new token for its live updates; 204 when it has been signed out and need not ask again."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    response = HttpResponse(renewed_token(request, request.GET.get("old", "")), content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Note what a browser refused to load; the report's addresses are ours, the page's query is left out."""
    try:
        told = json.loads(request.body[:_MOST_REPORT_BYTES])["csp-report"]
        _log.warning(
            "content policy",
            directive=str(told.get("effective-directive", ""))[:80],
            blocked=str(told.get("blocked-uri", ""))[:200],
            page=str(told.get("document-uri", "")).split("?")[0][:200],
        )
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        pass
    return HttpResponse(status=204)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows for a page that it has not kept."""
    return page(request, "site/offline.html")


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database is reachable and up to date, else 503; for load balancers and supervisors."""
    reachable, migrated = _looked_at()
    fine = reachable and migrated
    response = JsonResponse(
        {"status": "ok" if fine else "unavailable", "database": reachable, "migrated": migrated},
        status=200 if fine else 503,
    )
    response["Cache-Control"] = "no-store"
    return response


def _looked_at() -> tuple[bool, bool]:
    global _complete  # noqa: PLW0603 - a database does not lose migrations while we run; looking costs a second
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _complete = _complete or not database.find_pending()
    except (DatabaseError, database.DatabaseError):
        return False, False
    return True, _complete


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - given by name
    """Answer where no address is: a problem document under /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return answer_refusal(request, NotFound())
    told = {"code": NotFound.code, "sentence": NotFound().message(reader_language())}
    return page(request, "site/refusal.html", told, status=404)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer a form that this site did not give out, or whose page was open while the browser signed in anew."""
    with translation.override(translation.get_language_from_request(request)):
        return page(request, "site/forged.html", status=403)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer a bug outside the API's endpoints with a reference, never with a traceback."""
    return answer_fault(request, RuntimeError("outside the API"))
