"""How purchases and returns are refused (spec/points.md, Bad input)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "MemberUnknown",
    "MerchantInactive",
    "MerchantKeyNeeded",
    "MomentImplausible",
    "ProductUnknown",
    "ReceiptReused",
    "ReceiptUnknown",
    "ReturnExceedsPurchase",
    "StoreUnknown",
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


class MemberUnknown(Refusal):
    """There is no such person."""

    code = "member_unknown"
    status = 404
    sentence = {"en": "There is no such member.", "zh-Hans": "没有这位会员。"}


class StoreUnknown(Refusal):
    """The merchant has no open store of this number."""

    code = "store_unknown"
    status = 422
    sentence = {
        "en": "There is no open store with number {store}.",
        "zh-Hans": "没有编号为“{store}”的营业门店。",
    }


class MerchantInactive(Refusal):
    """The merchant is not approved, or is suspended: no new points."""

    code = "merchant_inactive"
    status = 409
    sentence = {
        "en": "This merchant cannot record purchases at present; the operator has to approve it or lift its suspension.",
        "zh-Hans": "该商户目前不能登记消费，须由运营方审核通过或解除暂停。",
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


class MerchantKeyNeeded(Refusal):
    """The call acts for one merchant, and the key is the operator's."""

    code = "merchant_key_needed"
    status = 403
    sentence = {
        "en": "Use an API key of the merchant for this call.",
        "zh-Hans": "此接口须使用商户自己的 API 密钥。",
    }
