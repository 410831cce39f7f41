"""The menu of a merchant's console: what there is, and who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = ["MENU", "Group", "Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """One page: its key (`face` of the template), address under the console, icon, title, and the scope it needs."""

    key: str
    path: str
    icon: str
    title: "_StrPromise"
    need: str


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    title: "_StrPromise | str"
    items: Sequence[Item]


MENU: Sequence[Group] = (
    Group("", (Item("home", "", "layout-dashboard", _("Overview"), "merchants:read"),)),
    Group(
        _("Trade"),
        (
            Item("purchases", "/purchases", "receipt", _("Purchases"), "purchases:read"),
            Item("returns", "/returns", "undo-2", _("Returns"), "purchases:read"),
            Item("imports", "/imports", "file-up", _("Imports"), "purchases:read"),
            Item("products", "/products", "package", _("Products"), "catalog:read"),
        ),
    ),
    Group(
        _("Points"),
        (
            Item("programme", "/programme", "hourglass", _("Programme"), "rules:read"),
            Item("rules", "/rules", "sparkles", _("Earning rules"), "rules:read"),
            Item("members", "/members", "users", _("Members"), "members:read"),
            Item("charts", "/charts", "chart-column", _("Charts"), "ledger:read"),
        ),
    ),
    Group(_("Events"), (Item("events", "/events", "calendar", _("Events"), "events:read"),)),
    Group(
        _("Business"),
        (
            Item("stores", "/stores", "store", _("Stores"), "merchants:read"),
            Item("staff", "/staff", "briefcase", _("Staff"), "merchants:own"),
            Item("keys", "/keys", "key-round", _("API keys"), "merchants:own"),
            Item("business", "/business", "building-2", _("Business details"), "merchants:read"),
        ),
    ),
)
