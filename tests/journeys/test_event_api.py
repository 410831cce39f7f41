"""One event over the API alone: from the draft to a corrected number and a message, as an organiser's own app does it."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.journeys.place import Site


class Calls:
    """The API as one merchant's app calls it; each call has to succeed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.address = ""

    def post(self, path: str, body: Any = None) -> Any:
        """Write below the event's address; return the answer."""
        status, answer = self._site.ask("POST", f"/events{self.address}{path}", {} if body is None else body)
        assert status in {200, 201}, (path, answer)
        return answer

    def get(self, path: str) -> Any:
        """Read below the event's address; return the answer."""
        status, answer = self._site.ask("GET", f"/events{self.address}{path}")
        assert status == 200, (path, answer)
        return answer


def publish(api: Calls) -> None:
    now = datetime.now(UTC)
    event = api.post(
        "",
        {
            "title": "Evening of lights",
            "text": "Lanterns and tea.",
            "place": "Courtyard",
            "starts_at": (now + timedelta(minutes=10)).isoformat(),
            "ends_at": (now + timedelta(hours=3)).isoformat(),
            "doors_at": (now - timedelta(minutes=10)).isoformat(),
            "capacity": 2,
            "review": "hand",
        },
    )
    api.address = f"/{event['id']}"
    api.post("/questions", {"kind": "text", "label": "What do you do?"})
    api.post("/publication")


def test_an_event_over_the_api(site: Site) -> None:
    api = Calls(site)
    publish(api)
    phones = [f"+86100{secrets.randbelow(10**8):08d}" for _ in range(3)]
    guests = [api.post("/registrations", {"phone": phone, "name": "Guest"})["id"] for phone in phones]
    api.post("/decisions", {"registration_ids": guests[:2], "verdict": "accept"})
    status, refused = site.ask(
        "POST", f"/events{api.address}/arrivals", {"registration_id": guests[2], "door": "A"}
    )
    assert (status, refused["code"]) == (403, "registration_pending")
    arrived = [api.post("/arrivals", {"registration_id": guest, "door": "A"}) for guest in guests[:2]]
    assert [(one["number"], one["shown"]) for one in arrived] == [(1, "001"), (2, "002")]
    status, again = site.ask("POST", f"/events{api.address}/arrivals", {"registration_id": guests[0]})
    assert (status, again["code"], again["details"]["number"]) == (409, "already_arrived", 1)

    one, two = guests[:2]
    status, _ = site.ask(
        "PATCH", f"/events{api.address}/guests/{one}/profile", {"appearance": "Red dress, glasses"}
    )
    assert status == 200
    found = api.get("/circle?words=%E7%BA%A2%E8%A3%99")["items"]
    assert [guest["number"] for guest in found] == [1]
    api.post(f"/guests/{two}/jottings", {"number": 1, "remark": "paints"})
    talk = api.post(f"/guests/{two}/conversations", {"number": 1, "text": "Hello"})
    api.post(f"/guests/{one}/conversations/{talk['id']}/answer", {"answer": "accepted"})
    api.post(f"/guests/{one}/conversations/{talk['id']}/messages", {"text": "Hello to you"})

    asked = api.post(
        "/corrections", {"registration_id": one, "wanted_number": 2, "reason": "The badges were swapped"}
    )
    assert api.post(f"/corrections/{asked['id']}/decision", {"verdict": "swap"})["state"] == "swapped"
    numbers = {row["registration_id"]: row["number"] for row in api.get("/arrivals")["items"]}
    assert numbers == {one: 2, two: 1}
    board = api.get("/board")
    assert (board["arrived"], board["accepted"], board["pending"]) == (2, 2, 1)
    said = str(
        [api.get(path) for path in ("/circle?number=1", "/circle/1", "/circle/2", "/arrivals", "/board")]
    )
    assert not [phone for phone in phones if phone.removeprefix("+86") in said]
