"""Events' pages fed with what no page of ours sends: whatever it is, the answer is no fault of the server."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.events.page_doors import DOORS
from tests.page_cast import PageCast, page_cast, rolled_back

__all__ = ["page_cast"]

JUNK = (
    "a\0b", "-1", "9" * 20, "9" * 5000, "²", "null", "0001-01-01T00:00", "\u202e<script>alert(1)</script>",
)  # fmt: skip
NAMES = (
    "cursor", "q", "show", "group", "answer", "since", "after", "before", "number", "numbers", "state", "page", "from", "to",
    "printer", "name", "near", "lat", "lon", "when", "on", "category", "district", "past", "language", "size", "width_mm",
    "height_mm", "up", "change", "part", "word", "ticket", "undo", "copies", "handled", "last", "limit", "job", "day", "first",
)  # fmt: skip
WHO = ("member", "owner", "guide")


def _status(cast: PageCast, who: str, method: str, path: str, sent: dict[str, Any]) -> int:
    with rolled_back():
        browser = cast.client(who, raise_request_exception=True)
        answer = browser.get(path, sent) if method == "GET" else browser.post(path, sent)
        if answer.streaming:
            list(answer.streaming_content)
        return int(answer.status_code)


def _faults(cast: PageCast, line: str) -> Iterator[str]:
    method, address = line.split(" ", 1)
    door = DOORS[line]
    body = dict(door.body(cast)) if door.body else {}
    path = cast.filled(address)
    for who in WHO:
        if getattr(door, who) >= 400:
            continue
        for junk in JUNK:
            asked = [dict.fromkeys(NAMES, junk)] if method == "GET" else [{**body, name: junk} for name in body] + [
                {**body, **dict.fromkeys(NAMES, junk)}
            ]  # fmt: skip
            for sent in asked:
                more = {} if method == "GET" else {"request_id": uuid.uuid4().hex}
                try:
                    status = _status(cast, who, method, path, {**more, **sent})
                except Exception as fault:  # noqa: BLE001 - every fault is listed
                    yield f"{who} {line} {junk[:20]!r} in {list(sent)[:3]}: {fault!r}"
                    continue
                if status >= 500:
                    yield f"{who} {line} {junk[:20]!r}: {status}"


@pytest.mark.parametrize("line", DOORS)
def test_junk_in_fields_is_answered(db: None, page_cast: PageCast, line: str) -> None:
    assert list(_faults(page_cast, line)) == []


@pytest.mark.parametrize("line", [one for one in DOORS if "{" in one])
def test_junk_in_addresses_is_answered(db: None, page_cast: PageCast, line: str) -> None:
    method, address = line.split(" ", 1)
    found = []
    for name in re.findall(r"\{(\w+)\}", address):
        for junk in (
            "%00",
            "a%00b",
            "-1",
            "9" * 30,
            "evt_%00",
            "evt_" + "0" * 26,
            "½",
            "%ff",
            "x" * 300,
            "evt_~",
            "0" * 9,
        ):
            path = cast_path(page_cast, address, name, junk)
            for who in ("member", "owner"):
                try:
                    status = _status(page_cast, who, method, path, {})
                except Exception as fault:  # noqa: BLE001 - every fault is listed
                    found.append(f"{who} {path[:90]}: {fault!r}")
                    continue
                if status >= 500:
                    found.append(f"{who} {path[:90]}: {status}")
    assert found == []


def cast_path(cast: PageCast, address: str, name: str, junk: str) -> str:
    return cast.filled(address.replace("{" + name + "}", junk))
