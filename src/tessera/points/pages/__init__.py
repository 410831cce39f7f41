"""Pages of the room `points`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.points.pages import editor, programme, rules, shops, wallet

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("shops", shops.shops, name="shops"),
    path("shops/near", shops.near, name="shops-near"),
    path("shops/<str:merchant>", shops.shop, name="shop"),
    path("wallet", wallet.wallet, name="wallet"),
    path("wallet/latest", wallet.latest, name="latest-points"),
    path("wallet/<str:merchant>", wallet.purse, name="purse"),
    path("console/<str:merchant>/programme", programme.programme, name="programme"),
    path("console/<str:merchant>/rules", rules.rules, name="rules"),
    path("console/<str:merchant>/rules/new", editor.new, name="rule-new"),
    path("console/<str:merchant>/rules/<str:rule>", rules.rule, name="rule"),
    path("console/<str:merchant>/rules/<str:rule>/version", editor.change, name="rule-version"),
    path("console/<str:merchant>/rules/<str:rule>/ending", rules.end, name="rule-ending"),
]
