"""Events over the API: parse, one action or query, respond; one file per noun."""

from ninja import Router

from tessera.events.api import badges, board, corrections, supervising, terminals, walk_ins
from tessera.events.api.hot import HOT_ENDPOINTS

__all__ = ["HOT_ENDPOINTS", "router"]

router = Router()
router.add_router("", terminals.router)
router.add_router("", walk_ins.router)
router.add_router("", supervising.router)
router.add_router("", badges.router)
router.add_router("", board.router)
router.add_router("", corrections.router)
