"""Member codes: known for a minute, accepted once, and to nobody who guesses."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections, transaction

from tessera.kit import clock, trail
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.ids import first_id_at, new_id
from tessera.people.actions.codes import (
    MOST_UNKNOWN_CODES,
    end_code_devices,
    forget_used_codes,
    issue_short_code,
    move_code_device,
    open_code_device,
    redeem_code,
)
from tessera.people.actions.persons import open_person, register_person
from tessera.people.actions.privacy import erase_person
from tessera.people.errors import CodeOwn, CodeStale, CodeUnknown, CodeUsed, MemberCodesTooOften
from tessera.people.models import CodeDevice, Person, ShortCode, UsedCode
from tessera.people.rules import code_age, code_step, member_code, parse_member_code
from tests.cast import made_up_phone

MERCHANT = uuid4()
CASHIER = Actor(kind="person", id=uuid4(), merchant_id=MERCHANT)


def new_member(now: datetime) -> Person:
    person = open_person(phone=made_up_phone(), nickname="Lin", now=now, actor=SYSTEM)
    return register_person(person_id=person.id, now=now, actor=SYSTEM)


def new_device(now: datetime, person: Person | None = None) -> CodeDevice:
    session = SessionStore()
    session.create()
    member = person or new_member(now)
    return open_code_device(
        person_id=member.id, session_key=session.session_key, label="Phone", now=now, actor=SYSTEM
    )


def shown(device: CodeDevice, at: datetime) -> str:
    return member_code(device.number, bytes(device.secret), code_step(at))


def redeem(code: str, now: datetime, actor: Actor = CASHIER) -> Person:
    with transaction.atomic():
        return redeem_code(code=code, merchant_id=MERCHANT, now=now, actor=actor)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("https://tessera.example/m/12345678901234", "12345678901234"),
        ("HTTPS://x/m/1", None),
        ("http://localhost:8000/m/12345678", "12345678"),
        ("/m/12345678901234/?a=b", "12345678901234"),
        (" 1234 5678 ", "12345678"),
        ("1234-5678-901234", "12345678901234"),
        ("１２３４５６７８", "12345678"),
        ("12345678\n", "12345678"),
        ("https://evil.example/x/m/12345678", None),
        ("/m/1234567a", None),
        ("6901234567892", None),
        ("13800000000", None),
        ("²²²²²²²²", None),
        ("", None),
        ("m/12345678", None),
    ],
)
def test_what_counts_as_a_member_code(text: str, digits: str | None) -> None:
    assert parse_member_code(text) == digits


def test_the_arithmetic_is_written_down() -> None:
    """The browser computes the same: static/tessera/js/code.js has this example, too."""
    secret = bytes(range(32))
    assert member_code("00000042", secret, 29_000_000) == "00000042968661"


def test_a_code_says_how_old_it_is() -> None:
    now = clock.now()
    for age in (0, -1, -5, 3):
        code = member_code("12345678", b"s" * 32, code_step(now) + age)
        assert code_age(code, secret=b"s" * 32, now=now) == age
    assert code_age(member_code("12345678", b"t" * 32, code_step(now)), secret=b"s" * 32, now=now) is None


def test_ids_from_a_moment_on_begin_there() -> None:
    before = clock.now()
    made = new_id()
    assert first_id_at(before) <= made < first_id_at(clock.now() + timedelta(milliseconds=2))


@pytest.mark.django_db
def test_the_code_of_this_minute_and_of_the_last_are_accepted_once_each() -> None:
    now = clock.now()
    device = new_device(now)
    for at in (now, now - timedelta(seconds=60)):
        assert redeem(shown(device, at), now).id == device.person_id
        with pytest.raises(CodeUsed):
            redeem(f"https://any.example/m/{shown(device, at)}", now)
    assert UsedCode.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [-10, -2, 1, 10])
def test_a_code_out_of_its_minute_is_refused_and_stays_unused(minutes: int) -> None:
    now = clock.now()
    device = new_device(now)
    with pytest.raises(CodeStale):
        redeem(shown(device, now + timedelta(minutes=minutes)), now)
    assert not UsedCode.objects.exists()


@pytest.mark.django_db
def test_a_signed_out_device_has_no_codes() -> None:
    now = clock.now()
    device = new_device(now)
    SessionStore(device.session_key).delete()
    with pytest.raises(CodeUnknown):
        redeem(shown(device, now), now)


@pytest.mark.django_db
def test_a_device_follows_its_session_under_a_new_key() -> None:
    now = clock.now()
    device = new_device(now)
    session = SessionStore(device.session_key)
    session.cycle_key()
    move_code_device(
        session_key=device.session_key, new_session_key=session.session_key, now=now, actor=SYSTEM
    )
    assert redeem(shown(device, now), now).id == device.person_id


@pytest.mark.django_db
def test_asking_for_the_device_again_gives_the_same_one() -> None:
    now = clock.now()
    device = new_device(now)
    member = Person.objects.get(pk=device.person_id)
    again = open_code_device(person_id=member.id, session_key=device.session_key, now=now, actor=SYSTEM)
    assert (again.id, bytes(again.secret)) == (device.id, bytes(device.secret))
    other = new_member(now)
    taken = open_code_device(person_id=other.id, session_key=device.session_key, now=now, actor=SYSTEM)
    assert taken.person_id == other.id
    with pytest.raises(CodeUnknown):
        redeem(shown(device, now), now)


@pytest.mark.django_db
def test_ended_devices_and_erased_persons_are_unknown() -> None:
    now = clock.now()
    first, second = new_device(now), new_device(now)
    end_code_devices(person_id=first.person_id, now=now, actor=SYSTEM)
    short = issue_short_code(person_id=second.person_id, now=now, actor=SYSTEM).code
    erase_person(person_id=second.person_id, reason="asked", now=now, actor=SYSTEM)
    for code in (shown(first, now), shown(second, now), short):
        with pytest.raises(CodeUnknown):
            redeem(code, now)
    assert not ShortCode.objects.filter(pk=second.person_id).exists()
    assert bytes(CodeDevice.objects.get(pk=second.pk).secret) == b""


@pytest.mark.django_db
def test_a_short_code_is_good_for_a_minute_and_once() -> None:
    now = clock.now()
    member = new_member(now)
    first = issue_short_code(person_id=member.id, now=now, actor=SYSTEM)
    assert issue_short_code(person_id=member.id, now=now, actor=SYSTEM).code == first.code
    with pytest.raises(CodeStale):
        redeem(first.code, now + timedelta(seconds=60))
    assert redeem(first.code, now + timedelta(seconds=59)) == member
    with pytest.raises(CodeUsed):
        redeem(first.code, now)
    second = issue_short_code(person_id=member.id, now=now, actor=SYSTEM)
    assert second.code != first.code
    with pytest.raises(CodeUnknown):
        redeem(first.code, now)


@pytest.mark.django_db
def test_nobody_is_both_halves() -> None:
    now = clock.now()
    device = new_device(now)
    own = Actor(kind="person", id=device.person_id, merchant_id=MERCHANT)
    short = issue_short_code(person_id=device.person_id, now=now, actor=SYSTEM).code
    for code in (shown(device, now), short):
        with pytest.raises(CodeOwn):
            redeem(code, now, own)
    assert redeem(shown(device, now), now).id == device.person_id
    assert redeem(short, now).id == device.person_id


@pytest.mark.django_db
def test_guessing_ends_after_twenty_unknown_codes() -> None:
    """Each refusal's audit line counts; another cashier and a later hour are free."""
    now = clock.now()
    device = new_device(now)

    def miss(outcome: str) -> None:
        trail.note(actor=CASHIER, verb="find_member", object_kind="person", outcome=outcome, now=clock.now())

    for _ in range(MOST_UNKNOWN_CODES - 1):
        miss("code_unknown")
    miss("code_used")
    assert redeem(shown(device, now), clock.now())
    miss("code_unknown")
    with pytest.raises(MemberCodesTooOften) as refused:
        redeem(shown(device, now - timedelta(seconds=60)), clock.now())
    assert 500 < refused.value.details["retry_after_s"] <= 600
    colleague = Actor(kind="person", id=uuid4(), merchant_id=MERCHANT)
    assert redeem(shown(device, now - timedelta(seconds=60)), now, colleague)
    later = clock.now() + timedelta(minutes=11)
    with pytest.raises(CodeUnknown):
        redeem("00000000000000", later)


@pytest.mark.django_db
def test_used_codes_are_forgotten_after_two_days() -> None:
    now = clock.now()
    device = new_device(now)
    redeem(shown(device, now), now)
    assert forget_used_codes(now=now + timedelta(days=1), actor=SYSTEM) == 0
    assert forget_used_codes(now=now + timedelta(days=3), actor=SYSTEM) == 1


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("kind", ["device", "short"])
def test_of_sixteen_counters_exactly_one_gets_the_member(kind: str) -> None:
    now = clock.now()
    with transaction.atomic():
        device = new_device(now)
        short = issue_short_code(person_id=device.person_id, now=now, actor=SYSTEM)
    code = shown(device, now) if kind == "device" else short.code
    gate = threading.Barrier(16)

    def ask(number: int) -> UUID | str:
        actor = Actor(kind="person", id=uuid4(), merchant_id=uuid4())
        try:
            gate.wait(timeout=30)
            with transaction.atomic():
                return redeem_code(code=code, merchant_id=uuid4(), now=now, actor=actor).id
        except CodeUsed as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(ask, range(16)))
    assert sorted(str(one) for one in outcomes) == sorted([str(device.person_id), *["code_used"] * 15])
    assert UsedCode.objects.filter(device_id=device.id).count() == (kind == "device")
