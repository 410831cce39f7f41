"""Who and what the demo coalition consists of: all of it made up, telephone numbers (+86 100 ...) nobody can have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["APPLICANT", "MEMBERS", "PLACES", "SHOPS", "WALK_INS", "DemoMember", "DemoShop", "phone_of"]


@dataclass(frozen=True, slots=True)
class DemoShop:
    """A merchant: stores (number, name, district), categories with products (SKU, name, fen), programme and rules.

    A rule is (name, kind, terms); `{categories}` and `{products}` in the terms name what the shop has.
    """

    name: str
    prefix: str
    stores: Sequence[tuple[str, str, str]]
    products: Mapping[str, Sequence[tuple[str, str, int]]]
    rules: Sequence[tuple[str, str, Mapping[str, Any]]]
    programme: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoMember:
    """A member: nickname, birthday (month, day), home district, level at the shops that have levels."""

    nickname: str
    birthday: tuple[int, int]
    district: str
    level: str = ""


SHOPS = (
    DemoShop(
        name="福记饼家 Fook Kee Bakery",
        prefix="B",
        stores=(("1", "五原路店", "徐汇区"), ("2", "愚园路店", "静安区")),
        products={
            "面包 Bread": (("B-101", "菠萝包 Pineapple bun", 800), ("B-102", "吐司 Toast loaf", 1800), ("B-103", "可颂 Croissant", 1500)),
            "糕点 Cakes": (("B-201", "蛋挞 Egg tart", 700), ("B-202", "桃酥 Walnut crisp", 1200), ("B-203", "栗子蛋糕 Chestnut cake", 3800)),
        },
        rules=(
            ("买二得三", "product", {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}),
            ("每日上限", "cap", {"points": 60}),
        ),
        programme={"expiry": {"kind": "months", "months": 12}, "point_cost_num": 20},
    ),
    DemoShop(
        name="听雨茶馆 Rain Tea House",
        prefix="T",
        stores=(("1", "安福路店", "徐汇区"), ("2", "城隍庙店", "黄浦区")),
        products={
            "茶叶 Tea": (("T-101", "龙井 Longjing", 12800), ("T-102", "铁观音 Tieguanyin", 9800), ("T-103", "普洱 Pu'er", 16800)),
            "茶具 Ware": (("T-201", "盖碗 Gaiwan", 8800), ("T-202", "茶巾 Tea cloth", 1900)),
        },
        rules=(
            ("茶叶加倍计", "category", {"category_ids": "茶叶 Tea", "tiers": [{"quantity": 1, "points": 10}]}),
            ("消费积分", "spend", {"points": 1, "per_minor": 1000}),
            ("金卡 1.5 倍", "multiplier", {"num": 3, "den": 2, "levels": ["金卡"]}),
        ),
        programme={"pending_days": 7, "point_cost_num": 15},
    ),
    DemoShop(
        name="晨光书店 Daybreak Books",
        prefix="K",
        stores=(("1", "福州路店", "黄浦区"),),
        products={
            "图书 Books": (("K-101", "城南旧事", 3200), ("K-102", "The Street of Crocodiles", 5800), ("K-103", "植物图鉴", 9900)),
            "文具 Stationery": (("K-201", "毛笔 Brush", 2600), ("K-202", "方格稿纸 Grid paper", 1200)),
        },
        rules=(
            ("消费积分", "spend", {"points": 2, "per_minor": 1000}),
            ("生日双倍", "multiplier", {"num": 2, "den": 1, "birthday": True}),
            ("周三双倍", "multiplier", {"num": 2, "den": 1, "weekdays": [3]}),
        ),
        programme={"expiry": {"kind": "date", "date": "12-31"}, "point_cost_num": 10},
    ),
    DemoShop(
        name="南风咖啡 South Wind Coffee",
        prefix="C",
        stores=(("1", "武康路店", "徐汇区"), ("2", "苏州河店", "静安区"), ("3", "外滩店", "黄浦区")),
        products={
            "咖啡 Coffee": (("C-101", "美式 Americano", 2200), ("C-102", "拿铁 Latte", 2800), ("C-103", "手冲 Pour-over", 3800)),
            "豆子 Beans": (("C-201", "云南豆 Yunnan beans", 8800),),
        },
        rules=(
            ("每杯 5 分", "category", {"category_ids": "咖啡 Coffee", "tiers": [{"quantity": 1, "points": 5}, {"quantity": 3, "points": 20}]}),
            ("云南豆", "product", {"product_ids": ["C-201"], "tiers": [{"quantity": 1, "points": 30}]}),
            ("每日上限", "cap", {"points": 100}),
        ),
        programme={"unclaimed_days": 60},
    ),
)  # fmt: skip

_NICKNAMES = (
    "小满", "阿青", "Lin", "冬至", "木子", "Wei", "半夏", "老周", "Mei", "川贝", "阿禾", "Jun", "石榴", "知秋", "Yan", "山竹", "小鹿", "阿宽", "Tao",
    "白鹭", "芒种", "阿良", "Xin", "橘子", "云朵", "Hao", "初一", "豆豆", "Ning", "清和", "十五", "Bo", "谷雨", "团子",
)  # fmt: skip
_DISTRICTS = ("徐汇区", "静安区", "黄浦区", "长宁区")

MEMBERS = tuple(
    DemoMember(
        nickname=nickname,
        birthday=(number % 12 + 1, number * 7 % 28 + 1),
        district=_DISTRICTS[number % len(_DISTRICTS)],
        level="金卡" if number % 5 == 0 else "",
    )
    for number, nickname in enumerate(_NICKNAMES)
)
"""They have registered."""

WALK_INS = 6
"""People who gave a telephone number at the till and have not registered: their points wait for them."""

PLACES: Mapping[str, tuple[str, int, int]] = {
    "五原路店": ("五原路 1 号", 312110000, 1214430000),
    "愚园路店": ("愚园路 2 号", 312240000, 1214380000),
    "安福路店": ("安福路 3 号", 312140000, 1214410000),
    "城隍庙店": ("方浜中路 4 号", 312250000, 1214930000),
    "福州路店": ("福州路 5 号", 312340000, 1214790000),
    "武康路店": ("武康路 6 号", 312090000, 1214370000),
    "苏州河店": ("南苏州路 7 号", 312430000, 1214640000),
    "外滩店": ("中山东一路 8 号", 312370000, 1214900000),
}
"""Store -> address, latitude and longitude in ten-millionths of a degree; roughly where such a street is."""

APPLICANT = "福记饼屋 Fook Kee Bakehouse"
"""A merchant that waits for the operator's approval: its name is like that of one that is there."""


def phone_of(number: int) -> str:
    """Return the made-up telephone number of the demo's person `number` (from 1)."""
    return f"+86100{number:08d}"
