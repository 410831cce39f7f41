"""All endpoints of the hot lane, as their rooms declare them."""

import tessera.events.api as events
import tessera.orders.api as orders
import tessera.points.api as points
from tessera.kit.hot import HotEndpoint

__all__ = ["HOT_ENDPOINTS"]

HOT_ENDPOINTS: tuple[HotEndpoint, ...] = (
    *orders.HOT_ENDPOINTS,
    *points.HOT_ENDPOINTS,
    *events.HOT_ENDPOINTS,
)
