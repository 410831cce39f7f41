"""Files as tills and spreadsheets really write them, through `tessera import purchases`."""

import csv
import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tessera.kit.ids import show_id
from tessera.orders.actions import imports as actions
from tessera.orders.errors import (
    ColumnsMissing,
    ColumnUnknown,
    EncodingUnknown,
    FileChanged,
    FileNotText,
    ImportUnderWay,
    MappingInvalid,
)
from tessera.orders.models import Import, ImportFault, Purchase, Return
from tessera.site.commands import import_
from tessera.site.mendable import Mendable
from tests.cast import made_up_phone
from tests.orders.till import Till

HEADER = "小票号,交易时间,商品编码,数量,金额,会员号\n"
ROWS = HEADER + (
    "S1,2026-05-01 10:00,A,2,20.00,C-1\n"
    "S1,2026-05-01 10:00,B,1,10.00,C-1\n"
    "S2,2026-05-01 11:00,A,1,10.00,C-2\n"
    "S3,2026-05-02 09:00,A,1,10.00,\n"
    "S4,2026-05-02 10:00,A,-1,-10.00,C-1\n"
)


def run_import(till: Till, path: Path, *options: str) -> int:
    """Run the command in this process."""
    import argparse

    parser = argparse.ArgumentParser()
    import_.add_arguments(parser)
    words = ["purchases", str(path), "--merchant", show_id("mer", till.id), "--language", "en", *options]
    return import_.run(parser.parse_args(words))


def written(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def faults(path: Path) -> list[tuple[int, str, str]]:
    with path.with_name(path.name + ".errors.csv").open(encoding="utf-8-sig", newline="") as lines:
        return [(int(row["line"]), row["receipt"], row["code"]) for row in csv.DictReader(lines)]


def receipts(till: Till) -> dict[str, int]:
    found = {row.receipt_number: row.points for row in Purchase.objects.filter(merchant_id=till.id)}
    return found | {row.receipt_number: -row.points for row in Return.objects.filter(merchant_id=till.id)}


def the_import(till: Till) -> Import:
    return Import.objects.filter(merchant_id=till.id).latest("begun_at")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_encodings(till: Till, tmp_path: Path, encoding: str, packed: bool) -> None:
    content = ROWS.encode(encoding)
    path = written(tmp_path / "till.csv", gzip.compress(content) if packed else content)
    assert run_import(till, path) == 0
    assert receipts(till) == {"S1": 4, "S2": 1, "S4": -2}
    assert the_import(till).counts == {
        "lines": 5, "lines_without_customer": 1, "lines_at_fault": 0, "receipts": 3, "receipts_at_fault": 0,
        "purchases": 2, "returns": 1, "repeats": 0, "points": 5, "points_returned": 2, "pieces_unmatched": 0,
    }  # fmt: skip


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters(till: Till, tmp_path: Path, delimiter: str) -> None:
    assert run_import(till, written(tmp_path / "till.csv", ROWS.replace(",", delimiter))) == 0
    assert receipts(till) == {"S1": 4, "S2": 1, "S4": -2}


def test_english_headings_and_a_named_form_of_dates(till: Till, tmp_path: Path) -> None:
    rows = "Invoice No,Date,Stock Code,Qty,Unit Price,Customer ID\nS1,12/1/2010 8:26,A,2,1.255,17850\n"
    path = written(tmp_path / "till.csv", rows)
    assert run_import(till, path) == 1
    assert faults(path) == [(2, "S1", "date_unreadable")]
    assert run_import(till, path, "--date-format", "%m/%d/%Y %H:%M") == 0
    row = Purchase.objects.get(merchant_id=till.id)
    assert (row.occurred_at.isoformat(), row.amount_minor) == ("2010-12-01T00:26:00+00:00", 251)


def test_columns_by_mapping(till: Till, tmp_path: Path) -> None:
    rows = "甲,乙,丙,丁,戊\nS1,A,2,20,+8610012340001\n"
    path = written(tmp_path / "till.csv", rows)
    with pytest.raises(ColumnsMissing) as missing:
        run_import(till, path)
    assert "receipt (小票号)" in missing.value.message("zh-Hans")
    assert "甲, 乙, 丙, 丁, 戊" in missing.value.message("en")
    with pytest.raises(ColumnUnknown):
        run_import(till, path, "--map", "receipt=己")
    with pytest.raises(MappingInvalid):
        run_import(till, path, "--map", "ticket=甲")
    phone = made_up_phone()
    written(path, rows.replace("+8610012340001", phone[3:]))
    assert run_import(till, path, "--map", "receipt=甲,product=乙,quantity=丙,amount=丁,phone=戊") == 0
    assert receipts(till) == {"S1": 3}


def test_duplicate_lines_are_real(till: Till, tmp_path: Path) -> None:
    path = written(tmp_path / "till.csv", HEADER + "S1,2026-05-01,A,1,10,C-1\n" * 4)
    assert run_import(till, path) == 0
    assert receipts(till) == {"S1": 6}


def test_lines_of_one_receipt_anywhere_in_the_file(till: Till, tmp_path: Path) -> None:
    middle = "".join(f"M{number},2026-05-01,B,1,10,C-2\n" for number in range(250))
    rows = HEADER + "S1,2026-05-01,A,1,10,C-1\n" + middle + "S1,2026-05-01,A,1,10,\n"
    assert run_import(till, written(tmp_path / "till.csv", rows)) == 0
    assert receipts(till)["S1"] == 3


BAD = {
    "0": "quantity_unreadable",
    "1.5": "quantity_unreadable",
    "two": "quantity_unreadable",
    "1e3": None,
    "": "field_missing",
    "NaN": "quantity_unreadable",
    "Infinity": "quantity_unreadable",
    "1_000": "quantity_unreadable",
    "1000001": "amount_invalid",
    "-1000001": "amount_invalid",
    "9" * 40: "quantity_unreadable",
    "1e999999999": "quantity_unreadable",
    "74215": None,
    '"1,000"': None,
    "2.00": None,
    "２": None,
}


def test_absurd_quantities(till: Till, tmp_path: Path) -> None:
    rows = "".join(f"S{number},2026-05-01,A,{quantity},10,C-1\n" for number, quantity in enumerate(BAD))
    path = written(tmp_path / "till.csv", HEADER + rows)
    assert run_import(till, path) == 1
    expected = [(number + 2, f"S{number}", code) for number, code in enumerate(BAD.values()) if code]
    assert faults(path) == expected
    assert len(receipts(till)) == len(BAD) - len(expected)
    counted = the_import(till).counts
    assert (counted["receipts_at_fault"], counted["purchases"]) == (len(expected), len(BAD) - len(expected))


def test_faults_by_line_stop_no_other_receipt(till: Till, tmp_path: Path) -> None:
    rows = HEADER + (
        'OK,2026-05-01,A,1,10,C-1\n'
        ',2026-05-01,A,1,10,C-1\n'
        'X,2026-05-01,A,1,10,C-1\n'
        'X,2026-05-01,NONE,1,10,C-1\n'
        'S,2026-05-01,A,1,ten,C-1\n'
        'S,2026-05-01,A,x,10,C-1\n'
        'M,2026-05-01,A,1,10,C-1\n'
        'M,2026-05-01,A,1,10,C-2\n'
        'Q,2026-05-01,"A"B,1,10,C-1\n'
        'D,2126-05-01,A,1,10,C-1\n'
        'T,2026-05-01,A\ufffd,1,10,C-1\n'
        'I\u200b,2026-05-01,A,1,10,C-1\n'
        'L,2026-05-01\n'
        '\n'
        f'{"N" * 65},2026-05-01,A,1,10,C-1\n'
        'OK2,2026-05-01,A,1,10,C-1\n'
    )  # fmt: skip
    path = written(tmp_path / "till.csv", rows)
    assert run_import(till, path) == 1
    assert faults(path) == [
        (3, "", "field_missing"),
        (5, "X", "product_unknown"),
        (6, "S", "amount_unreadable"),
        (7, "S", "quantity_unreadable"),
        (9, "M", "receipt_mixed"),
        (10, "", "line_unreadable"),
        (11, "D", "moment_implausible"),
        (12, "T", "text_unusable"),
        (13, "I\u200b", "text_unusable"),
        (16, "N" * 64, "text_unusable"),
    ]
    assert receipts(till) == {"OK": 1, "OK2": 1}
    assert the_import(till).counts["lines_without_customer"] == 1  # the line without columns names nobody


def test_sentences_in_both_languages(till: Till, tmp_path: Path) -> None:
    path = written(tmp_path / "till.csv", HEADER + "S1,2026-05-01,NONE,1,10,C-1\n")
    run_import(till, path, "--language", "zh-Hans")
    text = path.with_name("till.csv.errors.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "行号,小票号,代码,原因",
        "2,S1,product_unknown,商品“NONE”不在该商户的商品目录中，请先添加商品，再重新提交小票。",
    ]


@pytest.mark.parametrize("mark", ["=", "+", "-", "@"])
def test_a_spreadsheet_runs_nothing_from_the_faults(till: Till, tmp_path: Path, mark: str) -> None:
    path = written(tmp_path / "till.csv", HEADER + f"{mark}1+1,2026-05-01,NONE,1,10,C-1\n")
    assert run_import(till, path) == 1
    assert faults(path) == [(2, f"'{mark}1+1", "product_unknown")]


def test_a_sale_and_a_return_on_one_receipt(till: Till, tmp_path: Path) -> None:
    rows = HEADER + "S1,2026-05-01,A,4,40,C-1\nS2,2026-05-02,B,1,10,C-1\nS2,2026-05-02,A,-3,-30,C-1\n"
    assert run_import(till, written(tmp_path / "till.csv", rows)) == 0
    assert receipts(till) == {"S1": 6, "S2": 1, "S2-R": -5}


def test_products_are_added_where_asked(till: Till, tmp_path: Path) -> None:
    rows = "小票号,货号,数量,金额,手机号,商品名称\nS1,N-1,2,20,13800000000,新品\n".replace(
        "13800000000", made_up_phone()[3:]
    )
    path = written(tmp_path / "till.csv", rows)
    assert run_import(till, path, "--dry-run") == 0
    assert run_import(till, path) == 1
    assert run_import(till, path, "--add-products", "--anew") == 0
    assert receipts(till) == {"S1": 3}


def test_a_dry_run_records_nothing(till: Till, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "till.csv", ROWS + "S9,2026-05-01,A,0,10,C-1\n")
    assert run_import(till, path, "--dry-run") == 1
    assert "line 7" in capfd.readouterr().err
    assert receipts(till) == {}
    assert not Import.objects.filter(merchant_id=till.id).exists()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("receipt,product,quantity,customer\ncafé,A,1,C\n".encode("latin-1"), "auto"),
        ("小票号,商品编码,数量,会員號\nｶﾅ,A,1,C\n".encode("shift_jis", "ignore"), "auto"),
        ("Чек,Товар,Количество,Карта\nПример,Товар,один,Карта\n".encode("koi8-r"), "auto"),
        (ROWS.encode("gbk"), "utf-8"),
        (ROWS.encode() + b"S9,\xff\xfe\n", "auto"),
    ],
    ids=["latin-1", "shift-jis", "koi8-r", "gbk as utf-8", "one bad byte"],
)
def test_text_that_is_none_is_not_guessed_at(
    till: Till, tmp_path: Path, content: bytes, encoding: str
) -> None:
    with pytest.raises(FileNotText) as refused:
        run_import(till, written(tmp_path / "till.csv", content), "--encoding", encoding)
    assert refused.value.details["line"] >= 1
    assert receipts(till) == {}


def test_unknown_words_are_sentences(till: Till, tmp_path: Path) -> None:
    path = written(tmp_path / "till.csv", ROWS)
    with pytest.raises(EncodingUnknown):
        run_import(till, path, "--encoding", "klingon")
    with pytest.raises(Mendable, match="one character"):
        run_import(till, path, "--delimiter", "ab")
    with pytest.raises(Mendable, match="no file"):
        run_import(till, tmp_path / "none.csv")
    with pytest.raises(Mendable, match="no merchant"):
        import_.find_merchant("Nobody here")
    with pytest.raises(ColumnsMissing):
        run_import(till, written(tmp_path / "empty.csv", b""))


def test_a_finished_file_is_not_done_again(
    till: Till, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "till.csv", ROWS)
    run_import(till, path)
    counts = the_import(till).counts
    assert run_import(till, path) == 0
    assert "in already" in capfd.readouterr().err
    assert run_import(till, path, "--anew") == 0
    again = the_import(till).counts
    assert again == {**counts, "repeats": 3}
    assert receipts(till) == {"S1": 4, "S2": 1, "S4": -2}


def stop_after(batches: int, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let `error` happen within the batch that follows `batches` good ones, after its receipts were recorded."""
    handle = actions.handle_receipts
    done: list[int] = []

    def failing(connection: psycopg.Connection[Any], commands: Any) -> Any:
        outcomes = handle(connection, commands)
        if len(done) == batches:
            raise error
        done.append(1)
        return outcomes

    monkeypatch.setattr(actions, "handle_receipts", failing)


def many(count: int) -> str:
    return HEADER + "".join(f"S{number},2026-05-01,A,2,10,C-{number % 7}\n" for number in range(count))


def test_a_full_disk_of_the_database(till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "till.csv", many(350))
    with monkeypatch.context() as patched:
        stop_after(2, patched, psycopg.errors.DiskFull("could not extend file"))
        with pytest.raises(Mendable, match=r"disk of the database is full.*run the same command again"):
            run_import(till, path)
    assert len(receipts(till)) == 200
    assert the_import(till).next_place == 200
    assert run_import(till, path) == 0
    assert len(receipts(till)) == 350
    counts = the_import(till).counts
    assert (counts["purchases"], counts["repeats"], counts["points"]) == (350, 0, 1050)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_for_the_errors(till: Till, tmp_path: Path) -> None:
    path = written(tmp_path / "till.csv", many(10) + "S99,2026-05-01,A,0,10,C-1\n")
    errors = tmp_path / "till.csv.errors.csv"
    errors.symlink_to("/dev/full")
    with pytest.raises(Mendable, match=r"full.*run the same command again"):
        run_import(till, path)
    errors.unlink()
    assert run_import(till, path) == 1
    assert faults(path) == [(12, "S99", "quantity_unreadable")]
    assert the_import(till).counts["purchases"] == 10


def test_a_file_that_changed_since(till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "till.csv", many(250))
    with monkeypatch.context() as patched:
        stop_after(1, patched, psycopg.errors.DiskFull("full"))
        with pytest.raises(Mendable):
            run_import(till, path)
    written(path, many(251))
    with pytest.raises(FileChanged) as refused:
        run_import(till, path)
    assert refused.value.details == {"file": "till.csv", "done": 100}
    assert run_import(till, path, "--anew") == 0
    counts = the_import(till).counts
    assert (counts["purchases"], counts["repeats"]) == (251, 100)


def test_a_file_that_changes_while_it_is_read(
    till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "till.csv", many(250))
    handle = actions.handle_receipts

    def touching(connection: psycopg.Connection[Any], commands: Any) -> Any:
        os.utime(path, (1, 1))
        return handle(connection, commands)

    monkeypatch.setattr(actions, "handle_receipts", touching)
    with pytest.raises(FileChanged):
        run_import(till, path)
    assert len(receipts(till)) == 100


def test_two_programs_on_one_file(till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "till.csv", many(150))
    handle = actions.handle_receipts

    def overtaken(connection: psycopg.Connection[Any], commands: Any) -> Any:
        Import.objects.filter(merchant_id=till.id).update(next_place=7)
        return handle(connection, commands)

    with monkeypatch.context() as patched:
        patched.setattr(actions, "handle_receipts", overtaken)
        with pytest.raises(ImportUnderWay):
            run_import(till, path)
    assert receipts(till) == {}


def test_killed_and_started_again(make_till: Callable[..., Till], tmp_path: Path, database_url: str) -> None:
    till = make_till()
    path = written(tmp_path / "till.csv", many(6000) + "S9999,2026-05-01,A,0,10,C-1\n")
    command = [
        sys.executable,
        "-m",
        "tessera",
        "import",
        "purchases",
        str(path),
        "--merchant",
        show_id("mer", till.id),
    ]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tessera.site.settings",
        "LANG": "C",
        "LC_ALL": "C",
    }
    killed = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (row := Import.objects.filter(merchant_id=till.id, next_place__gt=300).first()):
        assert killed.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    row = Import.objects.get(pk=row.pk)
    assert 0 < row.next_place < 6000
    assert Purchase.objects.filter(merchant_id=till.id).count() == row.next_place

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    assert f"behind {row.next_place:,} receipts" in done.stderr
    row = Import.objects.get(pk=row.pk)
    assert row.finished_at is not None
    assert (row.counts["lines"], row.counts["purchases"], row.counts["repeats"]) == (6001, 6000, 0)
    assert row.counts["points"] == 18_000
    assert Purchase.objects.filter(merchant_id=till.id).count() == 6000
    assert faults(path) == [(6002, "S9999", "quantity_unreadable")]


def test_faults_hold_no_phone_number(till: Till, tmp_path: Path) -> None:
    path = written(tmp_path / "till.csv", "小票号,商品编码,数量,手机号\nS1,A,1,1234567890123456789\n")
    assert run_import(till, path) == 1
    assert faults(path) == [(2, "S1", "phone_invalid")]
    [fault] = ImportFault.objects.filter(import_id=the_import(till).id)
    assert "123456" not in f"{fault.details}"
