"""Pages of the room `points`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.points.pages import wallet

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("wallet", wallet.wallet, name="wallet"),
    path("wallet/latest", wallet.latest, name="latest-points"),
    path("wallet/<str:merchant>", wallet.purse, name="purse"),
]
