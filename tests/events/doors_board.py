"""Who comes through to the board, the wall and what is to take away."""

from tests.page_doors import PageDoor, staff

DOORS: dict[str, PageDoor] = {
    f"GET /organise/{{event}}{path}": staff(200, guide=403, cashier=403)
    for path in (
        "",
        "/clashes",
        "/wall",
        "/exports/guests.csv",
        "/exports/arrivals.csv",
        "/exports/door-log.csv",
        "/exports/meetings.csv",
        "/exports/pace.csv",
    )
}
