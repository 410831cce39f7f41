"""Pages of the room `orders`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.orders.pages import purchases, receipts, returns

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("receipts", receipts.receipts, name="receipts"),
    path("receipts/<str:receipt>", receipts.receipt, name="receipt"),
    path("console/<str:merchant>/purchases", purchases.purchases, name="purchases"),
    path("console/<str:merchant>/purchases.csv", purchases.purchases_csv, name="purchases-csv"),
    path("console/<str:merchant>/purchases/<str:purchase>", purchases.purchase, name="purchase"),
    path("console/<str:merchant>/purchases/<str:purchase>/returns", purchases.give_back, name="give-back"),
    path("console/<str:merchant>/returns", returns.returns, name="returns"),
    path("console/<str:merchant>/returns.csv", returns.returns_csv, name="returns-csv"),
    path("console/<str:merchant>/returns/<str:back>", returns.back, name="return"),
]
