"""The door's hot lane: what one sends that is no guest's stops no other guest of the same batch."""

import json
from typing import Any

import pytest

from tessera.kit.ids import show_id
from tessera.site.lane import HotLane
from tests.events.devices import Device, lane, over_lane
from tests.events.stage import a_guest, a_terminal, an_event

__all__ = ["lane"]
pytestmark = pytest.mark.usefixtures("committed")

BODIES: list[Any] = [
    {"ticket": "\0"},
    {"ticket": "a\0b"},
    {"phone": "0000", "code": "\0"},
    {"phone": "+8610012345678", "code": "12\0456"},
    {"phone": "\0"},
    {"ticket": "x", "door": "\0"},
    {"registration_id": "\0"},
    {"registration_id": "reg_\0"},
    {"ticket": "x", "id": "\0"},
    {"ticket": "x", "id": "a\0b"},
    {"ticket": None},
    {"ticket": True},
    {"ticket": 1},
    {"ticket": ""},
    {"phone": "", "code": ""},
    {"ticket": "x", "number": 10**40, "id": "a", "arrived_at": "2026-01-01T00:00:00Z"},
    {"ticket": "x", "number": True, "id": "a", "arrived_at": "2026-01-01T00:00:00Z"},
    {"ticket": "x", "number": 1.5, "id": "a", "arrived_at": "2026-01-01T00:00:00Z"},
    {"ticket": "x", "number": 1, "id": "a", "arrived_at": "0001-01-01T00:00:00+14:00"},
    {"ticket": "x", "number": 1, "id": "a", "arrived_at": "0001-01-01T00:00:00Z"},
    {"ticket": "x", "number": 1, "id": "a", "arrived_at": "9999-12-31T23:59:59Z"},
    {"ticket": "x", "number": 1, "id": "a", "arrived_at": "NaN"},
    [],
    "x",
    None,
    1,
]
RAW = [
    b'{"ticket": "\\ud800"}',
    b'{"phone": "1234", "code": "\\udfff"}',
    b"\xff",
    b"",
    b'{"ticket": NaN}',
    b"[" * 5000,
]


def test_junk_at_the_door_stops_nobody_else(lane: HotLane) -> None:
    event = an_event()
    terminal = a_terminal(event, role="supervisor")
    path = Device(terminal.secret).arrivals(event)
    bulk = Device(terminal.secret).arrivals(event, bulk=True)
    guests = [a_guest(event) for _ in BODIES + RAW]
    asked: list[tuple[str, str, Any]] = []
    for junk, guest in zip(BODIES + RAW, guests, strict=True):
        asked += [(terminal.secret, path, junk), (terminal.secret, path, {"ticket": guest.ticket})]
    asked += [(terminal.secret, bulk, {"arrivals": [one]}) for one in BODIES]
    asked += [(terminal.secret, bulk, {"items": [one]}) for one in BODIES]
    answers = over_lane(lane, asked)
    told = [(json.dumps(body)[:60] if not isinstance(body, bytes) else body[:30], one.status_code, one.text[:120])
            for (_, _, body), one in zip(asked, answers, strict=True)]  # fmt: skip
    assert [one for one in told if one[1] >= 500] == []
    let_in = [
        one
        for body, one in zip(asked, answers, strict=True)
        if isinstance(body[2], dict) and body[2] in [{"ticket": g.ticket} for g in guests]
    ]
    assert [one.status_code for one in let_in] == [201] * len(guests)
    assert show_id("evt", event.id)
