"""News is told once, whatever happens to the teller."""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id
from tessera.kit.models import News
from tessera.kit.outbox import tell
from tessera.people.models import Person
from tessera.site.outbox import MOST_ATTEMPTS, tell_news

NOW = datetime(2026, 6, 1, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def topic() -> str:
    """A topic of this test alone; all other news is told away first."""
    tell_news(handlers={}, most=1_000_000, now=NOW + timedelta(days=400))
    return f"test.{new_id()}"


def write(topic: str, count: int = 1) -> None:
    with transaction.atomic():
        for number in range(count):
            tell(topic, {"number": number}, now=NOW)


def numbers(topic: str, **how: Any) -> list[int]:
    return [news.body["number"] for news in News.objects.filter(topic=topic, **how).order_by("id")]


def test_in_order_and_once(topic: str) -> None:
    write(topic, 5)
    heard: list[int] = []
    handlers = {topic: [lambda body, now: heard.append(body["number"])]}
    assert tell_news(handlers=handlers, most=3, now=NOW).told == 3
    assert tell_news(handlers=handlers, now=NOW).told == 2
    assert tell_news(handlers=handlers, now=NOW).told == 0
    assert heard == [0, 1, 2, 3, 4]


def test_news_that_nobody_hears_is_told(topic: str) -> None:
    write(topic)
    assert tell_news(handlers={}, now=NOW).told == 1
    assert numbers(topic, told_at__isnull=True) == []


def test_one_failure_holds_up_no_other_and_leaves_no_trace_of_itself(topic: str) -> None:
    write(topic, 3)

    def hear(body: Mapping[str, Any], now: datetime) -> None:
        Person.objects.create(created_at=now, nickname=f"{topic}{body['number']}")
        if body["number"] == 1:
            raise NotFound

    handlers = {topic: [hear]}
    told = tell_news(handlers=handlers, now=NOW)
    assert (told.told, told.failed) == (2, 1)
    waiting = News.objects.get(topic=topic, told_at__isnull=True)
    assert (waiting.body, waiting.attempts, waiting.fault) == ({"number": 1}, 1, "NotFound: not_found")
    assert Person.objects.filter(nickname__startswith=topic).count() == 2
    assert tell_news(handlers={}, now=NOW + timedelta(seconds=1)).told == 0, "it was asked again too early"
    assert tell_news(handlers={}, now=NOW + timedelta(seconds=2)).told == 1


def test_it_is_given_up_after_many_failures(topic: str) -> None:
    write(topic)

    def fail(body: Mapping[str, Any], now: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    for _ in range(MOST_ATTEMPTS):
        assert tell_news(handlers={topic: [fail]}, now=NOW + timedelta(days=300)).failed == 1
    assert tell_news(handlers={topic: [fail]}, now=NOW + timedelta(days=300)).failed == 0
    assert News.objects.get(topic=topic).fault == "DataError"
    News.objects.filter(topic=topic).update(told_at=NOW)


def test_eight_tellers_at_once_tell_everything_once(topic: str) -> None:
    write(topic, 60)
    heard: list[int] = []
    faults: list[BaseException] = []
    start = threading.Barrier(8)

    def hear(body: Mapping[str, Any], now: datetime) -> None:
        heard.append(body["number"])
        time.sleep(0.005)

    def work() -> None:
        try:
            start.wait()
            tell_news(handlers={topic: [hear]}, now=NOW)
        except Exception as fault:  # noqa: BLE001 - shown below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert sorted(heard) == list(range(60))


def test_a_teller_that_dies_before_the_commit_has_told_nothing(topic: str) -> None:
    write(topic)

    def die(body: Mapping[str, Any], now: datetime) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell_news(handlers={topic: [die]}, now=NOW)
    assert numbers(topic, told_at__isnull=True, attempts=0) == [0]
    assert tell_news(handlers={}, now=NOW).told == 1
