"""How the room `people` says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyJoined",
    "AlreadyRegistered",
    "BirthdayInvalid",
    "CodeOwn",
    "CodeStale",
    "CodeUnknown",
    "CodeUsed",
    "JoiningImpossible",
    "MemberCodesTooOften",
    "PersonErased",
    "PersonRegistered",
    "PhoneMissing",
    "PhoneTaken",
]


class PhoneTaken(Refusal):
    """Another person has this phone number."""

    code = "phone_taken"
    status = 409
    sentence = {
        "en": "A person with this phone number is already known ({person}).",
        "zh-Hans": "该电话号码已属于一位已知用户（{person}）。",
    }


class PhoneMissing(Refusal):
    """A person without a phone number cannot register."""

    code = "phone_missing"
    status = 409
    sentence = {
        "en": "This person is known only by a merchant's customer number; registering needs a phone number.",
        "zh-Hans": "此人仅以商户的客户编号登记，注册需要电话号码。",
    }


class AlreadyRegistered(Refusal):
    """A person registers once."""

    code = "already_registered"
    status = 409
    sentence = {
        "en": "This person has been registered since {registered_at}.",
        "zh-Hans": "此人已于 {registered_at} 注册。",
    }


class PersonRegistered(Refusal):
    """Who has registered keeps his own details; a merchant does not change them."""

    code = "person_registered"
    status = 409
    sentence = {
        "en": "This person has registered and keeps these details in their own hands.",
        "zh-Hans": "此人已注册，个人资料由其本人维护。",
    }


class PersonErased(Refusal):
    """Nothing is written about a person who was erased."""

    code = "person_erased"
    status = 409
    sentence = {
        "en": "This person's details were erased at {erased_at}; nothing more can be recorded.",
        "zh-Hans": "此人的资料已于 {erased_at} 删除，不能再作登记。",
    }


class BirthdayInvalid(Refusal):
    """A birthday in the future or before anyone now living was born."""

    code = "birthday_invalid"
    status = 422
    sentence = {
        "en": "A birthday must lie between {earliest} and {latest}.",
        "zh-Hans": "生日须在 {earliest} 至 {latest} 之间。",
    }


class JoiningImpossible(Refusal):
    """Only someone without a phone number of his own is joined to a registered person."""

    code = "joining_impossible"
    status = 409
    sentence = {
        "en": "Only a customer known by number alone can be joined, and only to a registered person.",
        "zh-Hans": "只有仅凭客户编号登记的顾客可以并入，且只能并入已注册的用户。",
    }


class AlreadyJoined(Refusal):
    """A customer number's person is joined once."""

    code = "already_joined"
    status = 409
    sentence = {
        "en": "This customer was already joined to another person.",
        "zh-Hans": "该顾客已并入另一位用户。",
    }


class CodeUnknown(Refusal):
    """Digits that are nobody's member code now."""

    code = "code_unknown"
    status = 404
    sentence = {
        "en": "This is not a member code. Scan the code on the member's phone again, or find the member by phone number.",
        "zh-Hans": "这不是会员码。请重新扫描会员手机上的码，或按手机号查找会员。",
    }


class CodeStale(Refusal):
    """A member code is shown for a minute."""

    code = "code_stale"
    status = 409
    sentence = {
        "en": "This member code has run out. Ask the member to show the current one.",
        "zh-Hans": "会员码已过期，请会员出示当前的码。",
    }


class CodeUsed(Refusal):
    """A member code is accepted once."""

    code = "code_used"
    status = 409
    sentence = {
        "en": "This member code has been used already. The next one comes within a minute.",
        "zh-Hans": "该会员码已使用过，一分钟内会出现新的码。",
    }


class CodeOwn(Refusal):
    """Nobody is both halves of one match (spec/README.md, People and roles)."""

    code = "code_own"
    status = 409
    sentence = {
        "en": "This is your own member code. A colleague has to serve you.",
        "zh-Hans": "这是您自己的会员码，请由同事为您办理。",
    }


class MemberCodesTooOften(Refusal):
    """So many unknown codes look like guessing."""

    code = "member_codes_too_often"
    status = 429
    sentence = {
        "en": "Too many unknown member codes from here. Go on in {retry_after_s} s, or find the member by phone number.",
        "zh-Hans": "此处识别失败的会员码过多，请在 {retry_after_s} 秒后再试，或按手机号查找会员。",
    }
