"""What can be written, and with how many others the guest in the middle talked."""

import pytest

from tessera.talk.rules import median_partners, usable_text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  hello ", "hello"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\tb", "a b"),
        ("😀" * 1000, "😀" * 1000),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("مرحبا", "مرحبا"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u202egnirts", "\u202egnirts"),
        ("。", "。"),
    ],
)
def test_what_people_write_is_kept(given: str, kept: str) -> None:
    assert usable_text(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        " \n\t ",
        "\u200b\u200d\u2060",
        "\u3164",
        "\u0301",
        "\u3000",
        "a\x00b",
        "a\x1b[31m",
        "x" * 1001,
        "a\ufffdb",
        "a\ud800",
    ],
)
def test_what_is_no_message_is_not(given: str) -> None:
    assert usable_text(given) is None


@pytest.mark.parametrize(
    ("by_partners", "guests", "median"),
    [
        ({}, 0, 0),
        ({}, 9, 0),
        ({1: 4}, 9, 0),
        ({1: 5}, 9, 1),
        ({1: 2, 3: 3}, 5, 3),
        ({2: 4}, 4, 2),
        ({7: 3}, 1, 7),
    ],
)
def test_the_guest_in_the_middle(by_partners: dict[int, int], guests: int, median: int) -> None:
    assert median_partners(by_partners, guests=guests) == median
