"""Which column of a file holds what: by the operator's mapping, else by the usual Chinese and English headings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tessera.kit.cells import plain_heading
from tessera.orders.errors import ColumnsMissing, ColumnUnknown, MappingInvalid

__all__ = ["ROLES", "Columns", "find_columns", "guessed_columns", "mapping_from"]

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "receipt": (
        "小票号", "小票编号", "小票号码", "小票", "销售单号", "订单号", "订单编号", "交易号", "流水号", "交易流水号", "单号",
        "单据编号", "receipt", "receiptno", "receiptnumber", "invoiceno", "invoicenumber", "invoice", "orderno",
        "ordernumber", "orderid", "transactionid", "transactionno", "ticketno",
    ),
    "occurred_at": (
        "交易时间", "消费时间", "销售时间", "下单时间", "付款时间", "支付时间", "交易日期", "消费日期", "销售日期", "日期时间", "日期",
        "时间", "occurredat", "datetime", "timestamp", "invoicedate", "transactiondate", "transactiontime", "saledate",
        "orderdate", "purchasedat", "date",
    ),
    "product": (
        "商品编码", "商品编号", "商品代码", "商品货号", "货号", "货品编码", "货品编号", "物料编码", "sku", "skuid", "skucode",
        "stockcode", "productcode", "productid", "productno", "itemcode", "itemno", "itemid", "product", "item",
    ),
    "quantity": ("数量", "件数", "销售数量", "购买数量", "商品数量", "quantity", "qty", "pieces", "count"),
    "unit_price": ("单价", "售价", "成交单价", "实际单价", "unitprice", "price", "priceeach"),
    "amount": (
        "实付金额", "实收金额", "成交金额", "销售金额", "商品金额", "金额", "小计", "amount", "lineamount", "linetotal", "subtotal",
        "netamount", "paid",
    ),
    "number": (
        "会员号", "会员编号", "会员卡号", "客户编号", "客户号", "顾客编号", "卡号", "customerid", "customerno", "customernumber",
        "customercode", "memberid", "memberno", "membernumber", "cardno", "customer", "member",
    ),
    "phone": ("手机号", "手机号码", "会员手机", "会员手机号", "手机", "联系电话", "电话号码", "电话", "phone", "phonenumber", "mobile", "tel"),
    "person": ("personid", "person"),
    "store": ("门店编号", "门店号", "门店代码", "店铺编号", "店号", "门店", "store", "storeno", "storenumber", "storeid", "storecode", "shop"),
    "description": ("商品名称", "商品名", "品名", "货品名称", "名称", "description", "productname", "itemname", "productdescription", "name"),
}  # fmt: skip

ROLES = (*_HEADINGS, "time")
"""What a column can hold; `time` is the time of day where it stands apart from the date."""

_SHOWN = {
    "receipt": "receipt (小票号)",
    "product": "product (商品编码)",
    "quantity": "quantity (数量)",
    "customer": "number, phone or person (会员号、手机号)",
}
_TIMES = ("时间", "time", "交易时间", "销售时间")
_DATES = ("日期", "交易日期", "销售日期", "消费日期", "date", "saledate")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each role stands: places of columns by role, and the header that they are places of."""

    header: tuple[str, ...]
    places: Mapping[str, int]

    @property
    def names(self) -> dict[str, str]:
        """Role -> heading, as it is kept with the import and shown."""
        return {role: self.header[place] for role, place in self.places.items()}

    @property
    def width(self) -> int:
        """The least number of fields that a line needs."""
        return max(self.places.values()) + 1


def mapping_from(text: str) -> dict[str, str]:
    """Return role -> heading from "receipt=InvoiceNo,product=StockCode"; refuses `mapping_invalid`."""
    mapping: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        role, equals, heading = part.partition("=")
        if not equals or role.strip() not in ROLES or not heading.strip():
            raise MappingInvalid(given=part, known=", ".join(ROLES))
        mapping[role.strip()] = heading.strip()
    return mapping


def find_columns(header: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """Return where each role stands: as mapped, else by its usual headings.

    Refuses `column_unknown` and `columns_missing`: receipt, product, quantity and one way to name the customer are
    needed.
    """
    names = [plain_heading(heading) for heading in header]
    shown = ", ".join(heading.strip() for heading in header if heading.strip())
    places: dict[str, int] = {}
    for role, heading in mapping.items():
        if plain_heading(heading) not in names:
            raise ColumnUnknown(column=heading, found=shown)
        places[role] = names.index(plain_heading(heading))
    _recognise(names, places)
    missing = [_SHOWN[role] for role in ("receipt", "product", "quantity") if role not in places]
    if not {"number", "phone", "person"} & places.keys():
        missing.append(_SHOWN["customer"])
    if missing:
        raise ColumnsMissing(missing="; ".join(missing), found=shown or "-")
    return Columns(tuple(heading.strip() for heading in header), places)


def guessed_columns(header: Sequence[str]) -> dict[str, str]:
    """Return role -> heading as far as the usual headings tell; what is missing is left to a person."""
    places: dict[str, int] = {}
    _recognise([plain_heading(heading) for heading in header], places)
    return {role: header[place].strip() for role, place in places.items()}


def _recognise(names: Sequence[str], places: dict[str, int]) -> None:
    taken = set(places.values())
    if "occurred_at" not in places and "time" not in places:
        date = next((names.index(one) for one in _DATES if one in names), None)
        time = next((names.index(one) for one in _TIMES if one in names), None)
        if date is not None and time is not None and not {date, time} & taken:
            places["occurred_at"], places["time"] = date, time
            taken |= {date, time}
    for role, headings in _HEADINGS.items():
        if role in places:
            continue
        for heading in headings:
            if heading in names and names.index(heading) not in taken:
                places[role] = names.index(heading)
                taken.add(places[role])
                break
