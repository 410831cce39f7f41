"""The hot lane's endpoints as OpenAPI has them: made from their declarations, so that the two cannot differ."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tessera.kit.hot import MOST_IN_BULK, HotEndpoint

__all__ = ["hot_paths", "hot_schemas"]

_PREFIX = "/api/v1"
_REF = "#/components/schemas/"


def _name(endpoint: HotEndpoint, struct: str) -> str:
    """Return a schema name that no other endpoint's has: the tag before the struct's own."""
    return endpoint.tag.capitalize() + struct


def hot_schemas(endpoints: Iterable[HotEndpoint]) -> dict[str, Any]:
    """Return the schemas of bodies and answers, single and bulk, by name."""
    found: dict[str, Any] = {}
    for endpoint in endpoints:
        template = _REF + _name(endpoint, "{name}")
        _, schemas = msgspec.json.schema_components([endpoint.body, endpoint.answer], ref_template=template)
        for name, schema in schemas.items():
            shown = _name(endpoint, name)
            known = found.setdefault(shown, {**schema, "title": shown})
            assert known == {**schema, "title": shown}, f"two schemas are named {shown}"
        found |= _bulk_schemas(endpoint)
    return found


def _bulk_schemas(endpoint: HotEndpoint) -> dict[str, Any]:
    body, answer = (_REF + _name(endpoint, kind.__name__) for kind in (endpoint.body, endpoint.answer))
    many = {"type": "array", "minItems": 1, "maxItems": MOST_IN_BULK, "items": {"$ref": body}}
    done = {
        "type": "object",
        "description": "What a single call would have answered; `repeat`: it had been recorded before.",
        "required": ["status", "repeat", "answer"],
        "properties": {
            "status": {"type": "integer", "const": 201},
            "repeat": {"type": "boolean"},
            "answer": {"$ref": answer},
        },
    }
    items = {"type": "array", "items": {"anyOf": [done, {"$ref": _REF + "Problem"}]}}
    return {
        _name(endpoint, f"{endpoint.name.capitalize()}BulkIn"): {
            "type": "object",
            "description": f"Up to {MOST_IN_BULK:,} of them; each is carried out or refused by itself.",
            "required": ["items"],
            "additionalProperties": False,
            "properties": {"items": many},
        },
        _name(endpoint, f"{endpoint.name.capitalize()}BulkOut"): {
            "type": "object",
            "description": "An answer per item, in the order of the call.",
            "required": ["items"],
            "properties": {"items": items},
        },
    }


def hot_paths(endpoints: Iterable[HotEndpoint]) -> dict[str, dict[str, Any]]:
    """Return path (without the API's own prefix) -> method -> operation."""
    found: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = endpoint.path.removeprefix(_PREFIX)
        bulk = endpoint.name.capitalize() + "Bulk"
        found[path] = {
            "post": _operation(endpoint, "", endpoint.body.__name__, "201", endpoint.answer.__name__)
        }
        found[f"{path}/bulk"] = {"post": _operation(endpoint, "_bulk", f"{bulk}In", "200", f"{bulk}Out")}
    return found


def _operation(endpoint: HotEndpoint, suffix: str, body: str, status: str, answer: str) -> dict[str, Any]:
    def content(name: str) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": _REF + _name(endpoint, name)}}}

    about = (endpoint.body.__doc__ or "").strip()
    return {
        "operationId": f"hot_{endpoint.name}{suffix}",
        "summary": endpoint.summary + (", many at once" if suffix else ""),
        "description": f"{about} Needs the scope `{endpoint.scope}` and a key of a merchant.",
        "tags": [endpoint.tag],
        "parameters": [],
        "requestBody": {"required": True, "content": content(body)},
        "responses": {
            status: {"description": "Recorded" if not suffix else "Answered", "content": content(answer)}
        },
        "security": [{"ApiKeyBearer": []}],
    }
