"""When two names look like one; tried without a database."""

import pytest

from tessera.merchants.likeness import are_alike, edit_distance, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("老茶馆", "老 茶 馆"),
        ("老茶馆", "老茶馆有限公司"),
        ("老茶馆（上海）", "老茶馆 上海 有限责任公司"),
        ("Ｒａｉｎ Tea", "rain-tea Co., Ltd."),
        ("RAIN TEA HOUSE", "Rain Tea House Limited"),
        ("晨光书店", "晨光书"),
        ("晨光书店总店", "晨光书"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("name", ["公司", "店", "Ltd", "***", "有限公司"])
def test_a_name_of_endings_alone_keeps_something(name: str) -> None:
    assert name_key(name) or name == "***"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("老茶馆", "老茶舘"),
        ("raintea", "raintee"),
        ("福记饼屋", "福记饼家"),
        ("福记饼家", "福记饼家上海"),
        ("福记饼屋fookkeebakehouse", "福记饼家fookkeebakery"),
    ],
)
def test_names_that_are_alike(one: str, other: str) -> None:
    assert are_alike(one, other)
    assert are_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("茶馆", "茶舘"),
        ("", "老茶馆"),
        ("老茶馆", "新饭馆"),
        ("老茶馆raintea", "新饭馆sunnyrice"),
        ("raintea", "sunnytea"),
        ("老茶馆", "老茶馆" + "东" * 9),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert not are_alike(one, other)


def test_edits_are_counted_up_to_a_bound() -> None:
    assert edit_distance("abcd", "abcd", most=2) == 0
    assert edit_distance("abcd", "abed", most=2) == 1
    assert edit_distance("abcd", "bcd", most=2) == 1
    assert edit_distance("abcd", "dcba", most=2) == 3
    assert edit_distance("a" * 500, "b" * 500, most=3) == 4
