"""What every page's answer gets: a strict content policy, and a page for every refusal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tessera.kit.edge import answer_refusal
from tessera.kit.errors import RequestInvalid
from tessera.kit.pages import is_partial, page
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["POLICY", "SCANNER_POLICY", "ContentPolicy", "RefusalPages"]

Next = Callable[[HttpRequest], HttpResponse]

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "media-src": "'self' blob:",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp-reports",
}


def _written(sources: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in sources.items())


POLICY = _written(_SOURCES)
SCANNER_POLICY = _written({**_SOURCES, "script-src": "'self' 'wasm-unsafe-eval'"})
"""Pages with a scanner run WebAssembly; a view asks for this with `request.scans = True`."""


class ContentPolicy:
    """Sets the content security policy where a view has not set one of its own."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and complete the answer."""
        response = self._next(request)
        if not request.path.startswith("/api/"):
            scans = getattr(request, "scans", False)
            response.setdefault("Content-Security-Policy", SCANNER_POLICY if scans else POLICY)
            response.setdefault(
                "Permissions-Policy",
                f"camera=({'self' if scans else ''}), geolocation=(self), microphone=(), payment=(), usb=()",
            )
        return response


class RefusalPages:
    """Answers a refusal that a page did not catch: a page of its own, or a banner where a part was asked for."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, unless its body could not be taken in (site.bodies)."""
        refused = request.META.get("asgi.scope", {}).get("tessera.refused")
        if isinstance(refused, Refusal):
            answer = self.process_exception(request, refused)
            assert answer is not None, "a refusal is answered"
            return answer
        return self._next(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _given: object, _named: object
    ) -> HttpResponse | None:
        """Refuse a form or an address that holds U+0000: no keyboard writes it and PostgreSQL keeps no text with it."""
        if getattr(view, "csrf_exempt", False):  # the API and browsers' reports look for themselves
            return None
        sent = [*request.GET.lists(), *request.POST.lists()]
        if any("\0" in text for name, values in sent for text in (name, *values)):
            return self.process_exception(request, RequestInvalid(reason="U+0000"))
        return None

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Return the refusal's page; bugs go on to the server's own answer."""
        if not isinstance(fault, Refusal):
            return None
        if request.path.startswith("/api/"):
            return answer_refusal(request, fault)
        told = {"code": fault.code, "sentence": fault.message(reader_language()), "status": fault.status}
        template = "site/parts/refusal.html" if is_partial(request) else "site/refusal.html"
        return page(request, template, told, status=fault.status)
