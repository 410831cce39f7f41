"""The optional password: set, changed, removed, used, guessed at."""

import time
from typing import Any

import pytest
from django.test import Client

from tessera.kit.models import AuditLine
from tessera.people.models import PasswordTry, Person
from tests.cast import made_up_phone
from tests.people.signer import Signer, registered, sent_earlier

pytestmark = pytest.mark.django_db
GOOD = "three quiet herons"


@pytest.fixture(autouse=True)
def _codes_are_shown(settings: Any) -> None:
    settings.TESSERA_SHOW_CODES = True
    settings.TESSERA_CODES_PER_ADDRESS = 100
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def browser() -> Signer:
    """Somebody's browser, just signed in."""
    signer = Signer()
    signer.sign_in(registered().phone or "")
    return signer


def asked(browser: Client, path: str, **body: str) -> Any:
    """Send a form with a request id."""
    return browser.post(path, {"request_id": f"r{time.monotonic_ns()}", **body})


def try_in(phone: str, password: str, browser: Client | None = None) -> Any:
    """Try a number and a password."""
    body = {"region": "CN", "phone": phone, "password": password}
    return (browser or Signer()).post("/sign-in/password", body)


def person_of(browser: Signer) -> Person:
    return Person.objects.get(pk=browser.person_id())


def test_set_and_sign_in(browser: Signer) -> None:
    assert asked(browser, "/me/password", password=GOOD)["Location"] == "/me/password"
    assert browser.is_in(), "this device stays"
    person = person_of(browser)
    answer = try_in(person.phone or "", GOOD)
    assert (answer.status_code, answer["Location"]) == (303, "/wallet")
    assert AuditLine.objects.filter(verb="sign_in", details={"method": "password"}).count() == 1
    assert GOOD not in str(AuditLine.objects.values_list("details", flat=True))
    assert not PasswordTry.objects.exists(), "what matched is not counted"


def test_other_devices_end(browser: Signer, settings: Any) -> None:
    person, other = person_of(browser), Signer()
    asked(browser, "/me/password", password=GOOD)
    try_in(person.phone or "", GOOD, other)
    assert other.is_in()
    asked(browser, "/me/password", password=GOOD + " again")
    assert (browser.is_in(), other.is_in()) == (True, False)
    asked(browser, "/me/password/removal")
    assert browser.is_in()
    assert person_of(browser).password == ""
    assert try_in(person.phone or "", GOOD + " again").status_code == 422


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password123", ""])
def test_weak_passwords_are_refused_in_the_readers_language(browser: Signer, weak: str) -> None:
    answer = asked(browser, "/me/password", password=weak)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert person_of(browser).password == ""
    if weak == "short":
        shown = browser.post("/me/password", {"password": weak}, headers={"accept-language": "zh-CN"})
        assert "密码太短" in shown.content.decode()


def test_password_like_the_number(browser: Signer) -> None:
    phone = person_of(browser).phone or ""
    assert asked(browser, "/me/password", password=f"{phone}x").status_code == 422


def test_recent_sign_in_is_asked_for(browser: Signer) -> None:
    session = browser.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time() - 1000}]
    session.save()
    for path in ("/me/password", "/me/password/removal"):
        assert asked(browser, path, password=GOOD)["Location"].startswith("/sign-in/again?next=/me/password")
    assert person_of(browser).password == ""
    assert browser.get("/me/password")["Location"] == "/sign-in/again?next=/me/password"
    assert browser.get("/sign-in/again?next=/me/password").status_code == 200


def test_old_password_is_a_recent_sign_in(browser: Signer) -> None:
    asked(browser, "/me/password", password=GOOD)
    session = browser.session
    session["account_authentication_methods"] = []
    session.save()
    phone = person_of(browser).phone or ""
    answer = browser.post(
        "/sign-in/password", {"region": "CN", "phone": phone, "password": GOOD, "next": "/me/password"}
    )
    assert answer["Location"] == "/me/password"
    assert browser.get("/me/password").status_code == 200


def test_unknown_number_wrong_password_and_none_set_are_answered_alike(browser: Signer) -> None:
    asked(browser, "/me/password", password=GOOD)
    without = registered().phone or ""
    answers = [
        try_in(phone, "not this one") for phone in (person_of(browser).phone or "", without, made_up_phone())
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert all("Number and password do not match" in answer.content.decode() for answer in answers)
    assert PasswordTry.objects.count() == 3


def test_every_number_costs_a_hash(monkeypatch: pytest.MonkeyPatch, browser: Signer) -> None:
    """Prevents finding out by the clock who has a password."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    counted: list[int] = []
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, *given: Any) -> str:
        counted.append(1)
        return encode(self, *given)

    asked(browser, "/me/password", password=GOOD)
    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    costs = []
    for phone in (person_of(browser).phone or "", registered().phone or "", made_up_phone()):
        counted.clear()
        try_in(phone, "not this one")
        costs.append(len(counted))
    assert costs == [1, 1, 1]


def test_guessing_ends_after_five_and_a_code_still_opens(browser: Signer) -> None:
    asked(browser, "/me/password", password=GOOD)
    phone = person_of(browser).phone or ""
    assert [try_in(phone, f"guess {n} again").status_code for n in range(6)] == [422] * 5 + [429]
    refused = try_in(phone, GOOD)
    assert refused.status_code == 429, "even the right one"
    assert "Too many passwords" in refused.content.decode()
    sent_earlier(2)
    assert Signer("192.0.2.9").sign_in(phone)["Location"] == "/wallet"


def test_one_address_guesses_at_many_numbers(settings: Any) -> None:
    settings.TESSERA_CODES_PER_ADDRESS = 1
    statuses = [try_in(made_up_phone(), "password").status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    assert try_in(made_up_phone(), "password", Signer("192.0.2.7")).status_code == 422


def test_empty_password_opens_nothing() -> None:
    person = registered()
    for given in ("", " ", "!"):
        assert try_in(person.phone or "", given).status_code == 422


def test_repeat_of_the_form_is_one_change(browser: Signer) -> None:
    body = {"request_id": "once", "password": GOOD}
    assert [browser.post("/me/password", body).status_code for _ in range(2)] == [303, 303]
    assert AuditLine.objects.filter(verb="set_password", outcome="done").count() == 1
