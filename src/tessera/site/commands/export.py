"""`tessera export balances|entries|purchases`: a merchant's history as CSV, however long, with phone numbers masked."""

import argparse
import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from tessera.site.command import say

__all__ = ["add_arguments", "run"]

_AT_ONCE = 2_000

_Columns = Sequence[tuple[str, str, str]]
"""Heading in English, heading in Chinese, and how the cell is shown."""

_COLUMNS: dict[str, _Columns] = {
    "balances": (
        ("member", "会员", "per"), ("phone", "手机号", "phone"), ("nickname", "昵称", "text"), ("level", "等级", "text"),
        ("customer_numbers", "会员号", "list"), ("balance", "积分余额", "number"), ("pending", "待生效", "number"),
        ("expired", "已过期未清理", "number"), ("owed", "欠扣积分", "number"),
    ),
    "entries": (
        ("member", "会员", "per"), ("phone", "手机号", "phone"), ("transfer", "流水号", "txn"), ("kind", "类型", "text"),
        ("occurred_at", "发生时间", "moment"), ("posted_at", "入账时间", "moment"), ("amount", "积分变动", "number"),
        ("balance_after", "变动后余额", "number"), ("reference_kind", "来源类型", "text"), ("reference", "来源编号", "uuid"),
        ("rule_version", "规则版本", "text"), ("reason", "原因", "text"), ("actor", "操作者", "text"),
    ),
    "purchases": (
        ("receipt", "小票号", "text"), ("purchase", "消费编号", "pur"), ("occurred_at", "消费时间", "moment"),
        ("store", "门店编号", "text"), ("member", "会员", "per"), ("phone", "手机号", "phone"), ("line", "行号", "number"),
        ("sku", "货号", "text"), ("product", "商品名称", "text"), ("quantity", "数量", "number"),
        ("amount_minor", "金额（最小单位）", "number"), ("currency", "币种", "text"), ("points", "积分", "number"),
        ("returned_quantity", "退货数量", "number"), ("receipt_amount_minor", "小票金额（最小单位）", "number"),
        ("receipt_points", "小票积分", "number"), ("receipt_points_returned", "小票扣回积分", "number"),
    ),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera export`."""
    parser.add_argument("what", choices=sorted(_COLUMNS), help="what to write")
    parser.add_argument("--merchant", required=True, help="the merchant's id (mer_...) or its whole name")
    parser.add_argument(
        "--out", type=Path, metavar="FILE.csv", help="where to write (default: standard output)"
    )
    parser.add_argument(
        "--language", choices=["zh-Hans", "en"], help="of the headings (default: the terminal's)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the rows as they come from the server; return the exit status."""
    from zoneinfo import ZoneInfo

    from tessera.kit import clock
    from tessera.kit.connections import connect
    from tessera.kit.sql import statement
    from tessera.site.commands.import_ import find_merchant

    merchant = find_merchant(options.merchant)
    columns = _COLUMNS[options.what]
    shown = _shown_in(ZoneInfo(merchant.time_zone))
    rows = 0
    with connect(application_name="tessera-export") as connection, _opened(options.out) as out:
        connection.read_only = True
        connection.execute("SET LOCAL statement_timeout = 0")
        writer = csv.writer(out)
        writer.writerow([column[_language(options) == "zh-Hans"] for column in columns])
        with connection.cursor(name="export") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(
                statement("site", f"export_{options.what}"), {"merchant": merchant.id, "now": clock.now()}
            )
            for row in cursor:
                writer.writerow([shown[kind](cell) for (_, _, kind), cell in zip(columns, row, strict=True)])
                rows += 1
    say(f"{rows:,} rows of {merchant.name} written" + (f" to {options.out}." if options.out else "."))
    return 0


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    """Yield where to write; a file appears under its name only when it is whole."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        # a spreadsheet that expects Chinese in UTF-8 needs the mark at the start
        with part.open("w", encoding="utf-8-sig", newline="") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _language(options: argparse.Namespace) -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return options.language or ("zh-Hans" if spoken.startswith("zh") else "en")


def _shown_in(zone: Any) -> dict[str, Callable[[Any], Any]]:
    from tessera.kit.ids import show_id
    from tessera.kit.phones import masked_phone

    def identity(prefix: str) -> Callable[[UUID | None], str]:
        return lambda value: show_id(prefix, value) if value else ""

    def moment(value: datetime) -> str:
        return value.astimezone(zone).isoformat(sep=" ", timespec="seconds")

    def text(value: str | None) -> str:
        """A text that a spreadsheet would take for a formula is told to be a text."""
        return f"'{value}" if value and value[0] in "=+-@\t\r" else value or ""

    return {
        "per": identity("per"),
        "txn": identity("txn"),
        "pur": identity("pur"),
        "uuid": lambda value: value or "",
        "phone": lambda value: text(masked_phone(value)) if value else "",
        "text": text,
        "list": lambda values: text(" ".join(values)),
        "number": lambda value: "" if value is None else value,
        "moment": moment,
    }
