"""Every way an endpoint can end that is not its answer: refusals, faults of the sender, bugs of ours (RFC 9457)."""

import json
import logging
import traceback

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tessera.kit.edge import answer_refusal, is_connection_loss, language_of, refusal_of_faults
from tessera.kit.errors import DatabaseAway, NotFound, RequestInvalid, TooLarge, Unauthenticated
from tessera.kit.ids import new_id, show_id
from tessera.kit.refusals import Refusal

__all__ = ["answer_fault", "install"]

_log = logging.getLogger("tessera.fault")

_SENTENCE = {
    "en": "This is a fault of ours. Tell the operator the reference {reference}.",
    "zh-Hans": "系统出现故障，请将编号 {reference} 告知运营方。",
}


def install(api: NinjaAPI) -> None:
    """Let `api` answer with problem documents, whatever happens."""
    api.add_exception_handler(Refusal, _answer_refusal)
    api.add_exception_handler(ValidationError, _answer_invalid)
    api.add_exception_handler(
        AuthenticationError, lambda request, _: answer_refusal(request, Unauthenticated())
    )
    api.add_exception_handler(HttpError, _answer_unreadable)
    api.add_exception_handler(Http404, lambda request, _: answer_refusal(request, NotFound()))
    api.add_exception_handler(RequestDataTooBig, _answer_too_big)
    api.add_exception_handler(Exception, _answer_any)


# ninja types a handler's second argument as error or class of error; it passes errors
def _answer_refusal(request: HttpRequest, refusal: Refusal | type[Refusal]) -> HttpResponse:
    return answer_refusal(request, refusal if isinstance(refusal, Refusal) else refusal())


def _answer_any(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return answer_fault(request, error if isinstance(error, Exception) else error())


def _answer_invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    # ninja names the body as its own parameter ("body", "body", "phone"); the sender knows only one body
    def path(steps: tuple[object, ...]) -> tuple[object, ...]:
        return steps[:1] + steps[2:] if steps[:2] == ("body", "body") else steps

    faults = [{**fault, "loc": path(tuple(fault["loc"]))} for fault in getattr(error, "errors", [])]
    return answer_refusal(request, refusal_of_faults(faults))


def _answer_unreadable(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    if isinstance(error.__cause__, RequestDataTooBig):
        return _answer_too_big(request, RequestDataTooBig)
    return answer_refusal(request, RequestInvalid(reason="body", fields=[]))


def _answer_too_big(
    request: HttpRequest,
    _: RequestDataTooBig | type[RequestDataTooBig],
) -> HttpResponse:
    return answer_refusal(request, TooLarge(most=8, what="MiB"))


def answer_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return 500 with a reference under which the log tells where it happened, or 503 when the database is gone.

    The log names the kind of error and the places in the code, not the error's text, which may hold personal data.
    """
    if isinstance(error, (OperationalError, InterfaceError)) and is_connection_loss(error):
        return answer_refusal(request, DatabaseAway(retry_after_s=2))
    reference = show_id("flt", new_id())
    places = [
        f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)
    ]
    state = getattr(error.__cause__, "sqlstate", None)
    _log.error(
        "fault %s: %s sqlstate=%s at %s",
        reference,
        type(error).__qualname__,
        state,
        " < ".join(reversed(places)),
    )
    language = language_of(request)
    problem = {
        "type": "urn:tessera:fault",
        "title": "fault",
        "status": 500,
        "code": "fault",
        "detail": _SENTENCE[language].format(reference=reference),
        "details": {"reference": reference},
    }
    body = json.dumps(problem, ensure_ascii=False)
    return HttpResponse(body, status=500, content_type="application/problem+json")
