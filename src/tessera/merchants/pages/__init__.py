"""Pages of the room `merchants`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.merchants.pages import approvals, business, keys, members, opening, staff, stores, work

__all__ = ["urlpatterns"]

_CONSOLE = "console/<str:merchant>"

urlpatterns: list[URLPattern] = [
    path("console", opening.businesses, name="businesses"),
    path("console/open", opening.open_one, name="open-business"),
    path(f"{_CONSOLE}/business", business.business, name="business"),
    path(f"{_CONSOLE}/stores", stores.stores, name="stores"),
    path(f"{_CONSOLE}/stores/new", stores.new, name="new-store"),
    path(f"{_CONSOLE}/stores/<str:store>", stores.edit, name="store"),
    path(f"{_CONSOLE}/stores/<str:store>/closure", stores.close, name="store-closure"),
    path(f"{_CONSOLE}/stores/<str:store>/sign", business.sign, name="store-sign"),
    path(f"{_CONSOLE}/staff", staff.staff, name="staff"),
    path(f"{_CONSOLE}/staff/<str:employment>/end", staff.end, name="employment-end"),
    path(f"{_CONSOLE}/keys", keys.keys, name="keys"),
    path(f"{_CONSOLE}/keys/<str:key>/revocation", keys.revoke, name="key-revocation"),
    path(f"{_CONSOLE}/members", members.members, name="members"),
    path(f"{_CONSOLE}/members.csv", members.members_csv, name="members-csv"),
    path(f"{_CONSOLE}/members/new", members.enrol, name="enrol"),
    path(f"{_CONSOLE}/application", approvals.application, name="application"),
    path(f"{_CONSOLE}/application/again", approvals.reapplication, name="reapplication"),
    path("operator/merchants", approvals.merchants, name="operator-merchants"),
    path("operator/merchants/<str:merchant>", approvals.merchant, name="operator-merchant"),
    path("operator/merchants/<str:merchant>/approval", approvals.approval, name="merchant-approval"),
    path(
        "operator/merchants/<str:merchant>/declination",
        approvals.declination,
        name="merchant-declination",
    ),
    path("operator/merchants/<str:merchant>/suspension", approvals.suspension, name="merchant-suspension"),
    path(
        "operator/merchants/<str:merchant>/reinstatement",
        approvals.reinstatement,
        name="merchant-reinstatement",
    ),
    path("work", work.work, name="work"),
    path("s/<str:store>", business.shop, name="shop-code"),
]
