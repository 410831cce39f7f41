"""Purchases, returns, receipts and imports over the API: `hot` records, `reads` shows."""

from tessera.orders.api.hot import HOT_ENDPOINTS
from tessera.orders.api.reads import router

__all__ = ["HOT_ENDPOINTS", "router"]
