"""Earning over the API: parse, one action or query, respond; one file per noun."""

from ninja import Router

from tessera.points.api.dry_runs import router as dry_runs
from tessera.points.api.hot import HOT_ENDPOINTS
from tessera.points.api.joinings import router as joinings
from tessera.points.api.programmes import router as programmes
from tessera.points.api.rules import router as rules

__all__ = ["HOT_ENDPOINTS", "router"]

router = Router()
for part in (rules, programmes, dry_runs, joinings):
    router.add_router("", part)
