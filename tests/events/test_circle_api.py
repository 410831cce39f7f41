"""The circle over the API, for every caller, as a guest of the merchant's own event."""

from typing import Any

import pytest

from tessera.events.models import CircleProfile, Jotting
from tessera.kit.ids import show_id
from tests.cast import READ_SCOPES, Caller, assert_refused, make_caller
from tests.events.stage import a_guest, an_arrival, an_event

pytestmark = pytest.mark.django_db
SCOPES = ["circle:read", "circle:write"]


@pytest.fixture
def stage() -> dict[str, Any]:
    """An event where two guests have arrived and one has not; keys of all kinds."""
    event, other = an_event(), an_event()
    guests = [a_guest(event, name=name) for name in ("Mei", "Lan", "Ping")]
    for number, guest in enumerate(guests[:2], 1):
        an_arrival(event, guest, number)
    return {
        "event": event,
        "address": f"/events/{show_id('evt', event.id)}",
        "guests": [show_id("reg", guest.id) for guest in guests],
        "persons": [guest.person_id for guest in guests],
        "phones": [guest.phone for guest in guests],
        "full": make_caller("full", event.merchant_id, SCOPES),
        "reader": make_caller("reader", event.merchant_id, ["circle:read"]),
        "blind": make_caller("blind", event.merchant_id, [one for one in READ_SCOPES if "circle" not in one]),
        "other": make_caller("other", other.merchant_id, SCOPES),
        "operator": make_caller("operator", None, ["operator"]),
        "nobody": Caller("nobody", None),
    }


@pytest.mark.parametrize(
    ("who", "status"),
    [("full", 200), ("operator", 200), ("reader", 200), ("blind", 403), ("other", 404), ("nobody", 401)],
)
def test_who_may_look(stage: dict[str, Any], who: str, status: int) -> None:
    first = stage["guests"][0]
    for rest in ("/circle", "/circle?number=1", "/circle?words=red", "/circle/2", f"/circle/2?guest={first}",
                 f"/guests/{first}/profile"):  # fmt: skip
        response = stage[who].get(stage["address"] + rest)
        assert response.status_code == status, rest
        assert not any(phone.encode() in response.content for phone in stage["phones"])


def writes(stage: dict[str, Any]) -> dict[str, Any]:
    guest = f"{stage['address']}/guests/{stage['guests'][0]}"
    return {f"{guest}/jottings": {"number": 2, "remark": "tea"}, f"{guest}/jottings/9/removal": None}


@pytest.mark.parametrize(
    ("who", "status"),
    [("full", 201), ("operator", 201), ("reader", 403), ("blind", 403), ("other", 404), ("nobody", 401)],
)
def test_who_may_write(stage: dict[str, Any], who: str, status: int) -> None:
    for place, (address, body) in enumerate(writes(stage).items()):
        response = stage[who].post(address, body, request_id=f"w-{place}")
        assert response.status_code == status, (address, response.content)
        if status == 201:
            again = stage[who].post(address, body, request_id=f"w-{place}")
            assert (again.content, again["Idempotent-Replayed"]) == (response.content, "true")
    described = stage[who].patch(
        f"{stage['address']}/guests/{stage['guests'][0]}/profile", {"appearance": "red dress"}, request_id="p"
    )
    assert described.status_code == (200 if status == 201 else status)
    done = status == 201
    assert Jotting.objects.filter(event_id=stage["event"].id).exists() is done
    assert CircleProfile.objects.filter(event_id=stage["event"].id).exists() is done
    jotter = stage[who].get(f"{stage['address']}/guests/{stage['guests'][0]}/jottings")
    assert jotter.status_code == (200 if done else status)


def test_a_described_guest_is_found_as_the_other_sees_him(stage: dict[str, Any]) -> None:
    key, address = stage["full"], stage["address"]
    one, other, waiting = stage["guests"]
    said = {
        "appearance": "红裙 眼镜",
        "name": "Lan Lan",
        "seen_by": {"name": "circle", "appearance": "circle"},
    }
    assert key.patch(f"{address}/guests/{other}/profile", said, request_id="d").status_code == 200
    for query in ("words=red dress glasses", "name=lan", "number=2", "number=002"):
        [found] = key.get(f"{address}/circle?{query}&guest={one}").json()["items"]
        assert (found["number"], found["shown"], found["name"]) == (2, "002", "Lan Lan")
    hidden = {"seen_by": {"name": "initial", "appearance": "nobody"}}
    key.patch(f"{address}/guests/{other}/profile", hidden, request_id="h")
    assert key.get(f"{address}/circle?words=red dress").json()["items"] == []
    seen = key.get(f"{address}/circle/2").json()
    assert (seen["name"], seen["appearance"]) == ("L**", "")
    assert_refused(key.get(f"{address}/circle/77"), 404, "not_found")
    assert_refused(key.get(f"{address}/circle?guest={waiting}"), 409, "not_in_circle")


def test_bodies_that_do_not_fit_leave_nothing(stage: dict[str, Any]) -> None:
    key, guest = stage["full"], f"{stage['address']}/guests/{stage['guests'][0]}"
    assert_refused(key.post(f"{guest}/jottings", {"number": 1}, request_id="a"), 422, "own_number")
    assert_refused(key.post(f"{guest}/jottings", {"number": -1}, request_id="b"), 422, "request_invalid")
    for place, body in enumerate(({"appearance": "x" * 121}, {"appearance": "a\u202eb"})):
        response = key.patch(f"{guest}/profile", body, request_id=f"c{place}")
        assert_refused(response, 422, "profile_text_unusable")
    assert_refused(key.patch(f"{guest}/profile", {"phone": "1"}, request_id="d"), 422, "request_invalid")
    assert not CircleProfile.objects.exists()
    assert not Jotting.objects.exists()


def test_two_who_note_each_other_see_it(stage: dict[str, Any]) -> None:
    key, address = stage["full"], stage["address"]
    for place, number in ((0, 2), (1, 1)):
        guest = f"{address}/guests/{stage['guests'][place]}"
        key.post(f"{guest}/jottings", {"number": number, "remark": "tea"}, request_id=f"j{place}")
    [row] = key.get(f"{address}/guests/{stage['guests'][0]}/jottings").json()["items"]
    assert (row["number"], row["remark"], row["mutual"]) == (2, "tea", True)
