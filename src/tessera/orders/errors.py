"""How purchases and returns are refused (spec/points.md, Bad input)."""

from collections.abc import Mapping
from typing import Any

from tessera.kit.errors import (
    AmountUnreadable,
    EncodingUnknown,
    FieldMissing,
    FileNotText,
    LineUnreadable,
    TextUnusable,
)
from tessera.kit.refusals import Refusal, all_refusals

__all__ = [
    "AmountNotMoney",
    "AmountUnreadable",
    "BasketEmpty",
    "BasketFull",
    "CodeNotRecognised",
    "ColumnUnknown",
    "ColumnsMissing",
    "DateUnreadable",
    "EncodingUnknown",
    "FieldMissing",
    "FileChanged",
    "FileNotText",
    "ImportUnderWay",
    "LineUnreadable",
    "MappingInvalid",
    "MemberMissing",
    "MomentImplausible",
    "NothingLeft",
    "NothingToReturn",
    "OwnPurchase",
    "PiecesInvalid",
    "ProductUnknown",
    "QuantityUnreadable",
    "ReceiptMixed",
    "ReceiptReused",
    "ReceiptTooLong",
    "ReceiptUnknown",
    "ReturnExceedsPurchase",
    "StoreUnknown",
    "TextUnusable",
    "fault_sentence",
]


class ReceiptReused(Refusal):
    """The receipt number was recorded before with another content."""

    code = "receipt_reused"
    status = 409
    sentence = {
        "en": "Receipt {receipt_number} was already recorded with other contents.",
        "zh-Hans": "小票“{receipt_number}”已登记过，且内容不同。",
    }


class ReceiptUnknown(Refusal):
    """A return names a receipt that this merchant never recorded."""

    code = "receipt_unknown"
    status = 404
    sentence = {
        "en": "Receipt {receipt_number} is not known here.",
        "zh-Hans": "没有小票“{receipt_number}”的记录。",
    }


class ProductUnknown(Refusal):
    """A line names a product that the merchant's catalogue does not have."""

    code = "product_unknown"
    status = 422
    sentence = {
        "en": "Product {sku} is not in this merchant's catalogue. Add it first, then send the receipt again.",
        "zh-Hans": "商品“{sku}”不在该商户的商品目录中，请先添加商品，再重新提交小票。",
    }


class StoreUnknown(Refusal):
    """The merchant has no open store of this number."""

    code = "store_unknown"
    status = 422
    sentence = {
        "en": "There is no open store with number {store}.",
        "zh-Hans": "没有编号为“{store}”的营业门店。",
    }


class MomentImplausible(Refusal):
    """A purchase far in the future: a till's clock is wrong."""

    code = "moment_implausible"
    status = 422
    sentence = {
        "en": "The time of purchase {occurred_at} lies outside {earliest} to {latest}. Check the till's clock.",
        "zh-Hans": "消费时间 {occurred_at} 不在 {earliest} 至 {latest} 之间，请检查收银机时钟。",
    }


class ReturnExceedsPurchase(Refusal):
    """More is returned on a receipt than was bought on it."""

    code = "return_exceeds_purchase"
    status = 409
    sentence = {
        "en": "Only {left} of {sku} can still be returned on this receipt; {asked} was asked for.",
        "zh-Hans": "此小票上的“{sku}”还可退 {left} 件，本次要求退 {asked} 件。",
    }


class OwnPurchase(Refusal):
    """A cashier sells to himself: nobody is both halves of one match (spec/README.md, People and roles)."""

    code = "purchase_own"
    status = 409
    sentence = {
        "en": "This would be your own purchase. A colleague has to record it.",
        "zh-Hans": "这是您本人的消费，请由同事登记。",
    }


class CodeNotRecognised(Refusal):
    """What was scanned or typed at a counter names nothing that is known there."""

    code = "code_not_recognised"
    status = 422
    sentence = {
        "en": "“{given}” was not found: no product, member code, phone number, customer number or receipt here.",
        "zh-Hans": "没有找到“{given}”：它不是本店的商品、会员码、手机号、客户编号或小票。",
    }


class MemberMissing(Refusal):
    """A sale at a counter without a member."""

    code = "member_missing"
    status = 422
    sentence = {
        "en": "Who is it for? Scan the member code or enter the phone number.",
        "zh-Hans": "还不知道记给谁，请扫会员码或输入手机号。",
    }


class BasketEmpty(Refusal):
    """A sale at a counter without anything sold."""

    code = "basket_empty"
    status = 422
    sentence = {
        "en": "Nothing has been sold yet. Scan a product or enter an amount.",
        "zh-Hans": "还没有商品，请扫商品条码或输入金额。",
    }


class BasketFull(Refusal):
    """More different products than a counter's form takes."""

    code = "basket_full"
    status = 422
    sentence = {
        "en": "A receipt at the counter takes {most} different products. Record these first.",
        "zh-Hans": "收银台一张小票最多 {most} 种商品，请先登记这些。",
    }


class NothingToReturn(Refusal):
    """A return of no pieces."""

    code = "nothing_to_return"
    status = 422
    sentence = {
        "en": "Choose what comes back: at least one piece.",
        "zh-Hans": "请选择要退的商品，至少一件。",
    }


class AmountNotMoney(Refusal):
    """What was typed at a counter is no amount of money."""

    code = "amount_not_money"
    status = 422
    sentence = {
        "en": "“{given}” is not an amount such as 12.50.",
        "zh-Hans": "“{given}”不是金额，请输入 12.50 这样的数字。",
    }


class PiecesInvalid(Refusal):
    """A number of pieces that nobody sells at a counter."""

    code = "pieces_invalid"
    status = 422
    sentence = {
        "en": "Pieces are a whole number from {least} to {most}.",
        "zh-Hans": "件数应为 {least} 到 {most} 的整数。",
    }


class NothingLeft(Refusal):
    """All of the purchase is back already."""

    code = "nothing_left"
    status = 409
    sentence = {
        "en": "Everything on receipt {receipt_number} has already been returned.",
        "zh-Hans": "小票“{receipt_number}”上的商品已全部退回。",
    }


class ColumnsMissing(Refusal):
    """A file of purchases lacks columns without which nothing can be recorded."""

    code = "columns_missing"
    status = 422
    sentence = {
        "en": "The file lacks a column for {missing}. Its columns are: {found}. Name the column with --map.",
        "zh-Hans": "文件缺少以下内容所在的列：{missing}。现有列为：{found}。请用 --map 指定对应的列。",
    }


class ColumnUnknown(Refusal):
    """The mapping names a column that the file does not have."""

    code = "column_unknown"
    status = 422
    sentence = {
        "en": "The file has no column “{column}”. Its columns are: {found}.",
        "zh-Hans": "文件中没有名为“{column}”的列。现有列为：{found}。",
    }


class MappingInvalid(Refusal):
    """The mapping of columns could not be understood."""

    code = "mapping_invalid"
    status = 422
    sentence = {
        "en": "“{given}” is not a mapping such as receipt=InvoiceNo; what can be mapped is: {known}.",
        "zh-Hans": "“{given}”不是有效的列对应关系，写法如 receipt=小票号；可指定的内容有：{known}。",
    }


class FileChanged(Refusal):
    """A file of this name was begun with other contents, or changed while it was read."""

    code = "import_file_changed"
    status = 409
    sentence = {
        "en": "{file} has changed since its import was begun ({done} receipts are in). Put the old file back to go on, or add --anew to import the new one from its start.",
        "zh-Hans": "文件 {file} 在导入开始后已被改动（已导入 {done} 张小票）。请放回原文件继续，或加 --anew 从头导入新文件。",
    }


class ImportUnderWay(Refusal):
    """Another program imports the same file at this moment."""

    code = "import_under_way"
    status = 409
    sentence = {
        "en": "{file} is being imported by another program at this moment.",
        "zh-Hans": "另一个程序正在导入文件 {file}。",
    }


class QuantityUnreadable(Refusal):
    """A quantity that is no whole number, or zero."""

    code = "quantity_unreadable"
    status = 422
    sentence = {
        "en": "“{given}” in the column “{column}” is not a whole number other than 0.",
        "zh-Hans": "“{column}”列中的“{given}”不是非零整数。",
    }


class DateUnreadable(Refusal):
    """A moment in a form that is not known or not unambiguous."""

    code = "date_unreadable"
    status = 422
    sentence = {
        "en": "“{given}” is not read as a date without doubt; write 2026-11-22 12:30 or name the form with --date-format.",
        "zh-Hans": "无法确定“{given}”表示的日期，请写成 2026-11-22 12:30，或用 --date-format 指定格式。",
    }


class ReceiptMixed(Refusal):
    """One receipt, but two customers or two stores."""

    code = "receipt_mixed"
    status = 422
    sentence = {
        "en": "Receipt {receipt_number} has another {field} on this line than before.",
        "zh-Hans": "小票“{receipt_number}”在此行的 {field} 与前面的行不一致。",
    }


class ReceiptTooLong(Refusal):
    """One receipt with more lines than a till ever printed."""

    code = "receipt_too_long"
    status = 422
    sentence = {
        "en": "Receipt {receipt_number} has {lines} lines; at most {most} are accepted.",
        "zh-Hans": "小票“{receipt_number}”有 {lines} 行，最多接受 {most} 行。",
    }


def fault_sentence(code: str, details: Mapping[str, Any], language: str) -> str:
    """Return the sentence of a refusal that was kept as code and details."""
    kind = all_refusals().get(code)
    return kind(**details).message(language) if kind else code
