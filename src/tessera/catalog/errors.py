"""How the room `catalog` says no."""

from tessera.kit.refusals import Refusal

__all__ = ["CategoryTaken", "CategoryUnknown", "GtinInvalid", "GtinTaken", "SkuTaken"]


class SkuTaken(Refusal):
    """The merchant has a product with this article number."""

    code = "sku_taken"
    status = 409
    sentence = {
        "en": "The merchant already has a product with the SKU “{sku}”.",
        "zh-Hans": "该商户已有货号为“{sku}”的商品。",
    }


class GtinTaken(Refusal):
    """The merchant has another product with this bar code number."""

    code = "gtin_taken"
    status = 409
    sentence = {
        "en": "The merchant already has a product with the GTIN {gtin}.",
        "zh-Hans": "该商户已有商品条码为 {gtin} 的商品。",
    }


class GtinInvalid(Refusal):
    """A bar code number whose length or check digit is wrong."""

    code = "gtin_invalid"
    status = 422
    sentence = {
        "en": "“{given}” is not a GTIN: 8, 12, 13 or 14 digits, the last one checks the others.",
        "zh-Hans": "“{given}”不是有效的商品条码：应为 8、12、13 或 14 位数字，末位为校验码。",
    }


class CategoryUnknown(Refusal):
    """The merchant has no such category."""

    code = "category_unknown"
    status = 422
    sentence = {
        "en": "The merchant has no category “{given}”.",
        "zh-Hans": "该商户没有分类“{given}”。",
    }


class CategoryTaken(Refusal):
    """The merchant has a category of this name in the same place."""

    code = "category_taken"
    status = 409
    sentence = {
        "en": "There is already a category “{name}” in this place.",
        "zh-Hans": "同一位置已有名为“{name}”的分类。",
    }
