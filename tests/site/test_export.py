"""Exports: whole, masked, in both languages."""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tessera.kit.ids import show_id
from tessera.site.commands import export
from tests.cast import made_up_phone
from tests.orders.till import Till


@pytest.fixture
def till(committed: None) -> Iterator[Till]:
    from tessera.kit.connections import connect

    with connect() as connection:
        yield Till(connection)
        connection.rollback()


def exported(till: Till, what: str, path: Path, language: str = "en") -> list[list[str]]:
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    words = [what, "--merchant", show_id("mer", till.id), "--out", str(path), "--language", language]
    assert export.run(parser.parse_args(words)) == 0
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def test_balances(till: Till, tmp_path: Path) -> None:
    phone = made_up_phone()
    till.programme(unclaimed_days=3650)
    stranger = till.buy("1", phone, ("A", 2)).member_id
    number = till.buy("2", "C-1", ("A", 4)).member_id
    rows = exported(till, "balances", tmp_path / "b.csv")
    found = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert found[show_id("per", stranger)]["phone"] == f"100****{phone[-4:]}"
    assert phone[3:] not in (tmp_path / "b.csv").read_text()
    assert (found[show_id("per", stranger)]["balance"], found[show_id("per", stranger)]["pending"]) == (
        "3",
        "3",
    )
    assert (found[show_id("per", number)]["customer_numbers"], found[show_id("per", number)]["balance"]) == (
        "C-1",
        "6",
    )
    assert exported(till, "balances", tmp_path / "b.csv", "zh-Hans")[0][:2] == ["会员", "手机号"]


def test_entries_and_purchases(till: Till, tmp_path: Path) -> None:
    member = till.member()
    till.buy("1", member, ("A", 2), ("B", 1))
    till.bring_back("r", None, ("A", 1), of_receipt="1")
    rows = exported(till, "entries", tmp_path / "e.csv")
    places = [rows[0].index(name) for name in ("kind", "amount", "balance_after", "rule_version")]
    assert [[row[place] for place in places] for row in rows[1:]] == [
        ["accrual", "4", "4", "r1"],
        ["claw_back", "-2", "2", "r1"],
    ]
    rows = exported(till, "purchases", tmp_path / "p.csv")
    places = [
        rows[0].index(name) for name in ("receipt", "line", "sku", "quantity", "points", "returned_quantity")
    ]
    assert [[row[place] for place in places] for row in rows[1:]] == [
        ["1", "1", "A", "2", "3", "1"],
        ["1", "2", "B", "1", "1", "0"],
    ]
    assert rows[1][rows[0].index("occurred_at")] == "2026-06-01 12:00:00+08:00"


def test_a_name_is_no_formula(till: Till, tmp_path: Path) -> None:
    till.buy("=1+1", "@x", ("A", 1))
    rows = exported(till, "purchases", tmp_path / "p.csv")
    assert rows[1][0] == "'=1+1"
    assert exported(till, "balances", tmp_path / "b.csv")[1][4] == "'@x"


def test_nothing_half_written(till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.csv"
    path.write_text("as it was")
    till.buy("1", "C-1", ("A", 1))

    def broken(*_: object) -> object:
        raise OSError("no")

    monkeypatch.setattr(
        export, "_shown_in", lambda _: dict.fromkeys(("per", "phone", "text", "list", "number"), broken)
    )
    with pytest.raises(OSError, match="no"):
        exported(till, "balances", path)
    assert [one.name for one in tmp_path.iterdir()] == ["b.csv"]
    assert path.read_text() == "as it was"
