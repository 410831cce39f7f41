"""The API's assembly: every room's router under /api/v1/, one way to sign in, one document."""

from collections.abc import Callable
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

import tessera.catalog.api as catalog
import tessera.events.api as events
import tessera.insights.api as insights
import tessera.ledger.api as ledger
import tessera.merchants.api as merchants
import tessera.orders.api as orders
import tessera.people.api as people
import tessera.points.api as points
from tessera.events.terminals import TERMINAL_START, find_terminal
from tessera.kit.actors import Actor
from tessera.kit.edge import answer_refusal
from tessera.kit.errors import MethodNotAllowed
from tessera.merchants.keys import find_key
from tessera.site import faults, trail_api, wiring
from tessera.site.document import complete

__all__ = ["api"]

View = Callable[..., HttpResponse]

_DESCRIPTION = """\
REST API of Tessera 合符.

- Sign in with an API key: `Authorization: Bearer tsk_...`. A merchant's key acts for its merchant alone.
- Every write takes an `Idempotency-Key`; the same key with the same body has effect once, and is kept for ever.
- A no is `application/problem+json` with a stable `code` and a sentence in zh-Hans or en (`Accept-Language`).
- Lists are pages: send `next_cursor` as `cursor`.
- Money is in the smallest unit (`_minor`), moments (`_at`) are UTC.
"""


class ApiKeyBearer(HttpBearer):
    """Signs a machine in by its API key."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return who stands behind the secret, and let the request know; None answers `unauthenticated`."""
        actor = find_terminal(token) if token.startswith(TERMINAL_START) else find_key(token)
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]  # what makes it a KnownRequest
        return actor


class CompleteAPI(NinjaAPI):
    """ninja's API with the document completed and every no a problem document, a wrong method too."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the whole document."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return complete(document, prefix=prefix.rstrip("/"))

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _with_problem_for_method(pattern.callback)
        return patterns


def _with_problem_for_method(view: View) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        response = view(request, *args, **named)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = ", ".join(sorted(response["Allow"].split(", ")))
        refused = answer_refusal(request, MethodNotAllowed(allowed=allowed))
        refused["Allow"] = allowed
        return refused

    return answered


def _version() -> str:
    try:
        return version("tessera-o2o")
    except PackageNotFoundError:
        return "0"


wiring.wire()

api = CompleteAPI(
    title="Tessera 合符",
    version=_version(),
    description=_DESCRIPTION,
    urls_namespace="api-v1",
    auth=ApiKeyBearer(),
    docs=Swagger(settings={"validatorUrl": None, "persistAuthorization": False}),
)
faults.install(api)
api.add_router("", people.router)
api.add_router("", merchants.router)
api.add_router("", catalog.router)
api.add_router("", ledger.router)
api.add_router("", points.router)
api.add_router("", events.router)
api.add_router("", orders.router)
api.add_router("", insights.router)
api.add_router("", trail_api.router)
