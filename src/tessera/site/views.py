"""Pages that belong to no room: the start page, health, and what is answered where nothing is."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tessera.kit.edge import answer_refusal, language_of
from tessera.kit.errors import NotFound
from tessera.site import database
from tessera.site.faults import answer_fault

__all__ = ["fault", "health", "not_found", "start"]

_complete = False


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go on, in both languages."""
    language = language_of(request)
    response = render(
        request, "site/start.html", {"operator": settings.TESSERA_OPERATOR_NAME, "language": language}
    )
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response["Vary"] = "Accept-Language"
    return response


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
    """Answer where no address is: a problem document under /api/, one sentence elsewhere."""
    if request.path.startswith("/api/"):
        return answer_refusal(request, NotFound())
    sentence = NotFound().message(language_of(request))
    return HttpResponse(sentence, status=404, content_type="text/plain; charset=utf-8")


def fault(request: HttpRequest) -> HttpResponse:
    """Answer a bug outside the API's endpoints with a reference, never with a traceback."""
    return answer_fault(request, RuntimeError("outside the API"))
