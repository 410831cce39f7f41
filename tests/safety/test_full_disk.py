"""A disk that is full in the middle of an import: one sentence, nothing half done, the same command goes on."""

import csv
import errno
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.clock import EPOCH
from tessera.orders.actions import imports
from tessera.points.actions.rules import publish_rule
from tessera.site.command import main
from tests.cast import NOW, House, make_house

RECEIPTS = 250
"""Three batches of the import."""


@pytest.fixture
def house(committed: None) -> House:
    with transaction.atomic():
        house = make_house("Corner shop")
        publish_rule(
            merchant_id=house.merchant_id, name="1, 3", kind="product",
            terms={"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]},
            effective_from=EPOCH, now=NOW, actor=SYSTEM,
        )  # fmt: skip
    return house


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "till.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("receipt", "date", "sku", "quantity", "amount", "customer number"))
        for n in range(RECEIPTS):
            writer.writerow((f"D-{n}", "2025-06-01 12:00:00", "T-1", 2, "25.00", f"N-{n % 20}"))
    return path


def _ask(query: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def _recorded(house: House) -> int:
    return _ask("SELECT count(*) FROM orders_purchase WHERE merchant_id = %s", house.merchant_id)


def _points(house: House) -> int:
    return _ask(
        "SELECT coalesce(sum(balance), 0) FROM ledger_account WHERE unit_id = %s AND purpose = 'wallet'",
        house.merchant_id,
    )


def _full_at(batch: int, full: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk be full at the end of that batch: everything is written, nothing committed."""
    record, seen = imports.record_parts, []

    def recorded(*arguments: object, **named: object) -> object:
        seen.append(1)
        outcome = record(*arguments, **named)
        if len(seen) == batch:
            raise full()
        return outcome

    monkeypatch.setattr(imports, "record_parts", recorded)


@pytest.mark.parametrize(
    "full",
    [
        pytest.param(lambda: psycopg.errors.DiskFull("could not extend file"), id="the database's"),
        pytest.param(lambda: OSError(errno.ENOSPC, "No space left on device", "till.csv"), id="ours"),
    ],
)
def test_a_full_disk_stops_an_import_between_batches(
    house: House, file: Path, full: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    command = ["import", "purchases", str(file), "--merchant", house.merchant]
    with monkeypatch.context() as patched:
        _full_at(2, full, patched)
        assert main(command) == 1
    said = capsys.readouterr().err
    assert "full" in said.splitlines()[-1]
    assert "it goes on where it stopped" in said
    assert "Traceback" not in said
    done = _recorded(house)
    assert 0 < done < RECEIPTS
    assert _points(house) == 3 * done

    assert main(command) == 0
    said = capsys.readouterr().err
    assert f"Going on behind {done:,} receipts" in said
    assert (_recorded(house), _points(house)) == (RECEIPTS, 3 * RECEIPTS)
    assert f"{RECEIPTS} purchases with {3 * RECEIPTS} points" in said
    assert "0 of these recorded before" in said
