"""Geometry of charts: round ticks, bars that stack, lines that end where the numbers do."""

import pytest

from tessera.kit.charts import NARROW, WIDE, Series, draw_bars, draw_line, draw_rows, nice_ticks, shortened


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        (0, 0, [0, 1]),
        (0, 3, [0, 1, 2, 3]),
        (0, 7, [0, 2, 4, 6, 8]),
        (0, 100, [0, 50, 100]),
        (-4, 26, [-10, 0, 10, 20, 30]),
        (0, 224_536, [0, 100_000, 200_000, 300_000]),
    ],
)
def test_ticks_are_round_and_hold_all_values(least: int, most: int, ticks: list[int]) -> None:
    assert nice_ticks(least, most, 4) == ticks


def test_bars_of_one_label_stand_on_each_other() -> None:
    drawn = draw_bars(
        ["a", "b"], [Series("in", [3, 0]), Series("more", [2, 1], 2), Series("out", [-1, 0], 3)], WIDE
    )
    first, second, out, alone = drawn.bars
    assert first.y == pytest.approx(second.y + second.height, abs=0.2)
    assert out.y == pytest.approx(drawn.baseline, abs=0.2)
    assert alone.x > first.x
    assert [bar.title for bar in drawn.bars] == ["a · in 3", "a · more 2", "a · out 1", "b · more 1"]


@pytest.mark.parametrize("sheet", [NARROW, WIDE])
@pytest.mark.parametrize("count", [1, 7, 30, 365])
def test_nothing_is_drawn_beside_the_sheet(sheet: object, count: int) -> None:
    labels = [f"{n}-12" for n in range(count)]
    drawn = draw_bars(labels, [Series("points", [n * 997 for n in range(count)])], sheet)  # type: ignore[arg-type]  # both are sheets
    assert all(bar.x >= 0 and bar.x + bar.width <= drawn.width and bar.y >= 0 for bar in drawn.bars)
    shown = [text for text in drawn.texts if text.anchor == "middle"]
    assert len(shown) <= sheet.labels  # type: ignore[attr-defined]  # as above
    assert all(0 <= text.x <= drawn.width for text in drawn.texts)


def test_a_line_of_one_value_and_of_none() -> None:
    one = draw_line(["a"], Series("held", [5]), NARROW)
    assert one.line.startswith("M")
    assert len(one.dots) == 1
    assert draw_line([], Series("held", []), NARROW).line == ""


def test_long_names_are_cut_where_the_number_begins() -> None:
    drawn = draw_rows(["很长很长的名字" * 20], Series("pieces", [12]), NARROW)
    assert drawn.texts[0].words.endswith("…")
    assert shortened("短", 100) == "短"
    assert drawn.bars[0].width == NARROW.width
