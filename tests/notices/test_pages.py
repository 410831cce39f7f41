"""The inbox and how a person is told, as pages."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.models import AuditLine
from tessera.notices.actions.inbox import send_notice
from tessera.notices.actions.mail import ask_mail_address, prove_mail_address
from tessera.notices.errors import MailCodeStale, MailCodeWrong, MailInvalid, MailTooOften
from tessera.notices.models import MailAddress, Notice, PushSubscription, QuietHours
from tessera.notices.ports import Mail
from tessera.notices.queries import count_unread, list_opt_outs, mail_addresses
from tessera.people.actions.persons import open_person, register_person
from tessera.people.models import Person
from tests.cast import NOW, made_up_phone
from tests.notices.page_doors import A_KEY

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def me(db: None, settings, tmp_path) -> Person:
    settings.TESSERA_DATA_DIR = tmp_path
    settings.TESSERA_NOTICES = settings.TESSERA_MAIL = "file"
    person = open_person(phone=made_up_phone(), language="en", now=NOW, actor=SYSTEM)
    return register_person(person_id=person.id, now=NOW, actor=SYSTEM)


@pytest.fixture
def browser(me: Person) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(me, backend=BACKEND)
    return client


def send(person: Person, points: int = 30) -> Notice:
    return send_notice(
        person_id=person.id,
        kind="points_activated",
        template="points_activated",
        context={"points": points, "merchant": "<b>Tea</b>"},
        now=clock.now(),
        actor=SYSTEM,
    )


def post(browser: Client, where: str, /, **fields: Any) -> Any:
    return browser.post(where, {"request_id": uuid.uuid4().hex, **fields})


def test_an_empty_inbox_says_what_will_come(browser: Client) -> None:
    text = browser.get("/inbox").content.decode()
    assert "Nothing here yet" in text
    assert 'href="/me/notices"' in text


def test_the_inbox_turns_its_pages_and_escapes_names(browser: Client, me: Person) -> None:
    for number in range(31):
        send(me, number + 100)
    text = browser.get("/inbox").content.decode()
    assert "&lt;b&gt;Tea&lt;/b&gt;" in text
    assert "<b>Tea" not in text
    assert "130 points" in text
    assert "100 points" not in text
    following = re.search(r'href="(\?[^"]*cursor[^"]*)"', text)[1].replace("&amp;", "&")
    assert "100 points" in browser.get(f"/inbox{following}").content.decode()


def test_opening_a_notice_marks_it_read_for_its_owner_alone(browser: Client, me: Person) -> None:
    notice = send(me)
    stranger = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    theirs = send(stranger)
    assert browser.get(f"/inbox/{show_id('ntc', theirs.id)}").status_code == 404
    assert count_unread(stranger.id) == 1
    text = browser.get(f"/inbox/{show_id('ntc', notice.id)}").content.decode()
    assert 'href="/wallet"' in text
    assert count_unread(me.id) == 0


def test_everything_is_marked_read_at_once(browser: Client, me: Person) -> None:
    send(me)
    send(me)
    assert post(browser, "/inbox/reading").status_code == 303
    assert count_unread(me.id) == 0
    assert "Everything is read" in browser.get("/inbox?unread=1").content.decode()


def test_boxes_that_are_not_ticked_are_the_opt_outs(browser: Client, me: Person, settings) -> None:
    settings.TESSERA_MAIL = "off"
    fields = {"points_expiring.sms": "on", "business.sms": "on"}
    response = post(browser, "/me/notices/channels", **fields)
    assert response.status_code == 303
    outs = list_opt_outs(me.id)
    assert ("points_activated", "sms") in outs
    assert ("points_expiring", "sms") not in outs
    assert ("points_expiring", "push") in outs
    assert not any(kind == "security" or channel == "email" for kind, channel in outs)


def test_quiet_hours_are_kept_and_refused_with_what_was_typed(browser: Client, me: Person) -> None:
    good = {"quiet": "on", "begins": "21:30", "ends": "07:15", "time_zone": "Asia/Tokyo"}
    assert post(browser, "/me/notices/quiet-hours", **good).status_code == 303
    row = QuietHours.objects.get(person_id=me.id)
    assert (row.from_minute, row.to_minute, row.time_zone) == (21 * 60 + 30, 7 * 60 + 15, "Asia/Tokyo")
    for bad in ({"begins": "25:00"}, {"time_zone": "Mars/Base"}):
        response = post(browser, "/me/notices/quiet-hours", **{**good, **bad})
        assert response.status_code == 422
        assert 'aria-invalid="true"' in response.content.decode()
        assert 'value="07:15"' in response.content.decode()
    row.refresh_from_db()
    assert row.time_zone == "Asia/Tokyo"
    assert post(browser, "/me/notices/quiet-hours", **{**good, "quiet": ""}).status_code == 303
    row.refresh_from_db()
    assert row.from_minute == row.to_minute


def test_a_browser_is_subscribed_for_its_session_and_unsubscribed(browser: Client, me: Person) -> None:
    endpoint = "https://fcm.googleapis.com/fcm/send/abc"
    fields = {"endpoint": endpoint, "public_key": A_KEY, "secret": "YWFhYWFhYWFhYWFhYWFhYQ"}
    assert post(browser, "/me/notices/browser", **fields).status_code == 303
    row = PushSubscription.objects.get()
    assert (row.person_id, row.session_key) == (me.id, browser.session.session_key)
    refused = post(browser, "/me/notices/browser", **{**fields, "endpoint": "https://10.0.0.1/x"})
    assert refused.status_code == 422
    assert PushSubscription.objects.count() == 1
    assert post(browser, "/me/notices/browser-end", endpoint=endpoint).status_code == 303
    assert PushSubscription.objects.count() == 0


def asked(me: Person, address: str = "name@example.org", *, at: Any = NOW) -> tuple[str, list[Mail]]:
    sent: list[Mail] = []
    code = ask_mail_address(
        person_id=me.id,
        address=address,
        send=sent.append,
        words=lambda code: ("Code", f"It is {code}."),
        now=at,
        actor=SYSTEM,
    )
    return code, sent


def prove(me: Person, code: str, *, at: Any = NOW) -> Any:
    return prove_mail_address(person_id=me.id, code=code, now=at, actor=SYSTEM)


def test_an_address_is_proven_by_the_code_that_was_sent_there(me: Person) -> None:
    code, [mail] = asked(me)
    assert (mail.address, mail.text) == ("name@example.org", f"It is {code}.")
    assert code.encode() not in bytes(MailAddress.objects.get().digest)
    assert mail_addresses([me.id]) == {}
    prove(me, code)
    assert mail_addresses([me.id]) == {me.id: "name@example.org"}
    later = NOW + timedelta(minutes=2)
    second, _ = asked(me, "other@example.org", at=later)
    assert mail_addresses([me.id]) == {me.id: "name@example.org"}, "until the new one is proven"
    prove(me, second, at=later)
    assert mail_addresses([me.id]) == {me.id: "other@example.org"}
    assert isinstance(prove(me, second, at=later), MailCodeStale), "once"


def test_a_code_has_five_tries_and_fifteen_minutes(me: Person) -> None:
    code, _ = asked(me)
    wrong = "000000" if code != "000000" else "111111"
    said = [prove(me, wrong) for _ in range(5)]
    assert [type(one) for one in said] == [MailCodeWrong] * 4 + [MailCodeStale]
    assert said[0].details == {"tries_left": 4}
    assert isinstance(prove(me, code), MailCodeStale)
    later = NOW + timedelta(minutes=2)
    code, _ = asked(me, at=later)
    assert isinstance(prove(me, code, at=later + timedelta(minutes=15)), MailCodeStale)
    assert mail_addresses([me.id]) == {}


def test_codes_are_sent_once_a_minute_and_five_times_an_hour(me: Person) -> None:
    at = NOW
    asked(me, at=at)
    with pytest.raises(MailTooOften) as refusal:
        asked(me, at=at + timedelta(seconds=20))
    assert refusal.value.details["retry_after_s"] == 41
    for _ in range(4):
        at += timedelta(minutes=2)
        asked(me, at=at)
    with pytest.raises(MailTooOften):
        asked(me, at=at + timedelta(minutes=2))
    asked(me, at=NOW + timedelta(minutes=61))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b",
        "a@b@c.de",
        "a b@c.de",
        "a@c.de,x@y.z",
        "<a@b.de>",
        "a@-b.de",
        "a@b..de",
        ".a@b.de",
        "a\n@b.de",
    ],
)
def test_what_is_no_address_gets_no_mail(me: Person, address: str) -> None:
    with pytest.raises(MailInvalid):
        asked(me, address)
    assert MailAddress.objects.count() == 0


def test_the_mail_page_from_address_to_proof(browser: Client, me: Person, settings, tmp_path) -> None:
    settings.TESSERA_DEMO = True
    assert post(browser, "/me/notices/mail", address="not one").status_code == 422
    assert post(browser, "/me/notices/mail", address="name@example.org").status_code == 303
    text = browser.get("/me/notices").content.decode()
    code = re.search(r"the code is (\d{6})", text)[1]
    assert "n***@example.org" in text
    written = (tmp_path / "mail.jsonl").read_text(encoding="utf-8")
    assert "n***@example.org" in written
    assert "name@example.org" not in written
    wrong = "000000" if code != "000000" else "111111"
    refused = browser.post("/me/notices/mail-code", {"code": wrong})
    assert refused.status_code == 422
    assert "4 tries are left" in refused.content.decode()
    assert browser.post("/me/notices/mail-code", {"code": code}).status_code == 303
    assert "name@example.org" in browser.get("/me/notices").content.decode()
    assert AuditLine.objects.filter(verb="prove_mail_address", outcome="done").count() == 1
    assert not any("example.org" in str(line.details) for line in AuditLine.objects.all())
    assert post(browser, "/me/notices/mail-end").status_code == 303
    assert mail_addresses([me.id]) == {}


def test_outside_the_demo_the_code_is_not_on_the_page(browser: Client, me: Person) -> None:
    assert post(browser, "/me/notices/mail", address="name@example.org").status_code == 303
    assert "the code is" not in browser.get("/me/notices").content.decode()


def test_the_service_worker_shows_what_is_pushed(db: None) -> None:
    text = Client().get("/sw.js").content.decode()
    address = re.search(r'importScripts\([^)]*"([^"]+push-worker\.js)"', text)[1]
    assert address.startswith("/static/")
    assert (
        Path(finders.find(address.split("/", 3)[3])).read_text(encoding="utf-8").count("addEventListener")
        == 2
    )
