"""Events over the API: parse, one action or query, respond; one file per noun."""

from ninja import Router

from tessera.events.api import (
    badges,
    board,
    circle,
    corrections,
    crew,
    publishing,
    registrations,
    supervising,
    talks,
    terminals,
    walk_ins,
)
from tessera.events.api.hot import HOT_ENDPOINTS

__all__ = ["HOT_ENDPOINTS", "router"]

router = Router()
router.add_router("", publishing.router)
router.add_router("", terminals.router)
router.add_router("", walk_ins.router)
router.add_router("", supervising.router)
router.add_router("", crew.router)
router.add_router("", badges.router)
router.add_router("", board.router)
router.add_router("", corrections.router)
router.add_router("", registrations.router)
router.add_router("", talks.router)
router.add_router("", circle.router)
