"""Pages of the room `orders`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.orders.pages import (
    counter,
    counter_receipts,
    counter_returns,
    imports,
    members,
    purchases,
    receipts,
    returns,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("counter", counter.choose, name="counter-choose"),
    path("counter/<str:store>", counter.till, name="counter"),
    path("counter/<str:store>/basket", counter.basket, name="counter-basket"),
    path("counter/<str:store>/purchases", counter.purchases, name="counter-purchases"),
    path("counter/<str:store>/sales", counter_receipts.sales, name="counter-sales"),
    path("counter/<str:store>/receipts/<str:purchase>", counter_receipts.receipt, name="counter-receipt"),
    path(
        "counter/<str:store>/receipts/<str:purchase>/returns",
        counter_returns.give_back,
        name="counter-give-back",
    ),
    path(
        "counter/<str:store>/receipts/<str:purchase>/returns/preview",
        counter_returns.preview,
        name="counter-preview",
    ),
    path("counter/<str:store>/returns", counter_returns.find, name="counter-returns"),
    path("counter/<str:store>/returns/<str:back>", counter_returns.back, name="counter-return"),
    path("receipts", receipts.receipts, name="receipts"),
    path("receipts/<str:receipt>", receipts.receipt, name="receipt"),
    path("console/<str:merchant>/purchases", purchases.purchases, name="purchases"),
    path("console/<str:merchant>/purchases.csv", purchases.purchases_csv, name="purchases-csv"),
    path("console/<str:merchant>/purchases/<str:purchase>", purchases.purchase, name="purchase"),
    path("console/<str:merchant>/purchases/<str:purchase>/returns", purchases.give_back, name="give-back"),
    path("console/<str:merchant>/members/<str:member>", members.member, name="member"),
    path("console/<str:merchant>/members/<str:member>/level", members.level, name="member-level"),
    path("console/<str:merchant>/members/<str:member>/numbers", members.number, name="member-number"),
    path("console/<str:merchant>/returns", returns.returns, name="returns"),
    path("console/<str:merchant>/returns.csv", returns.returns_csv, name="returns-csv"),
    path("console/<str:merchant>/returns/<str:back>", returns.back, name="return"),
    path("console/<str:merchant>/imports", imports.imports, name="imports"),
    path("console/<str:merchant>/imports/template.csv", imports.template_csv, name="import-template"),
    path("console/<str:merchant>/imports/uploads/<str:upload>", imports.upload, name="import-upload"),
    path("console/<str:merchant>/imports/<str:file>", imports.import_, name="import"),
    path("console/<str:merchant>/imports/<str:file>/progress", imports.progress, name="import-progress"),
    path("console/<str:merchant>/imports/<str:file>/faults.csv", imports.faults_csv, name="import-faults"),
    path("console/<str:merchant>/imports/<str:file>/resumption", imports.resume, name="import-resumption"),
]
