"""Passkeys through the pages: made, used, named, removed; what no authenticator made opens nothing."""

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Kept
from django.http import HttpResponse

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.models import AuditLine
from tessera.people.actions.passkeys import MOST_PASSKEYS
from tessera.people.actions.privacy import erase_person
from tests.people.authenticator import Authenticator
from tests.people.signer import Signer, registered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _codes_are_shown(settings: Any) -> None:
    settings.TESSERA_SHOW_CODES = True
    settings.TESSERA_CODES_PER_ADDRESS = 100


@pytest.fixture
def browser() -> Signer:
    """Somebody's browser, just signed in."""
    signer = Signer()
    signer.sign_in(registered().phone or "")
    return signer


def made(browser: Signer, device: Authenticator, name: str = "", **changed: Any) -> HttpResponse:
    """Let `device` make a passkey in this browser."""
    options = browser.post("/me/passkeys/options").json()
    credential = {**device.create(options), **changed}
    body = {"request_id": f"r{time.monotonic_ns()}", "credential": json.dumps(credential), "name": name}
    return browser.post("/me/passkeys", body)


def used(browser: Signer, device: Authenticator, **body: str) -> HttpResponse:
    """Let `device` sign in."""
    options = browser.post("/sign-in/passkey/options").json()
    return browser.post("/sign-in/passkey", {"credential": json.dumps(device.get(options)), **body})


def test_made_and_used(browser: Signer) -> None:
    device = Authenticator()
    assert made(browser, device)["Location"] == "/me/passkeys"
    assert "Chrome · Android" in browser.get("/me/passkeys").content.decode()
    person_id = browser.person_id()
    other = Signer()
    answer = used(other, device, next="/me/devices")
    assert (answer.status_code, answer["Location"]) == (303, "/me/devices")
    assert other.person_id() == person_id
    assert AuditLine.objects.filter(verb="sign_in", details={"method": "passkey"}).count() == 1
    assert "last used" in other.get("/me/passkeys").content.decode()
    assert other.get("/me/password").status_code == 200, "a passkey is a recent sign-in"


def test_session_key_changes(browser: Signer) -> None:
    device, other = Authenticator(), Signer()
    made(browser, device)
    options = other.post("/sign-in/passkey/options").json()
    planted = other.session.session_key
    other.post("/sign-in/passkey", {"credential": json.dumps(device.get(options))})
    assert other.is_in()
    assert other.session.session_key != planted


def test_what_a_device_keeps_names_no_number(browser: Signer) -> None:
    shown = json.dumps(browser.post("/me/passkeys/options").json())
    phone = registered().phone or ""
    assert phone not in shown
    assert "****" in shown


def test_answer_to_another_challenge(browser: Signer) -> None:
    device, other = Authenticator(), Signer()
    made(browser, device)
    old = device.get(other.post("/sign-in/passkey/options").json())
    other.post("/sign-in/passkey/options")
    answer = other.post("/sign-in/passkey", {"credential": json.dumps(old)})
    assert answer.status_code == 422
    assert other.person_id() is None


def test_answer_twice(browser: Signer) -> None:
    device, other = Authenticator(), Signer()
    made(browser, device)
    answer = device.get(other.post("/sign-in/passkey/options").json())
    body = {"credential": json.dumps(answer)}
    assert other.post("/sign-in/passkey", body).status_code == 303
    other.post("/sign-out")
    assert other.post("/sign-in/passkey", body).status_code == 422


def test_somebody_elses_key(browser: Signer) -> None:
    device, thief, other = Authenticator(), Authenticator(), Signer()
    made(browser, device)
    thief.handle, thief.credential_id = device.handle, device.credential_id
    assert used(other, thief).status_code == 422
    assert other.person_id() is None


def test_device_that_did_not_ask_its_owner(browser: Signer) -> None:
    assert made(browser, Authenticator(verifies=False)).status_code == 422
    device, other = Authenticator(), Signer()
    made(browser, device)
    device.verifies = False
    assert used(other, device).status_code == 422


def test_key_of_another_site(browser: Signer) -> None:
    assert made(browser, Authenticator(host="evil.example")).status_code == 422
    assert not Kept.objects.exists()


def test_origin_is_checked_where_pages_come_over_https(settings: Any, browser: Signer) -> None:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    assert made(browser, Authenticator(origin="https://evil.example")).status_code == 422
    assert made(browser, Authenticator(origin="https://testserver")).status_code == 303


@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "null", "1", '"text"', "{", '{"response": null}', '{"response": {"userHandle": 5}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"userHandle":"AA","clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","attestationObject":"AA"}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"","attestationObject":"oA"}}',
     '{"credential": "' + "x" * 30_000 + '"}'],
)  # fmt: skip
def test_nonsense_is_refused_and_not_a_fault(browser: Signer, credential: str) -> None:
    browser.post("/me/passkeys/options")
    assert browser.post("/me/passkeys", {"request_id": "a", "credential": credential}).status_code == 422
    other = Signer()
    other.post("/sign-in/passkey/options")
    assert other.post("/sign-in/passkey", {"credential": credential}).status_code == 422
    assert not Kept.objects.exists()


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_broken_attestations_are_refused(browser: Signer, cut: int) -> None:
    device = Authenticator()
    options = browser.post("/me/passkeys/options").json()
    credential = device.create(options)
    whole = credential["response"]["attestationObject"]
    credential["response"]["attestationObject"] = whole[:cut]
    body = {"request_id": "a", "credential": json.dumps(credential)}
    assert browser.post("/me/passkeys", body).status_code == 422


def test_renamed_and_removed_by_its_owner_alone(browser: Signer) -> None:
    device, stranger = Authenticator(), Signer()
    made(browser, device, name="Work <b>phone</b>")
    kept = Kept.objects.get()
    stranger.sign_in(registered().phone or "")
    for path in (f"/me/passkeys/{kept.pk}", f"/me/passkeys/{kept.pk}/removal"):
        assert stranger.post(path, {"request_id": "a", "name": "Mine"}).status_code == 404
    assert "Work &lt;b&gt;phone&lt;/b&gt;" in browser.get("/me/passkeys").content.decode()
    browser.post(f"/me/passkeys/{kept.pk}", {"request_id": "a", "name": "Home"})
    assert "Home" in browser.get("/me/passkeys").content.decode()
    browser.post(f"/me/passkeys/{kept.pk}/removal", {"request_id": "b"})
    assert not Kept.objects.exists()
    assert used(Signer(), device).status_code == 422


def test_recent_sign_in_is_asked_for(browser: Signer) -> None:
    session = browser.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time() - 1000}]
    session.save()
    asked = browser.post("/me/passkeys/options")
    assert (asked.status_code, asked.json()) == (403, {"go": "/sign-in/again?next=/me/passkeys"})
    for path in ("/me/passkeys", "/me/passkeys/1/removal"):
        assert browser.post(path, {"credential": "{}"})["Location"] == "/sign-in/again?next=/me/passkeys"
    assert browser.get("/me/passkeys").status_code == 200


def test_bounded_number(browser: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_PASSKEYS == 20
    monkeypatch.setattr("tessera.people.actions.passkeys.MOST_PASSKEYS", 2)
    assert [made(browser, Authenticator()).status_code for _ in range(3)] == [303, 303, 409]


def test_erased_persons_passkeys_open_nothing(browser: Signer) -> None:
    device, person_id = Authenticator(), browser.person_id()
    made(browser, device)
    assert person_id is not None
    erase_person(person_id=person_id, reason="asked", now=clock.now(), actor=SYSTEM)
    assert used(Signer(), device).status_code == 422
    assert not Kept.objects.exists()


def test_page_opened_by_a_number_says_so(browser: Signer, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for host, numbered in (
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("shop.example", False),
    ):
        text = browser.get("/me/passkeys", headers={"host": host}).content.decode()
        assert ("opened by a number" in text) == numbered, host
