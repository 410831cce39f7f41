"""What the demo's events are: all of it made up, as are the guests."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

__all__ = ["CROWD", "EVENTS", "LOOKS", "NICKNAMES", "DemoEvent", "draw_picture"]

CROWD = 120
"""People who come to events and are no members of a shop."""


@dataclass(frozen=True, slots=True)
class DemoEvent:
    """An event of the shop number `merchant` (None: the platform's): `days` from today at `hour`, or `hours_ago`.

    `answers`: for each question what guests choose from; `guests` register, `arrive` of them come, through `doors`.
    """

    merchant: int | None
    title: str
    text: str
    place: Mapping[str, Any]
    capacity: int | None
    lasts_minutes: int
    days: int = 0
    hour: int = 19
    minute: int = 0
    hours_ago: int | None = None
    published: bool = True
    terms: Mapping[str, Any] = field(default_factory=dict)
    questions: Sequence[Mapping[str, Any]] = ()
    answers: Sequence[Sequence[Any]] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    guests: int = 0
    arrive: int = 0
    doors: Sequence[str] = ("正门",)
    colours: tuple[str, str] = ("#c8372d", "#f3d9a4")


_TRADES = ("设计", "教育", "医疗", "工程", "餐饮", "其他")

EVENTS = (
    DemoEvent(
        merchant=0,
        title="灯下相识：桂花酒与热面包之夜",
        text=(
            "老厂房里点两百盏灯，炉子整晚不停。吃刚出炉的面包，喝一点桂花酒，和今晚的陌生人说说话。\n\n"
            "入场时领取您的号码，贴在胸前。记下想认识的人的号码，回头在活动圈里找到对方。\n\n"
            "现场不设座位，请穿舒适的鞋。"
        ),
        place={
            "place": "武康大楼后院", "address": "武康路 100 号", "district": "徐汇区",
            "latitude_e7": 312065000, "longitude_e7": 1214385000,
        },
        capacity=110,
        lasts_minutes=300,
        hours_ago=1,
        questions=(
            {"kind": "choice", "label": "您从事什么行业", "required": True, "terms": {"choices": list(_TRADES)}},
            {"kind": "text", "label": "今晚想认识怎样的人", "terms": {"longest": 100}},
            {"kind": "choices", "label": "饮食忌口", "terms": {"choices": ["素食", "不吃坚果", "不吃乳制品", "没有"]}},
        ),
        answers=(
            _TRADES,
            ("喜欢走路的人", "会做饭的朋友", "同行", "爱看老电影的人", "", "跑步搭子", "能聊植物的人"),
            (["没有"], ["没有"], ["素食"], ["不吃坚果"], ["素食", "不吃乳制品"], None),
        ),
        prefixes={"设计": "A", "教育": "B", "医疗": "C", "工程": "D", "餐饮": "E", "其他": "F"},
        guests=96,
        arrive=60,
        doors=("正门", "正门", "花园门"),
        colours=("#7d1f18", "#f3c77a"),
    ),
    DemoEvent(
        merchant=0,
        title="第一炉：天然酵母面包课",
        text=(
            "从养一瓶酵母开始，到切开自己烤的第一个乡村面包。三个小时，两人一组，材料和围裙都备好。\n\n"
            "适合没有做过面包的人。名额满后可候补，有人取消时自动递补。"
        ),
        place={
            "place": "福记饼家 · 五原路店二楼", "address": "五原路 1 号", "district": "徐汇区",
            "latitude_e7": 312110000, "longitude_e7": 1214430000,
        },
        capacity=24,
        lasts_minutes=180,
        days=6,
        hour=14,
        terms={"number_width": 2},
        questions=(
            {"kind": "choice", "label": "做过面包吗", "required": True, "terms": {"choices": ["没有", "一两次", "常做"]}},
            {"kind": "number", "label": "围裙尺码（身高，厘米）", "terms": {"least": 120, "most": 210}},
            {"kind": "text", "label": "对什么过敏", "note": "没有可不填", "terms": {"longest": 100}},
        ),
        answers=(("没有", "没有", "一两次", "常做"), (158, 163, 168, 172, 176, 181), ("", "", "", "花生", "麸质以外都可以")),
        guests=33,
        colours=("#a8741a", "#fbf0dc"),
    ),
    DemoEvent(
        merchant=2,
        title="城南夜读：一人一本，读给旁边的人听",
        text=(
            "带一本最近放不下的书，读三分钟给身边的人听。读完换座位，再读一次。\n\n"
            "书店备了热茶；也可以空手来，书架上随便挑。"
        ),
        place={
            "place": "晨光书店 · 福州路店", "address": "福州路 5 号", "district": "黄浦区",
            "latitude_e7": 312340000, "longitude_e7": 1214790000,
        },
        capacity=60,
        lasts_minutes=150,
        days=12,
        hour=19,
        minute=30,
        terms={"review": "hand"},
        questions=({"kind": "text", "label": "想读哪一本", "required": True, "terms": {"longest": 60}},),
        answers=(("城南旧事", "植物图鉴", "边城", "看不见的城市", "还没想好"),),
        guests=18,
        colours=("#234f70", "#e6eef2"),
    ),
    DemoEvent(
        merchant=None,
        title="街区开放日 Open street day",
        text=(
            "四家店、八个门面，一整天开放后厨和仓库。凭号码在任意一家换一杯咖啡。\n\n"
            "Four shops open their kitchens and stockrooms for a day. Show your number for a coffee at any of them."
        ),
        place={
            "place": "安福路", "address": "安福路 3 号起", "district": "徐汇区",
            "latitude_e7": 312140000, "longitude_e7": 1214410000,
        },
        capacity=None,
        lasts_minutes=480,
        days=20,
        hour=10,
        guests=41,
        colours=("#23704a", "#e6f2eb"),
    ),
    DemoEvent(
        merchant=0,
        title="元宵灯谜夜（筹备中）",
        text="猜中三条灯谜，换一盒桃酥。",
        place={"place": "", "address": "", "district": "徐汇区"},
        capacity=80,
        lasts_minutes=150,
        days=45,
        published=False,
        colours=("#5f3b70", "#eee6f2"),
    ),
    DemoEvent(
        merchant=0,
        title="夏末汽水派对",
        text="最后一个热天，冰柜里的汽水随便拿。",
        place={
            "place": "愚园路店门前", "address": "愚园路 2 号", "district": "静安区",
            "latitude_e7": 312240000, "longitude_e7": 1214380000,
        },
        capacity=60,
        lasts_minutes=180,
        days=-12,
        hour=16,
        guests=52,
        arrive=44,
        colours=("#3d6a99", "#fbece9"),
    ),
)  # fmt: skip

_FIRST = "小阿老大半"
_SECOND = (
    "雨", "青", "舟", "禾", "野", "桥", "岸", "柏", "竹", "灯", "溪", "燕", "梨", "棠", "枫", "石", "洲", "鲸", "朵", "霁", "砚", "茶", "苇", "澄",
)  # fmt: skip
NICKNAMES = tuple(first + second for second in _SECOND for first in _FIRST)
"""What they are called: 120 short made-up names."""

_WEAR = (
    "红色连衣裙，圆框眼镜", "藏青西装，没有领带", "白衬衫，背一只帆布包", "墨绿毛衣，短发", "灰色卫衣，戴棒球帽", "米色风衣，长卷发",
    "黑色高领，银色耳环", "牛仔外套，马尾", "条纹衫，第二排靠窗", "黄色围巾，黑框眼镜", "棕色皮夹克，络腮胡", "浅蓝衬衫，卷着袖子",
    "black coat, red scarf", "green dress, glasses", "白色球鞋，站在炉子旁边", "驼色大衣，丸子头", "酒红毛衣，戴贝雷帽",
)  # fmt: skip
_SELF = (
    "做室内设计，周末爬山。", "小学老师，会一点吉他。", "刚搬来附近，想认识邻居。", "在医院上夜班，白天睡觉。", "开过面馆，现在写代码。", "喜欢老电影和慢跑。", "",
    "I moved here last spring and collect maps.", "养两只猫，求推荐植物。", "",
)  # fmt: skip
_LIKES = (
    "徒步、摄影", "烘焙、咖啡", "植物、园艺", "老电影、唱片", "跑步、骑车", "桌游、科幻", "", "tea, maps", "陶艺、书法",
)  # fmt: skip
LOOKS: Sequence[tuple[str, str, str] | None] = tuple(
    None
    if number % 6 == 5
    else (_WEAR[number % len(_WEAR)], _SELF[number * 3 % len(_SELF)], _LIKES[number * 5 % len(_LIKES)])
    for number in range(60)
)
"""How the guests who are here describe themselves, in order of their numbers: appearance, introduction, interests."""


def draw_picture(script: DemoEvent) -> bytes:
    """Return a drawing for the event as PNG: round lights over a dark ground, drawn by lot from its title."""
    lots = random.Random(script.title)  # noqa: S311 - a drawing
    ground, light = script.colours
    picture = Image.new("RGB", (512, 288), ground)
    for _ in range(26):
        radius = lots.choice((5, 8, 13, 20, 32, 48))
        x, y = lots.randrange(-20, 532), lots.randrange(-20, 308)
        veil = Image.new("L", picture.size, 0)
        ImageDraw.Draw(veil).ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=lots.choice((60, 110, 190))
        )
        picture.paste(Image.new("RGB", picture.size, light), mask=veil)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
