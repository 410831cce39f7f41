"""Purchases and returns over the API."""

from tessera.orders.api.hot import HOT_ENDPOINTS

__all__ = ["HOT_ENDPOINTS"]
