"""Events over the API: parse, one action or query, respond; one file per noun."""

from ninja import Router

from tessera.events.api.hot import HOT_ENDPOINTS

__all__ = ["HOT_ENDPOINTS", "router"]

router = Router()
