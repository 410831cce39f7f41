"""Sessions by device: listed, ended from afar; whose address is believed."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import RequestFactory

from tessera.kit import clock
from tessera.people.accounts import network_of, sender_address
from tessera.people.rules import device_name, is_phone
from tessera.people.seen import SeenDevices
from tests.people.signer import CHROME, Signer, registered, sent_earlier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _codes_are_shown(settings: Any) -> None:
    settings.TESSERA_SHOW_CODES = True
    settings.TESSERA_CODES_PER_ADDRESS = 100


@pytest.fixture
def both() -> tuple[Signer, Signer]:
    """One person's phone and laptop, both signed in."""
    person, phone, laptop = registered(), Signer(), Signer("2001:db8::5")
    phone.sign_in(person.phone or "")
    sent_earlier(2)
    laptop.sign_in(person.phone or "")
    return phone, laptop


def device_of(browser: Signer) -> int:
    return int(UserSession.objects.get(session_key=browser.session.session_key).pk)


def test_devices_are_listed_with_name_and_address(both: tuple[Signer, Signer]) -> None:
    phone, laptop = both
    text = laptop.get("/me/devices").content.decode()
    assert text.count("Chrome · Android") >= 2
    assert text.count("This device") == 1
    assert "192.0.2.1" in text
    assert "2001:db8::5" in text
    assert f'action="/me/devices/{device_of(phone)}/sign-out"' in text
    assert f'action="/me/devices/{device_of(laptop)}/sign-out"' not in text


def test_one_device_ends_at_once(both: tuple[Signer, Signer]) -> None:
    phone, laptop = both
    key = phone.session.session_key
    answer = laptop.post(f"/me/devices/{device_of(phone)}/sign-out", {"request_id": "a"})
    assert answer["Location"] == "/me/devices"
    assert (phone.is_in(), laptop.is_in()) == (False, True)
    assert not Session.objects.filter(session_key=key).exists()


def test_all_others_end_at_once(both: tuple[Signer, Signer]) -> None:
    phone, laptop = both
    laptop.post("/me/devices/others/sign-out", {"request_id": "a"})
    assert (phone.is_in(), laptop.is_in()) == (False, True)


def test_this_device_can_be_ended_too(both: tuple[Signer, Signer]) -> None:
    phone, laptop = both
    assert phone.post(f"/me/devices/{device_of(phone)}/sign-out", {"request_id": "a"})["Location"] == "/"
    assert (phone.is_in(), laptop.is_in()) == (False, True)


def test_nobody_ends_anothers_device(both: tuple[Signer, Signer]) -> None:
    phone, _ = both
    stranger = Signer()
    stranger.sign_in(registered().phone or "")
    assert stranger.post(f"/me/devices/{device_of(phone)}/sign-out", {"request_id": "a"}).status_code == 404
    assert phone.is_in()


def test_ended_sessions_are_not_listed(both: tuple[Signer, Signer]) -> None:
    phone, laptop = both
    Session.objects.filter(session_key=phone.session.session_key).delete()
    assert "192.0.2.1" not in laptop.get("/me/devices").content.decode()


def test_last_seen_is_written_now_and_then(both: tuple[Signer, Signer]) -> None:
    phone, _ = both
    UserSession.objects.update(last_seen_at=clock.now() - timedelta(hours=2))
    request = RequestFactory(REMOTE_ADDR="192.0.2.77").get("/")
    request.session = phone.session
    request.user = registered()
    SeenDevices(lambda _: None)(request)  # type: ignore[arg-type,return-value]  # the answer is of no interest
    row = UserSession.objects.get(session_key=phone.session.session_key)
    assert (row.ip, row.last_seen_at > clock.now() - timedelta(minutes=1)) == ("192.0.2.77", True)


@pytest.mark.parametrize(
    ("hops", "written", "connection", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "<script>", "192.0.2.1", "0.0.0.0"),
        (0, "", "", "0.0.0.0"),
        (0, "", "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_whose_address_is_believed(
    settings: Any, hops: int, written: str, connection: str, address: str
) -> None:
    settings.TESSERA_TRUSTED_PROXIES = hops
    request = RequestFactory(REMOTE_ADDR=connection).get("/", headers={"x-forwarded-for": written})
    assert sender_address(request) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_who_counts_as_one_sender(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("user_agent", "name", "handheld"),
    [
        (CHROME, "Chrome · Android", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1", "Safari · iPhone", True),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.50", "WeChat · iPhone", True),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · macOS", False),
        ("curl/8.0", "", False),
        ("", "", False),
    ],
)  # fmt: skip
def test_what_a_device_is_called(user_agent: str, name: str, handheld: bool) -> None:
    assert (device_name(user_agent), is_phone(user_agent)) == (name, handheld)


def test_demo_click_is_a_sign_in_like_any_other(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person, browser = registered(), Signer()
    monkeypatch.setattr("tessera.site.views.find_stand_in", lambda _: (person, "/wallet"))
    assert browser.post("/demo/sign-in/member").status_code == 404, "there is no such door outside the demo"
    settings.TESSERA_DEMO = True
    planted = browser.session.session_key
    assert browser.post("/demo/sign-in/member")["Location"] == "/wallet"
    assert browser.session.session_key != planted
    assert "This device" in browser.get("/me/devices").content.decode()
