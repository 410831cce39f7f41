"""Words for how somebody looks and where he sits, in Chinese and English: what means the same stands on one line.

`_` joins words that belong together ("bow tie"). A word that stands on two lines means both ("blond": gold, hair).
"""

from collections.abc import Mapping

__all__ = ["ALSO", "CONCEPTS", "STOP_HAN", "STOP_LATIN"]

CONCEPTS: Mapping[str, str] = {
    # colours
    "red": "红 红色 大红 酒红 酒红色 枣红 枣红色 砖红 red crimson scarlet burgundy maroon",
    "orange": "橙 橙色 橘 橘色 橘黄 orange",
    "yellow": "黄 黄色 鹅黄 姜黄 yellow mustard",
    "green": "绿 绿色 墨绿 草绿 军绿 军绿色 薄荷绿 green olive teal emerald",
    "blue": "蓝 蓝色 天蓝 宝蓝 浅蓝 深蓝 湖蓝 藏青 藏蓝 blue azure",
    "navy": "深蓝 藏青 藏蓝 navy",
    "purple": "紫 紫色 淡紫 purple violet lilac lavender",
    "pink": "粉 粉色 粉红 粉红色 玫红 pink rose fuchsia",
    "white": "白 白色 米白 米白色 纯白 white ivory",
    "black": "黑 黑色 纯黑 black",
    "grey": "灰 灰色 浅灰 深灰 grey gray",
    "brown": "棕 棕色 褐 褐色 咖啡色 驼色 brown tan camel",
    "beige": "米 米色 卡其 卡其色 杏色 beige khaki cream",
    "gold": "金 金色 金黄 金发 gold golden blond blonde",
    "silver": "银 银色 silver",
    "bright": "亮色 鲜艳 荧光 bright neon fluorescent",
    "colourful": "彩色 花花绿绿 彩虹 colourful colorful rainbow multicoloured multicolored",
    # patterns and stuffs
    "striped": "条纹 横条 竖条 striped stripes stripe stripy",
    "checked": "格子 格纹 方格 checked check checkered chequered plaid tartan",
    "floral": "花 碎花 印花 花朵 floral flower flowers flowery",
    "dotted": "波点 圆点 dotted dots polka",
    "plain": "素色 纯色 plain",
    "denim": "牛仔 丹宁 牛仔裤 牛仔衣 牛仔裙 denim jeans",
    "leather": "皮 皮质 皮衣 皮夹克 皮裤 leather",
    "lace": "蕾丝 lace",
    "silk": "丝绸 真丝 绸 silk satin",
    "wool": "羊毛 毛呢 呢子 wool woollen woolen",
    "linen": "亚麻 棉麻 linen",
    # clothes
    "dress": "裙 裙子 连衣裙 半身裙 长裙 短裙 纱裙 礼服 晚礼服 牛仔裙 群子 dress dresses skirt skirts gown frock",
    "shirt": "衬衫 衬衣 shirt shirts blouse",
    "tshirt": "t恤 t恤衫 体恤 短袖 tshirt tee t_shirt",
    "top": "上衣 衣服 top clothes",
    "sweater": "毛衣 针织衫 线衫 sweater jumper pullover knitwear",
    "cardigan": "开衫 cardigan",
    "hoodie": "卫衣 帽衫 hoodie sweatshirt",
    "jacket": "外套 夹克 外衣 皮夹克 皮衣 牛仔衣 冲锋衣 jacket jackets coat coats blazer",
    "coat": "大衣 风衣 长外套 coat coats overcoat trenchcoat trench_coat",
    "down": "羽绒服 棉衣 棉服 down_jacket puffer parka",
    "suit": "西装 西服 正装 套装 suit suits tuxedo",
    "vest": "马甲 背心 坎肩 vest waistcoat gilet",
    "polo": "polo polo衫",
    "uniform": "制服 校服 工服 uniform",
    "sportswear": "运动服 运动装 球衣 sportswear tracksuit jersey",
    "qipao": "旗袍 qipao cheongsam",
    "hanfu": "汉服 马面裙 hanfu",
    "trousers": "裤 裤子 长裤 西裤 皮裤 休闲裤 trousers pants slacks chinos",
    "jeans": "牛仔裤 jeans",
    "shorts": "短裤 shorts",
    "leggings": "打底裤 紧身裤 leggings",
    # what else is worn
    "glasses": "眼镜 眼睛 镜框 glasses spectacles specs eyeglasses",
    "sunglasses": "墨镜 太阳镜 太阳眼镜 sunglasses shades",
    "hat": "帽 帽子 鸭舌帽 棒球帽 渔夫帽 贝雷帽 礼帽 草帽 hat hats cap caps beret beanie",
    "scarf": "围巾 丝巾 领巾 披肩 scarf scarves shawl",
    "tie": "领带 tie necktie",
    "bowtie": "领结 bowtie bow_tie",
    "belt": "腰带 皮带 belt",
    "shoes": "鞋 鞋子 皮鞋 shoes shoe",
    "sneakers": "运动鞋 球鞋 板鞋 小白鞋 帆布鞋 sneakers trainers",
    "boots": "靴 靴子 马丁靴 boots boot",
    "heels": "高跟鞋 高跟 heels high_heels",
    "sandals": "凉鞋 拖鞋 sandals slippers",
    "bag": "包 挎包 手提包 单肩包 斜挎包 帆布包 bag bags handbag purse tote",
    "backpack": "背包 双肩包 书包 backpack rucksack",
    "earrings": "耳环 耳钉 耳坠 earrings earring",
    "necklace": "项链 吊坠 necklace pendant",
    "bracelet": "手链 手镯 手串 bracelet bangle",
    "ring": "戒指 ring",
    "watch": "手表 腕表 watch smartwatch",
    "brooch": "胸针 胸花 brooch corsage",
    "hairpin": "发卡 发夹 发箍 头箍 发带 hairpin hairclip hairband headband",
    "mask": "口罩 面具 mask",
    "headphones": "耳机 headphones earphones earbuds",
    "gloves": "手套 gloves",
    "umbrella": "伞 雨伞 umbrella",
    "camera": "相机 单反 camera",
    "fan": "扇子 折扇 团扇 fan",
    "lantern": "灯笼 lantern",
    "balloon": "气球 balloon",
    "tattoo": "纹身 刺青 tattoo tattoos",
    # hair and build
    "hair": "头发 发 长发 短发 卷发 金发 染发 白发 直发 hair haired",
    "long": "长 长发 长裙 披肩发 long",
    "short": "短 短发 短裙 矮 小个子 矮个 short",
    "curly": "卷 卷发 大波浪 烫发 curly curls wavy",
    "ponytail": "马尾 马尾辫 ponytail",
    "bun": "丸子头 发髻 盘发 bun topknot",
    "braids": "辫子 麻花辫 双马尾 braids braid plaits pigtails",
    "fringe": "刘海 fringe bangs",
    "bald": "光头 秃顶 bald shaved",
    "beard": "胡子 胡须 络腮胡 beard bearded moustache mustache goatee",
    "tall": "高 高个 高个子 大高个 tall",
    "slim": "瘦 苗条 slim thin",
    "big": "大 大码 壮 高大 big large",
    "small": "小 小巧 small little tiny",
    "man": "男 男生 男士 先生 小伙 小哥 man guy male boy gentleman",
    "woman": "女 女生 女士 姑娘 小姐姐 美女 woman lady female girl",
    # where
    "front": "前排 前面 最前面 front",
    "back": "后排 后面 最后面 back rear last_row",
    "left": "左 左边 左侧 左手边 left",
    "right": "右 右边 右侧 右手边 right",
    "middle": "中间 中央 正中 中部 middle centre center",
    "window": "窗 窗边 靠窗 窗口 窗户 窗前 window windows",
    "door": "门 门口 入口 大门 door entrance doorway",
    "stage": "舞台 台前 主席台 讲台 stage podium",
    "bar": "吧台 酒水台 茶水台 bar counter",
    "corner": "角落 墙角 corner",
    "aisle": "过道 走道 aisle gangway",
    "wall": "墙 墙边 靠墙 wall",
    "upstairs": "楼上 二楼 upstairs balcony",
    "sofa": "沙发 sofa couch",
    "booth": "展位 展台 booth stand",
}
"""What is meant -> the words for it."""

ALSO: Mapping[str, str] = {
    "sunglasses": "glasses",
    "navy": "blue",
    "jeans": "trousers",
    "shorts": "trousers",
    "leggings": "trousers",
    "backpack": "bag",
    "bowtie": "tie",
    "down": "jacket",
    "cardigan": "sweater",
    "hoodie": "top",
    "shirt": "top",
    "tshirt": "top",
    "sneakers": "shoes",
    "boots": "shoes",
    "heels": "shoes",
    "sandals": "shoes",
    "braids": "hair",
    "ponytail": "hair",
    "bun": "hair",
    "row1": "front",
    "hanfu": "dress",
    "qipao": "dress",
}
"""Who has this is found by that too; not the other way round."""

STOP_LATIN = (
    "a an and are as at be by for from has have he her his i in is it its me my near next of on or our she sits sitting"
    " standing stands that the their them there they this to wear wearing wears who with you your am was were"
    " person people someone somebody guest number no colour color coloured colored side beside wore bit very quite"
)
STOP_HAN = frozenset(
    "的了着戴穿在有是和与及一件条个只双顶副人位坐站边旁侧里上下身色款式很也还带拿背我你他她这那请号"
)
"""Words and characters that say nothing about how somebody looks."""
