"""Limits of codes and passwords: pure arithmetic, then exact with 16 racers."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.actors import SYSTEM
from tessera.kit.edge import repeated
from tessera.kit.refusals import Refusal
from tessera.people.actions.signing import (
    forget_tries,
    issue_code,
    join_by_phone,
    take_password_try,
    try_code,
)
from tessera.people.errors import CodesTooOften, SignInTriesUsed
from tessera.people.models import Consent, PasswordTry, Person, SignInCode
from tessera.people.rules import CODE_LIMITS, PASSWORD_LIMITS, Limits, wait_s
from tests.cast import made_up_phone

AT = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)
RACERS = 16
OPEN: Limits = ((60, 1000),)


def after(**how_long: int) -> datetime:
    return AT + timedelta(**how_long)


@pytest.mark.parametrize(
    ("happened", "now", "wait"),
    [
        ([], AT, 0),
        ([AT], AT, 60),
        ([AT], after(seconds=59), 1),
        ([AT], after(seconds=60), 0),
        ([after(minutes=n) for n in range(5)], after(minutes=6), 54 * 60),
        ([after(minutes=n) for n in range(5)], after(minutes=60), 0),
        ([after(hours=n) for n in range(10)], after(hours=11), 13 * 3600),
        ([after(hours=n) for n in range(10)], after(hours=24), 0),
    ],
)
def test_wait_for_a_code(happened: list[datetime], now: datetime, wait: int) -> None:
    assert wait_s(happened, CODE_LIMITS, now=now) == wait


@given(st.lists(st.integers(0, 3 * 24 * 3600), max_size=200))
def test_no_window_ever_holds_more_than_allowed(asked: list[int]) -> None:
    """However somebody asks, what is granted stays within one a minute, five an hour, ten a day."""
    sent: list[datetime] = []
    for second in sorted(asked):
        now = after(seconds=second)
        if wait_s(sent, CODE_LIMITS, now=now) == 0:
            sent.append(now)
    for window_s, most in CODE_LIMITS:
        for first in sent:
            assert sum(first <= one < first + timedelta(seconds=window_s) for one in sent) <= most


def race(work: Callable[[int], Any]) -> list[Any]:
    """Let `work(number)` run in RACERS threads at once; a refusal is an outcome."""
    gate = threading.Barrier(RACERS)

    def run(number: int) -> Any:
        try:
            gate.wait(timeout=30)
            return work(number)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RACERS) as pool:
        return [
            future.result(timeout=60) for future in [pool.submit(run, number) for number in range(RACERS)]
        ]


@pytest.fixture
def address(committed: None) -> str:
    """A network address of this test alone: what is committed here stays."""
    return f"test {made_up_phone()}"


def sent(phone: str, address: str, now: datetime, limits: Limits = OPEN) -> tuple[SignInCode, str]:
    with transaction.atomic():
        return issue_code(
            phone=phone, purpose="sign_in", address=address, address_limits=limits, now=now, actor=SYSTEM
        )


def test_racers_for_one_number_get_one_code(address: str) -> None:
    phone = made_up_phone()
    found = race(lambda n: sent(phone, f"{address} {n}", AT) and "sent")
    assert Counter(found) == {"sent": 1, "codes_too_often": RACERS - 1}


def test_racers_for_the_last_of_the_hour(address: str) -> None:
    phone = made_up_phone()
    for minute in range(4):
        sent(phone, address, after(minutes=minute))
    found = race(lambda n: sent(phone, f"{address} {n}", after(minutes=10)) and "sent")
    assert Counter(found) == {"sent": 1, "codes_too_often": RACERS - 1}
    with pytest.raises(CodesTooOften) as refused:
        sent(phone, address, after(minutes=12))
    assert refused.value.details == {"retry_after_s": 48 * 60, "at": "13:00"}
    assert SignInCode.objects.filter(phone=phone).count() == 5


def test_racers_behind_one_address_get_one_code(address: str) -> None:
    phones = [made_up_phone() for _ in range(RACERS)]
    found = race(lambda n: sent(phones[n], address, AT, CODE_LIMITS) and "sent")
    assert Counter(found) == {"sent": 1, "codes_too_often": RACERS - 1}


def test_ten_a_day(address: str) -> None:
    phone = made_up_phone()
    for hour in range(10):
        sent(phone, address, after(hours=hour))
    with pytest.raises(CodesTooOften):
        sent(phone, address, after(hours=11))
    sent(phone, address, after(hours=24))


def test_five_racers_are_heard_and_none_after_them(address: str) -> None:
    row, digits = sent(made_up_phone(), address, AT)
    wrong = "000000" if digits != "000000" else "111111"

    def attempt(_number: int) -> str:
        with transaction.atomic():
            refusal = try_code(code_id=row.id, digits=wrong, now=AT, actor=SYSTEM)
        assert refusal is not None
        return refusal.code

    assert set(race(attempt)) <= {"code_wrong", "code_used_up"}
    assert SignInCode.objects.get(pk=row.id).tries == 5
    with transaction.atomic():
        last = try_code(code_id=row.id, digits=digits, now=AT, actor=SYSTEM)
    assert last is not None
    assert last.code == "code_used_up"


def test_right_digits_open_for_one_racer(address: str) -> None:
    row, digits = sent(made_up_phone(), address, AT)

    def attempt(_number: int) -> str:
        with transaction.atomic():
            refusal = try_code(code_id=row.id, digits=digits, now=AT, actor=SYSTEM)
        return refusal.code if refusal else "in"

    assert Counter(race(attempt)) == {"in": 1, "code_used_up": RACERS - 1}


def test_racers_join_once(address: str) -> None:
    phone = made_up_phone()

    def join(_number: int) -> Person:
        with transaction.atomic():
            return join_by_phone(
                phone=phone, nickname="", language="en", given=("terms",), now=AT, actor=SYSTEM
            )

    joined = race(lambda number: repeated(lambda: join(number)).id)
    assert len(set(joined)) == 1
    assert Consent.objects.filter(person_id=joined[0]).count() == 1


def test_racing_passwords(address: str) -> None:
    phone = made_up_phone()

    def attempt(number: int) -> str:
        with transaction.atomic():
            take_password_try(phone=phone, address=f"{address} {number}", now=AT, actor=SYSTEM)
        return "looked at"

    most = PASSWORD_LIMITS[0][1]
    assert Counter(race(attempt)) == {"looked at": most, "sign_in_tries_used": RACERS - most}
    with pytest.raises(SignInTriesUsed), transaction.atomic():
        take_password_try(phone=phone, address=address, now=after(minutes=14), actor=SYSTEM)
    with transaction.atomic():
        take_password_try(phone=phone, address=address, now=after(minutes=15), actor=SYSTEM)


@pytest.mark.django_db
def test_old_tries_are_forgotten() -> None:
    def fill(now: datetime) -> None:
        issue_code(
            phone=made_up_phone(), purpose="sign_in", address="x", address_limits=OPEN, now=now, actor=SYSTEM
        )
        take_password_try(phone=made_up_phone(), address="x", now=now, actor=SYSTEM)

    SignInCode.objects.all().delete()
    PasswordTry.objects.all().delete()
    fill(AT)
    fill(after(days=2))
    assert forget_tries(now=after(days=2, seconds=1), actor=SYSTEM) == 2
    assert (SignInCode.objects.count(), PasswordTry.objects.count()) == (1, 1)
