"""How the room `merchants` says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyApproved",
    "AlreadyDeclined",
    "AlreadyEmployed",
    "AlreadyEnded",
    "AlreadyRevoked",
    "AlreadySuspended",
    "ApplicationsClosed",
    "ApplicationsWaiting",
    "CodeInUse",
    "CodeInvalid",
    "CodeTaken",
    "CustomerUnnamed",
    "LastOwner",
    "MemberUnknown",
    "MerchantInactive",
    "MerchantKeyNeeded",
    "NotDeclined",
    "NotSuspended",
    "NumberTaken",
    "PlaceInvalid",
    "RoleMissing",
    "ScopeNotForMerchants",
    "ScopeUnknown",
    "StoreNumberTaken",
    "TimeZoneUnknown",
]


class CodeInvalid(Refusal):
    """A unified social credit code whose form or check character is wrong (GB 32100-2015)."""

    code = "code_invalid"
    status = 422
    sentence = {
        "en": "“{given}” is not a unified social credit code: 18 characters, the last one checks the others.",
        "zh-Hans": "“{given}”不是有效的统一社会信用代码：应为 18 位，末位为校验码。",
    }


class CodeTaken(Refusal):
    """Another merchant has this unified social credit code."""

    code = "code_taken"
    status = 409
    sentence = {
        "en": "A merchant with this unified social credit code already exists ({merchant}).",
        "zh-Hans": "该统一社会信用代码已有商户使用（{merchant}）。",
    }


class TimeZoneUnknown(Refusal):
    """A time zone that the IANA database does not name."""

    code = "time_zone_unknown"
    status = 422
    sentence = {
        "en": "“{given}” is not a time zone; write it as in Asia/Shanghai.",
        "zh-Hans": "“{given}”不是有效的时区，请按 Asia/Shanghai 的形式填写。",
    }


class AlreadyApproved(Refusal):
    """A merchant is approved once."""

    code = "already_approved"
    status = 409
    sentence = {
        "en": "This merchant was approved at {approved_at}.",
        "zh-Hans": "该商户已于 {approved_at} 通过审核。",
    }


class AlreadySuspended(Refusal):
    """A suspension is open already."""

    code = "already_suspended"
    status = 409
    sentence = {
        "en": "This merchant has been suspended since {suspended_at}.",
        "zh-Hans": "该商户自 {suspended_at} 起已暂停。",
    }


class NotSuspended(Refusal):
    """There is no suspension to lift."""

    code = "not_suspended"
    status = 409
    sentence = {"en": "This merchant is not suspended.", "zh-Hans": "该商户并未暂停。"}


class StoreNumberTaken(Refusal):
    """The merchant has a store with this number."""

    code = "store_number_taken"
    status = 409
    sentence = {
        "en": "The merchant already has a store with the number “{number}”.",
        "zh-Hans": "该商户已有编号为“{number}”的门店。",
    }


class PlaceInvalid(Refusal):
    """Half a position."""

    code = "place_invalid"
    status = 422
    sentence = {
        "en": "Give latitude and longitude together, or neither.",
        "zh-Hans": "纬度和经度须同时填写，或都不填。",
    }


class AlreadyEmployed(Refusal):
    """The same employment is open already."""

    code = "already_employed"
    status = 409
    sentence = {
        "en": "This person already has this role there, since {since}.",
        "zh-Hans": "此人自 {since} 起已在此担任该职务。",
    }


class AlreadyEnded(Refusal):
    """An employment or store ends once."""

    code = "already_ended"
    status = 409
    sentence = {"en": "This ended at {ended_at}.", "zh-Hans": "此项已于 {ended_at} 终止。"}


class AlreadyRevoked(Refusal):
    """A key is revoked once."""

    code = "already_revoked"
    status = 409
    sentence = {
        "en": "This API key was revoked at {revoked_at}.",
        "zh-Hans": "此 API 密钥已于 {revoked_at} 吊销。",
    }


class ScopeUnknown(Refusal):
    """A scope that does not exist."""

    code = "scope_unknown"
    status = 422
    sentence = {
        "en": "There is no scope “{given}”; choose from: {known}.",
        "zh-Hans": "没有“{given}”这项权限，可选：{known}。",
    }


class ScopeNotForMerchants(Refusal):
    """A scope that only the platform's own keys may hold."""

    code = "scope_not_for_merchants"
    status = 422
    sentence = {
        "en": "A merchant's API key cannot have the scope “{given}”.",
        "zh-Hans": "商户的 API 密钥不能具有“{given}”权限。",
    }


class CustomerUnnamed(Refusal):
    """A customer is named by his phone number or his id, and may have a customer number."""

    code = "customer_unnamed"
    status = 422
    sentence = {
        "en": "Name the customer by number, by phone, or by person; phone and person exclude each other.",
        "zh-Hans": "请以客户编号、电话或用户编号指明顾客，电话与用户编号只能填一项。",
    }


class NumberTaken(Refusal):
    """The merchant gave this customer number to somebody else."""

    code = "customer_number_taken"
    status = 409
    sentence = {
        "en": "The customer number “{number}” belongs to another customer ({person}).",
        "zh-Hans": "客户编号“{number}”已属于另一位顾客（{person}）。",
    }


class MerchantKeyNeeded(Refusal):
    """The call acts for one merchant, and the key is the operator's."""

    code = "merchant_key_needed"
    status = 403
    sentence = {
        "en": "Use an API key of the merchant for this call.",
        "zh-Hans": "此接口须使用商户自己的 API 密钥。",
    }


class RoleMissing(Refusal):
    """Staff of this merchant, but not for this."""

    code = "role_missing"
    status = 403
    sentence = {
        "en": "Your role here does not include this. Ask the owner.",
        "zh-Hans": "您在此处的角色不含这项权限，请联系店主。",
    }


class MemberUnknown(Refusal):
    """There is no such person."""

    code = "member_unknown"
    status = 404
    sentence = {"en": "There is no such member.", "zh-Hans": "没有这位会员。"}


class MerchantInactive(Refusal):
    """The merchant is not approved, or is suspended: no new points."""

    code = "merchant_inactive"
    status = 409
    sentence = {
        "en": "This merchant cannot give points at present; the operator has to approve it or lift its suspension.",
        "zh-Hans": "该商户目前不能发放积分，须由运营方审核通过或解除暂停。",
    }


class CodeInUse(Refusal):
    """Another merchant has this unified social credit code; an applicant is not told which."""

    code = "code_in_use"
    status = 409
    sentence = {
        "en": "The unified social credit code {given} is registered here already. If the business is yours, ask the operator.",
        "zh-Hans": "统一社会信用代码 {given} 已在本平台登记。如该商户属于您，请联系运营方。",
    }


class ApplicationsWaiting(Refusal):
    """One person's businesses wait for the operator, and more may not be added."""

    code = "applications_waiting"
    status = 409
    sentence = {
        "en": "{most} businesses of yours wait for approval. Open another one when the operator has decided.",
        "zh-Hans": "您已有 {most} 家商户等待审核，待运营方处理后再开设新的商户。",
    }


class LastOwner(Refusal):
    """A merchant is never without an owner."""

    code = "last_owner"
    status = 409
    sentence = {
        "en": "This is the last owner. Appoint another owner first.",
        "zh-Hans": "这是最后一位店主，请先任命另一位店主。",
    }


class AlreadyDeclined(Refusal):
    """A declination is open already."""

    code = "already_declined"
    status = 409
    sentence = {
        "en": "This application was declined at {declined_at}.",
        "zh-Hans": "该申请已于 {declined_at} 被退回。",
    }


class NotDeclined(Refusal):
    """There is no declined application to put forward again."""

    code = "not_declined"
    status = 409
    sentence = {"en": "This application is not declined.", "zh-Hans": "该申请未被退回。"}


class ApplicationsClosed(Refusal):
    """The operator takes no new merchants at present."""

    code = "applications_closed"
    status = 403
    sentence = {
        "en": "New businesses are not being taken at present. Ask the operator when they will be.",
        "zh-Hans": "目前暂不接受新商户入驻，开放时间请咨询运营方。",
    }
