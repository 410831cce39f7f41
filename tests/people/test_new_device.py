"""Who is signed in elsewhere is told of a sign-in on another device."""

from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession

from tessera.kit.actors import SYSTEM
from tessera.notices.models import Notice
from tessera.people.actions.persons import open_person
from tessera.people.actions.sessions import tell_of_new_device
from tests.cast import NOW, made_up_phone

PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/120.0"
PC = "Mozilla/5.0 (Windows NT 10.0) Firefox/120.0"


@pytest.fixture
def me(db: None) -> UUID:
    return open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM).id


def seen(me: UUID, key: str, browser: str) -> bool:
    UserSession.objects.create(
        user_id=me, session_key=key, user_agent=browser, ip="127.0.0.1", created_at=NOW, last_seen_at=NOW
    )
    return tell_of_new_device(person_id=me, session_key=key, now=NOW, actor=SYSTEM)


def test_the_first_device_is_no_news(me: UUID) -> None:
    assert not seen(me, "a", PHONE)
    assert Notice.objects.filter(person_id=me).count() == 0


def test_another_device_is_told_of_with_its_name(me: UUID) -> None:
    seen(me, "a", PHONE)
    assert seen(me, "b", PC)
    notice = Notice.objects.get(person_id=me)
    assert (notice.kind, notice.context) == ("security", {"device": "Firefox · Windows"})


def test_the_same_browser_again_is_no_news(me: UUID) -> None:
    seen(me, "a", PHONE)
    assert not seen(me, "b", PHONE)
