"""Signing in with a phone number and a code, through the pages."""

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.models import AuditLine, News
from tessera.notices.models import SmsMessage
from tessera.people.actions.persons import open_person
from tessera.people.actions.privacy import erase_person
from tessera.people.models import Consent, Person, SignInCode
from tessera.people.queries import find_by_phone
from tests.cast import NOW, made_up_phone
from tests.people.signer import Signer, registered, sent_earlier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _codes_are_shown(settings: Any) -> None:
    settings.TESSERA_SHOW_CODES = True
    settings.TESSERA_CODES_PER_ADDRESS = 100


def test_registered_person_signs_in() -> None:
    person, browser = registered(), Signer()
    answer = browser.sign_in(person.phone or "")
    assert (answer.status_code, answer["Location"]) == (303, "/wallet")
    assert browser.person_id() == person.id
    line = AuditLine.objects.get(verb="sign_in", object_id=str(person.id))
    assert (line.actor, line.outcome, line.details) == (f"person:{person.id}", "done", {"method": "code"})
    assert "sign_in" not in browser.session


def test_new_number_joins_after_consent() -> None:
    phone, browser = made_up_phone(), Signer()
    assert browser.sign_in(phone)["Location"] == "/sign-in/welcome"
    assert find_by_phone(phone) is None, "nobody is made before he has agreed"
    refused = browser.post("/sign-in/welcome", {"nickname": "Ming"})
    assert refused.status_code == 422
    assert "agree to the terms" in refused.content.decode()
    assert 'value="Ming"' in refused.content.decode()
    assert find_by_phone(phone) is None
    joined = browser.post("/sign-in/welcome", {"nickname": "Ming", "agree": "on"})
    assert joined["Location"] == "/wallet"
    person = Person.objects.get(phone=phone)
    assert (person.registered_at is not None, person.nickname, person.language) == (True, "Ming", "en")
    given = Consent.objects.filter(person_id=person.id).values_list("purpose", "text_version", "given")
    assert sorted(given) == [("privacy", "2026-11", True), ("terms", "2026-11", True)]
    assert News.objects.filter(topic="people.registered", body__person_id=str(person.id)).count() == 1
    assert browser.is_in()


def test_name_may_be_skipped_and_a_merchants_word_for_it_stays() -> None:
    phone, browser = made_up_phone(), Signer()
    open_person(phone=phone, nickname="Aunt Li", now=NOW, actor=SYSTEM)
    assert browser.sign_in(phone)["Location"] == "/sign-in/welcome"
    browser.post("/sign-in/welcome", {"nickname": "", "agree": "on"})
    person = Person.objects.get(phone=phone)
    assert (person.nickname, person.registered_at is not None) == ("Aunt Li", True)


def test_welcome_needs_a_proven_number() -> None:
    phone, browser = made_up_phone(), Signer()
    browser.ask(phone)
    answer = browser.post("/sign-in/welcome", {"agree": "on"})
    assert answer["Location"] == "/sign-in"
    assert find_by_phone(phone) is None


def test_known_and_unknown_numbers_are_answered_alike() -> None:
    """Prevents finding out who is a member by typing numbers."""
    known, unknown = registered().phone or "", made_up_phone()

    def pages(phone: str) -> list[tuple[int, str]]:
        browser = Signer()
        asked = browser.ask(phone)
        wrong = browser.post("/sign-in/code", {"code": "000000" if browser.shown() != "000000" else "111111"})
        text = re.sub(r'value="[^"]*"|\d', "", wrong.content.decode())
        text = re.sub(r"X-CSRFToken[^}]*", "", text)
        return [(asked.status_code, asked["Location"]), (wrong.status_code, text)]

    assert pages(known) == pages(unknown)


def test_five_tries_then_the_code_is_dead() -> None:
    person, browser = registered(), Signer()
    browser.ask(person.phone or "")
    right = browser.shown()
    wrong = "000000" if right != "000000" else "111111"
    said = [browser.post("/sign-in/code", {"code": wrong}) for _ in range(5)]
    assert [answer.status_code for answer in said] == [422, 422, 422, 422, 409]
    assert "Tries left: 4" in said[0].content.decode()
    assert "no longer be used" in said[4].content.decode()
    assert browser.post("/sign-in/code", {"code": right}).status_code == 409
    assert browser.person_id() is None


def test_code_opens_once() -> None:
    person, first = registered(), Signer()
    first.ask(person.phone or "")
    code, second = first.shown(), Signer()
    kept = first.session["sign_in"]
    first.post("/sign-in/code", {"code": code})
    assert first.person_id() == person.id
    session = second.session
    session["sign_in"] = kept
    session.save()
    assert second.post("/sign-in/code", {"code": code}).status_code == 409
    assert second.person_id() is None


def test_code_comes_too_late() -> None:
    person, browser = registered(), Signer()
    browser.ask(person.phone or "")
    code = browser.shown()
    sent_earlier(11)
    answer = browser.post("/sign-in/code", {"code": code})
    assert answer.status_code == 410
    assert browser.person_id() is None


def test_digits_may_be_full_width_and_spaced() -> None:
    person, browser = registered(), Signer()
    browser.ask(person.phone or "")
    code = browser.shown()
    typed = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in code[:3]) + " " + code[3:]
    assert browser.post("/sign-in/code", {"code": typed}).status_code == 303
    assert browser.person_id() == person.id


def test_letters_are_no_try() -> None:
    browser = Signer()
    browser.ask(made_up_phone())
    assert browser.post("/sign-in/code", {"code": "12a456"}).status_code == 422
    assert SignInCode.objects.latest("sent_at").tries == 0


def test_others_cannot_use_up_somebodys_tries() -> None:
    """A code is answered by the browser that asked for it."""
    person, owner, stranger = registered(), Signer(), Signer()
    owner.ask(person.phone or "")
    code = owner.shown()
    assert stranger.post("/sign-in/code", {"code": code})["Location"] == "/sign-in"
    sent_earlier(2)
    stranger.ask(person.phone or "")
    for _ in range(6):
        stranger.post("/sign-in/code", {"code": "000000"})
    assert owner.post("/sign-in/code", {"code": code}).status_code == 303


def test_another_code_waits_a_minute() -> None:
    phone, browser = made_up_phone(), Signer()
    browser.ask(phone)
    refused = browser.post("/sign-in/code/another")
    assert refused.status_code == 429
    assert "next one can be sent at" in refused.content.decode()
    sent_earlier(1)
    assert browser.post("/sign-in/code/another").status_code == 303
    assert SignInCode.objects.filter(phone=phone).count() == 2


def test_double_click_sends_one_code() -> None:
    phone, browser = made_up_phone(), Signer()
    assert [browser.ask(phone).status_code for _ in range(2)] == [303, 303]
    assert SignInCode.objects.filter(phone=phone).count() == 1


def test_other_number() -> None:
    phone, browser = made_up_phone(), Signer()
    browser.ask(phone, next="/inbox")
    assert browser.get("/sign-in/number")["Location"] == "/sign-in?next=%2Finbox"
    assert browser.get("/sign-in/code")["Location"] == "/sign-in"


@pytest.mark.parametrize(
    ("region", "typed", "phone"),
    [
        ("CN", "100 0012 3456", "+8610000123456"),
        ("CN", "+44 7400 123456", "+447400123456"),
        ("HK", "5123 4567", "+85251234567"),
        ("US", "(201) 555-0123", "+12015550123"),
    ],
)
def test_numbers_of_any_country(region: str, typed: str, phone: str) -> None:
    Signer().post("/sign-in", {"region": region, "phone": typed})
    assert SignInCode.objects.filter(phone=phone).count() == 1


@pytest.mark.parametrize("typed", ["", "12", "hello", "+999999999999999999"])
def test_what_is_no_number_is_refused_at_the_field(typed: str) -> None:
    answer = Signer().post("/sign-in", {"region": "CN", "phone": typed})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not SignInCode.objects.exists()


def test_message_is_logged_without_number_and_text(settings: Any, tmp_path: Any) -> None:
    settings.TESSERA_SMS, settings.TESSERA_DATA_DIR = "file", tmp_path
    phone, browser = "+8610012345678", Signer()
    browser.ask(phone)
    row = SmsMessage.objects.get()
    assert (row.phone_masked, row.kind, row.outcome) == ("100****5678", "sign_in", "sent")
    written = (tmp_path / "sms.jsonl").read_text()
    assert browser.shown() in written
    assert "10012345678" not in written


def test_code_is_shown_only_where_it_should_be(settings: Any) -> None:
    settings.TESSERA_SHOW_CODES = False
    browser = Signer()
    browser.ask(made_up_phone())
    assert browser.session["sign_in"]["digits"] == ""
    assert 'class="banner is-warn"' not in browser.get("/sign-in/code").content.decode()


def test_code_that_did_not_leave(settings: Any) -> None:
    settings.TESSERA_SHOW_CODES, settings.TESSERA_SMS = False, "off"
    browser = Signer()
    answer = browser.ask(made_up_phone())
    assert answer.status_code == 503
    assert "could not be sent" in answer.content.decode()
    assert "sign_in" not in browser.session


def test_codes_are_kept_as_keyed_digests() -> None:
    browser = Signer()
    browser.ask(made_up_phone())
    row = SignInCode.objects.get()
    assert len(bytes(row.digest)) == 32
    assert browser.shown().encode() not in bytes(row.digest)


def test_no_number_in_addresses_cookies_and_logs(capfd: pytest.CaptureFixture[str]) -> None:
    phone, browser = "+8610087654321", Signer()
    answers = [
        browser.ask(phone),
        browser.get("/sign-in/code"),
        browser.post("/sign-in/code", {"code": browser.shown()}),
    ]
    for answer in answers:
        assert "87654321" not in answer.get("Location", "")
        assert "87654321" not in answer.cookies.output()
    assert "87654321" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/", "\\\\evil.example",
     "javascript:alert(1)", "///evil.example", "/\t/evil.example", " //evil.example", "evil.example"],
)  # fmt: skip
def test_no_way_out_of_the_site(wanted: str) -> None:
    person, browser = registered(), Signer()
    shown = browser.get("/sign-in", {"next": wanted}).content.decode()
    assert 'name="next" value="/wallet"' in shown
    assert browser.sign_in(person.phone or "", next=wanted)["Location"] == "/wallet"
    assert browser.get("/sign-in", {"next": wanted})["Location"] == "/wallet"


def test_next_is_where_one_goes() -> None:
    person, browser = registered(), Signer()
    assert browser.sign_in(person.phone or "", next="/me/devices?a=1")["Location"] == "/me/devices?a=1"
    assert browser.get("/sign-in?next=/inbox")["Location"] == "/inbox"


def test_session_key_changes_at_sign_in() -> None:
    """Prevents session fixation: a key that somebody planted before is worth nothing afterwards."""
    person, browser = registered(), Signer()
    browser.ask(person.phone or "")
    planted = browser.session.session_key
    browser.post("/sign-in/code", {"code": browser.shown()})
    assert browser.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()
    thief = Client()
    thief.cookies["tessera_session"] = planted or ""
    assert thief.get("/me/devices").status_code == 302


def test_second_person_on_the_same_browser() -> None:
    first, second, browser = registered(), registered(), Signer()
    browser.sign_in(first.phone or "")
    old = browser.session.session_key
    browser.post("/sign-out")
    browser.sign_in(second.phone or "")
    assert browser.person_id() == second.id
    assert not UserSession.objects.filter(session_key=old).exists()


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-in/code", "/sign-in/welcome", "/sign-in/password", "/sign-out"]
)
def test_forged_forms_are_refused(path: str) -> None:
    browser = Signer(enforce_csrf_checks=True)
    assert browser.post(path, {"region": "CN", "phone": made_up_phone()}).status_code == 403
    assert not SignInCode.objects.exists()


def test_signing_out_ends_the_session_at_once() -> None:
    person, browser = registered(), Signer()
    browser.sign_in(person.phone or "")
    key = browser.session.session_key
    assert browser.post("/sign-out")["Location"] == "/"
    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(user=person).exists()
    assert browser.get("/sign-out").status_code == 405


def test_erased_persons_sessions_end() -> None:
    person, browser = registered(), Signer()
    browser.sign_in(person.phone or "")
    assert browser.is_in()
    erase_person(person_id=person.id, reason="asked", now=clock.now(), actor=SYSTEM)
    assert not browser.is_in()
    assert not UserSession.objects.filter(user=person).exists()


def test_new_sign_in_within_a_session_keeps_one_device() -> None:
    """Proving oneself once more rotates the key and does not list the browser twice."""
    person, browser = registered(), Signer()
    browser.sign_in(person.phone or "")
    first = browser.session.session_key
    sent_earlier(2)
    assert browser.post("/sign-in/again", {"next": "/me/password"})["Location"] == "/sign-in/code"
    answer = browser.post("/sign-in/code", {"code": browser.shown()})
    assert answer["Location"] == "/me/password"
    assert browser.session.session_key != first
    assert UserSession.objects.filter(user=person).count() == 1


@pytest.mark.parametrize(("path", "needle"), [("/terms", "服务条款"), ("/privacy", "隐私说明")])
def test_texts_in_both_languages(path: str, needle: str) -> None:
    assert needle in Client().get(path, headers={"accept-language": "zh-CN"}).content.decode()
    assert needle not in Client().get(path, headers={"accept-language": "en"}).content.decode()
