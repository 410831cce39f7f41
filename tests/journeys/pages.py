"""All pages: made of the permission tables (tests/*/page_doors.py), each looked at by one of the cast it is open to."""

import http.client
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.page_doors import WORDS, PageDoor, plain

ROLES = ("visitor", "member", "owner", "manager", "cashier", "operator", "guide", "other")
AT_THE_COUNTER = ("cashier", *ROLES)
NO_PAGES = re.compile(
    r"\.(css|csv|ics|json|js|svg|webmanifest|png|webp|txt)$|^/media/|^/static/|^/live|^/s/|/latest$|/progress$|/options$|/clashes$|/badges/preview$|/print-jobs$|/printing$"
)
"""Files, parts and ways elsewhere."""


@dataclass(frozen=True)
class PageAt:
    """An address (ids as {names}) and who looks at it."""

    who: str
    address: str

    def filled(self, ids: Mapping[str, str]) -> str:
        """Return the address with ids in place of names."""
        return re.sub(r"\{(\w+)\}", lambda found: {**WORDS, **ids}[found[1]], plain(self.address))

    def __str__(self) -> str:
        return f"{self.address} {self.who}"


STATES = (
    PageAt("visitor", "/nowhere"),
    PageAt("member", "/console/{merchant}"),
    PageAt("cashier", "/console/{merchant}"),
    PageAt("cashier", "/console/{merchant}/products/{product}"),
    PageAt("cashier", "/console/{merchant}/rules/{rule}"),
    PageAt("cashier", "/console/{merchant}/staff"),
    PageAt("newcomer", "/wallet"),
    PageAt("newcomer", "/inbox"),
    PageAt("newcomer", "/console"),
    PageAt("newcomer", "/counter"),
)
"""What no line of a table leads to: nothing there, no permission, nothing yet."""


def doors() -> dict[str, PageDoor]:
    """Return the lines of all rooms' tables."""
    found: dict[str, PageDoor] = {}
    for path in sorted(Path(__file__).parents[1].glob("*/page_doors.py")):
        own = importlib.import_module(f"tests.{path.parent.name}.page_doors").DOORS
        lines = {plain(line): door for line, door in own.items()}
        assert not found.keys() & lines.keys(), found.keys() & lines.keys()
        found |= lines
    return found


def list_pages() -> list[PageAt]:
    """Return every page once, by address; then the states."""
    return [*_named(), *STATES]


def _named() -> Iterator[PageAt]:
    for line, door in sorted(doors().items()):
        method, address = line.split(" ", 1)
        roles = AT_THE_COUNTER if address.startswith("/counter") else ROLES
        who = next((who for who in roles if getattr(door, who) == 200), None)
        if method == "GET" and who and not NO_PAGES.search(address):
            yield PageAt(who, address)


def content_of(
    url: str, address: str, cookies: Mapping[str, str], language: str = "zh-CN"
) -> tuple[int, str, str]:
    """Ask for an address without a browser; return status, kind of content and text."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection.request("GET", address, headers={"Cookie": cookie, "Accept-Language": language})
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read().decode("utf-8", "replace")
    finally:
        connection.close()
