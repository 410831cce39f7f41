"""Who gets what at the pages of badges and printers."""

from typing import Any

from tests.page_doors import PageDoor, everyone, staff

_SAVED = {"width_mm": "80", "height_mm": "50", "shows": ["name"], "number": "full"}
_PRINTER = {
    "name": "New", "language": "browser", "port": "9100", "width_mm": "80", "height_mm": "50", "dots_per_mm": "8",
}  # fmt: skip


def crew(status: int = 200, body: Any = None) -> PageDoor:
    """For the crew and the organiser: the guide is crew."""
    return PageDoor(302, 404, status, 403, status, status, 404, 404, body=body)


DOORS = {
    "GET /organise/{event}/badges": staff(200, guide=403, cashier=403),
    "POST /organise/{event}/badges": staff(303, guide=403, cashier=403, body=lambda _: _SAVED),
    "GET /organise/{event}/badges/preview": staff(200, guide=403, cashier=403),
    "GET /organise/{event}/badges/preview.png": staff(200, guide=403, cashier=403),
    "GET /organise/{event}/badges.pdf": staff(422, guide=403, cashier=403),
    "GET /organise/{event}/print-jobs": staff(200, guide=403, cashier=403),
    "POST /organise/{event}/print-jobs/{print_job}/attempts": staff(409, guide=403, cashier=403),
    "POST /organise/{event}/print-jobs/{print_job}/reprints": staff(
        303, guide=403, cashier=403, body=lambda cast: {"printer": cast.printer, "reason": "Lost"}
    ),
    "POST /organise/{event}/printers/{printer}/attempts": staff(303, guide=403, cashier=403),
    "GET /organise/{event}/printers": staff(200, guide=403, cashier=403),
    "POST /organise/{event}/printers": staff(303, guide=403, cashier=403, body=lambda _: _PRINTER),
    "POST /organise/{event}/printers/{printer}/trials": staff(303, guide=403, cashier=403),
    "POST /organise/{event}/printers/{printer}/removal": staff(303, guide=403, cashier=403),
    "POST /organise/{event}/terminals/{terminal}/printer": staff(
        303, guide=403, cashier=403, body=lambda cast: {"printer": cast.printer}
    ),
    "GET /door/{event}/badges/{guest}": crew(),
    "POST /door/{event}/badges/{guest}": crew(422),
    "POST /door/{event}/badges/{guest}/printing": crew(303),
    "GET /badge-paper/{width}x{height}.css": everyone(),
}
