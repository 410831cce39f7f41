"""The OpenAPI document: what ninja knows of the endpoints, what it does not, and the hot lane's endpoints."""

import copy
from typing import Any

from ninja.openapi.schema import OpenAPISchema

from tessera.site.hot_document import hot_paths, hot_schemas
from tessera.site.hot_endpoints import HOT_ENDPOINTS

__all__ = ["HOT_PATHS", "HOT_SCHEMAS", "complete"]

HOT_PATHS: dict[str, dict[str, Any]] = hot_paths(HOT_ENDPOINTS)
"""Path below the API's prefix -> method -> operation of endpoints that the hot lane serves, from their declarations."""

HOT_SCHEMAS: dict[str, Any] = hot_schemas(HOT_ENDPOINTS)
"""Schemas to which HOT_PATHS refer."""

_REQUEST_ID = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "The request's own id, kept for ever: the same id with the same body has effect once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "Language of sentences: zh-Hans or en.",
    "schema": {"type": "string", "examples": ["zh-Hans", "en"]},
}
_PROBLEM = {
    "title": "Problem",
    "description": "A no and its reason (RFC 9457). `code` is stable, `detail` is in the reader's language.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "details"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "details": {"type": "object"},
    },
}
_REFUSED = {
    "401": "No valid API key",
    "403": "The API key lacks the scope",
    "404": "Not here, or not for this key",
    "409": "Against what is already so",
    "413": "Too much in one call",
    "422": "Could not be understood or accepted",
    "500": "A fault of ours",
    "503": "Not now; send the same again",
}
_WRITES = frozenset({"post", "put", "patch", "delete"})


def complete(document: OpenAPISchema, *, prefix: str) -> OpenAPISchema:
    """Add to ninja's document the headers and problems common to all endpoints, and the hot lane's endpoints.

    `prefix` is that of the document's paths ("/api/v1").
    """
    paths = document["paths"]
    for path, methods in HOT_PATHS.items():
        paths.setdefault(prefix + path, {}).update(copy.deepcopy(methods))
    schemas = document["components"]["schemas"]
    assert not schemas.keys() & HOT_SCHEMAS.keys(), "a schema has one meaning"
    schemas.update(HOT_SCHEMAS)
    schemas["Problem"] = _PROBLEM
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete_operation(method, operation)
    return document


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    common = [_REQUEST_ID, _LANGUAGE] if method in _WRITES else [_LANGUAGE]
    named = {parameter["name"] for parameter in operation.setdefault("parameters", [])}
    operation["parameters"] += [parameter for parameter in common if parameter["name"] not in named]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refused = dict(_REFUSED) if method not in _WRITES else {"400": "No usable Idempotency-Key", **_REFUSED}
    for status, reason in refused.items():
        operation["responses"].setdefault(status, {"description": reason, "content": problem})
