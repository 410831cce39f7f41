"""Finding guests by what they wear and where they sit, in Chinese and English, misspelled or not (spec/events.md, step 8)."""

import random
import time
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tessera.events.models import Arrival, CircleProfile, Event
from tessera.events.queries.circle_search import find_by_beginning, find_by_words, look_up_number
from tessera.events.rules.circle import number_asked, number_ranges
from tessera.events.rules.words import MOST_TOKENS, asked_words, normal, words_of
from tessera.kit import clock
from tessera.kit.ids import new_id
from tests.events.stage import a_guest, an_arrival, an_event

EVENT = UUID(int=7)
COLOURS = {"red": "红", "blue": "蓝", "green": "绿", "black": "黑", "white": "白"}
THINGS = {"dress": "裙子", "jacket": "外套", "hat": "帽子", "glasses": "眼镜", "scarf": "围巾"}
ROWS = {"first row": "第一排", "second row": "第二排", "third row": "第三排", "row 12": "第十二排"}


def fits(text: str, asked: str) -> bool:
    """Whether all of what is asked for is in the text."""
    tokens = set(words_of(EVENT, text))
    groups = asked_words(EVENT, asked).groups
    return bool(groups) and all(tokens & set(group) for group in groups)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("穿红色连衣裙，戴眼镜，坐在第二排", "red dress glasses second row"),
        ("red dress, glasses, second row", "红裙 眼镜"),
        ("red dress, glasses", "red dres glases"),
        ("Red Dress", "crimson skirt"),
        ("黑框眼镜", "眼睛"),  # the usual slip of a Chinese keyboard
        ("白衬衫 牛仔裤", "white shirt jeans"),
        ("wite shrit", "白色 衬衫"),
        ("长发 靠窗", "long hair by the window"),
        ("Row 12, grey suit", "第十二排 灰西装"),
        ("第12排", "12th row"),
        ("5号桌", "table 5"),
        ("Patagonia jacket", "patagona"),
        ("Pokémon cap", "pokemon hat"),
        ("ＲＥＤ　ｄｒｅｓｓ", "red dress"),
        ("米奇头箍", "米奇"),
        ("sunglasses on the head", "glasses"),
        ("navy coat", "蓝色 大衣"),
    ],
)
def test_what_means_the_same_is_found(text: str, asked: str) -> None:
    assert fits(text, asked)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("red dress", "blue dress"),
        ("第二排", "第三排"),
        ("第二十排", "第十排"),
        ("glasses", "sunglasses"),
        ("short hair", "shirt"),
        ("read a book", "red"),
        ("黑外套", "白外套"),
    ],
)
def test_what_means_something_else_is_not(text: str, asked: str) -> None:
    assert not fits(text, asked)


def test_words_that_say_nothing_ask_for_nothing() -> None:
    assert asked_words(EVENT, "a person with the 的").groups == ()
    assert asked_words(EVENT, "") == asked_words(EVENT, " ,。 ")


def test_beside_each_other_is_more_than_somewhere() -> None:
    pair = set(asked_words(EVENT, "red dress").pairs)
    assert pair <= set(words_of(EVENT, "裙子是红色的"))
    assert not pair & set(words_of(EVENT, "red shoes, white dress"))


def test_the_words_of_one_event_are_not_those_of_another() -> None:
    assert not set(words_of(EVENT, "red dress")) & set(words_of(UUID(int=8), "red dress"))


def test_a_name_is_found_but_means_nothing() -> None:
    tokens = set(words_of(EVENT, name="小红"))
    assert all(tokens & set(group) for group in asked_words(EVENT, "小红").groups)
    assert not tokens & set(words_of(EVENT, "red"))
    assert (
        len(words_of(EVENT, "qwertyuiop " * 60 + " ".join(f"word{n}zzzz" for n in range(99)))) <= MOST_TOKENS
    )


def test_normal_is_one_form() -> None:
    assert normal("Ｒｅｄ\u200b Café") == "red cafe"


@pytest.mark.parametrize(
    ("typed", "digits", "prefix"),
    [
        ("17", "17", None),
        ("017", "017", None),
        (" #17 ", "17", None),
        ("１７ 号", "17", None),
        ("No. 17", "17", None),
        ("v017", "017", "v"),
        ("V-17", "17", "v"),
    ],
)
def test_a_number_is_read_as_it_is_written(typed: str, digits: str, prefix: str | None) -> None:
    asked = number_asked(typed, ["V", "VIP"])
    assert asked is not None
    assert (asked.digits, asked.prefix) == (digits, prefix)


@pytest.mark.parametrize("typed", ["row 2", "red", "T5", "第2排", "17 red", "-3", "123456789"])
def test_words_are_no_number(typed: str) -> None:
    assert number_asked(typed, ["V"]) is None


def test_beginnings_are_ranges() -> None:
    assert number_ranges("12", width=3)[:3] == [(12, 12), (120, 129), (1200, 1299)]
    assert number_ranges("01", width=3) == [(10, 19)]
    assert number_ranges("0001", width=3) == []


# --- In the database --------------------------------------------------------------------------------------------------


def a_crowd(event: Event, appearances: Sequence[str]) -> None:
    """Guests 1, 2, ... who look so; rows only."""
    now = clock.now()
    persons = [uuid4() for _ in appearances]
    Arrival.objects.bulk_create(
        [
            Arrival(event_id=event.id, registration_id=new_id(), person_id=person, number=number, arrived_at=now,
                    recorded_at=now, actor="test")
            for number, person in enumerate(persons, 1)
        ],
        batch_size=2000,
    )  # fmt: skip
    CircleProfile.objects.bulk_create(
        [
            CircleProfile(event_id=event.id, person_id=person, appearance=text, words=words_of(event.id, text), changed_at=now)
            for person, text in zip(persons, appearances, strict=True)
        ],
        batch_size=2000,
    )  # fmt: skip


def looks(chance: random.Random) -> tuple[str, str, str, str]:
    """A colour, a thing, another thing, a row: in English."""
    one, other = chance.sample(sorted(THINGS), 2)
    return chance.choice(sorted(COLOURS)), one, other, chance.choice(sorted(ROWS))


def said(look: tuple[str, str, str, str], *, chinese: bool) -> str:
    colour, one, other, row = look
    if chinese:
        return f"{COLOURS[colour]}{THINGS[one]}，{THINGS[other]}，{ROWS[row]}"
    return f"{colour} {one}, {other}, {row}"


@pytest.mark.django_db
def test_of_two_thousand_exactly_those_who_fit_are_found_first() -> None:
    chance = random.Random(4)
    event = an_event(capacity=None)
    crowd = [looks(chance) for _ in range(2000)]
    a_crowd(event, [said(look, chinese=chance.random() < 0.5) for look in crowd])
    for _ in range(40):
        colour, one, other, row = chance.choice(crowd)
        asked = {
            0: f"{colour} {one}",
            1: f"{COLOURS[colour]}{THINGS[one]} {ROWS[row]}",
            2: f"{one} {other} {row}",
            3: f"{THINGS[other]} {COLOURS[colour]} {row}",
        }[chance.randrange(4)]
        expected = {
            number
            for number, look in enumerate(crowd, 1)
            if all(group_fits(word, look) for word in parts(asked, (colour, one, other, row)))
        }
        found = find_by_words(event.id, asked, 300)
        whole = {one.number for one in found if one.fits == one.asked}
        assert whole <= expected
        assert whole == expected or len(found) == 300
        assert [one.fits for one in found] == sorted([one.fits for one in found], reverse=True)


def parts(asked: str, look: tuple[str, str, str, str]) -> list[str]:
    """What of `look` was asked for."""
    words = {
        look[0]: COLOURS[look[0]],
        look[1]: THINGS[look[1]],
        look[2]: THINGS[look[2]],
        look[3]: ROWS[look[3]],
    }
    return [english for english, chinese in words.items() if english in asked or chinese in asked]


def group_fits(word: str, look: tuple[str, str, str, str]) -> bool:
    return word in look


@pytest.mark.django_db
def test_a_red_dress_comes_before_red_shoes_and_a_white_dress() -> None:
    event = an_event()
    a_crowd(event, ["red shoes, white dress", "戴眼镜", "dress in red", "红色连衣裙", "blue coat"])
    assert [one.number for one in find_by_words(event.id, "red dress", 10)] == [3, 4, 1]
    assert find_by_words(event.id, "red dress glasses", 10)[0].number in {3, 4}
    assert find_by_words(event.id, "umbrella", 10) == []


@pytest.mark.django_db
def test_single_characters_are_tried_where_nothing_else_is_found() -> None:
    event = an_event()
    a_crowd(event, ["貔貅图案", "blue coat"])
    assert [one.number for one in find_by_words(event.id, "貅貔", 10)] == [1]


@pytest.mark.django_db
def test_hidden_guests_and_other_events_are_not_found() -> None:
    event, other = an_event(), an_event()
    a_crowd(event, ["red dress", "red dress"])
    a_crowd(other, ["red dress"])
    hidden = Arrival.objects.get(event_id=event.id, number=1).person_id
    assert [one.number for one in find_by_words(event.id, "red dress", 10, hidden=[hidden])] == [2]
    assert look_up_number(event.id, 1, hidden=[hidden]) is None
    asked = number_asked("1")
    assert asked is not None
    assert find_by_beginning(event.id, asked, width=3, limit=10, hidden=[hidden]) == []


@pytest.mark.django_db
def test_numbers_that_begin_so_come_after_the_number_itself() -> None:
    event = an_event(capacity=None)
    a_crowd(event, ["-"] * 130)
    asked = number_asked("12")
    assert asked is not None
    found = find_by_beginning(event.id, asked, width=3, limit=20)
    assert [one.number for one in found] == [12, *range(120, 130)]
    padded = number_asked("01")
    assert padded is not None
    assert [one.number for one in find_by_beginning(event.id, padded, width=3, limit=20)] == [
        1,
        *range(10, 20),
    ]


@pytest.mark.django_db
def test_only_a_guest_with_the_prefix_answers_to_it() -> None:
    event = an_event(prefixes={"vip": "V"})
    an_arrival(event, a_guest(event), 1, prefix="V")
    an_arrival(event, a_guest(event), 10)
    asked = number_asked("V1", ["V"])
    assert asked is not None
    assert [one.number for one in find_by_beginning(event.id, asked, width=3, limit=9)] == [1]


@pytest.mark.django_db
def test_nothing_that_is_typed_is_read_as_sql_or_breaks() -> None:
    event = an_event()
    a_crowd(event, ["red dress"])
    for text in (
        "'; DROP TABLE events_event; --",
        '{red,"}',
        "\\",
        "%s %L",
        "🧣🕶️",
        "a" * 5000,
        "红" * 5000,
        "' OR 1=1",
    ):
        assert isinstance(find_by_words(event.id, text, 5), list)


@pytest.mark.django_db
def test_finding_among_many_takes_little() -> None:
    """Prevents a search that reads every profile; the exact figures are the bench's."""
    chance = random.Random(5)
    event = an_event(capacity=None)
    a_crowd(event, [said(looks(chance), chinese=chance.random() < 0.5) for _ in range(5000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE events_circle_profile")
        cursor.execute("ANALYZE events_arrival")
    took = []
    for _ in range(30):
        asked = said(looks(chance), chinese=chance.random() < 0.5).replace("glasses", "glases")
        begun = time.perf_counter()
        assert find_by_words(event.id, asked, 20)
        took.append(time.perf_counter() - begun)
    assert sorted(took)[len(took) // 2] < 0.1
