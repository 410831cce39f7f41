"""How the room `people` says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyJoined",
    "AlreadyRegistered",
    "BirthdayInvalid",
    "CodeExpired",
    "CodeNotSent",
    "CodeOwn",
    "CodeStale",
    "CodeUnknown",
    "CodeUsed",
    "CodeUsedUp",
    "CodeWrong",
    "CodesTooOften",
    "ConsentMissing",
    "JoiningImpossible",
    "MemberCodesTooOften",
    "PasskeyUnknown",
    "PasskeysTooMany",
    "PersonErased",
    "PersonRegistered",
    "PhoneMissing",
    "PhoneTaken",
    "SignInMismatch",
    "SignInTriesUsed",
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


class CodesTooOften(Refusal):
    """More codes than the limits by number and by network address allow."""

    code = "codes_too_often"
    status = 429
    sentence = {
        "en": "Too many codes were asked for. The next one can be sent at {at} (in {retry_after_s} s).",
        "zh-Hans": "获取验证码过于频繁，{at} 之后可以再次获取（还需 {retry_after_s} 秒）。",
    }


class CodeNotSent(Refusal):
    """The message with the code could not leave."""

    code = "code_not_sent"
    status = 503
    sentence = {
        "en": "The message with the code could not be sent. Try again in a few minutes.",
        "zh-Hans": "验证码短信未能发出，请过几分钟再试。",
    }


class CodeWrong(Refusal):
    """Not the digits that were sent."""

    code = "code_wrong"
    status = 422
    sentence = {
        "en": "This is not the code that was sent. Tries left: {tries_left}.",
        "zh-Hans": "验证码不正确，还可以输入 {tries_left} 次。",
    }


class CodeUsedUp(Refusal):
    """Five tries were made, or the code has opened the door already."""

    code = "code_used_up"
    status = 409
    sentence = {
        "en": "This code can no longer be used. Ask for a new one.",
        "zh-Hans": "此验证码已失效，请重新获取。",
    }


class CodeExpired(Refusal):
    """The code came too late."""

    code = "code_expired"
    status = 410
    sentence = {
        "en": "This code was valid until {expires_at}. Ask for a new one.",
        "zh-Hans": "此验证码已于 {expires_at} 过期，请重新获取。",
    }


class ConsentMissing(Refusal):
    """Nobody becomes a member without having agreed to the terms."""

    code = "consent_missing"
    status = 422
    sentence = {
        "en": "To join, agree to the terms and the privacy notice.",
        "zh-Hans": "加入前请先同意服务条款和隐私说明。",
    }


class SignInMismatch(Refusal):
    """Number and password do not belong together; whether the number is known is not said."""

    code = "sign_in_mismatch"
    status = 422
    sentence = {
        "en": "Number and password do not match. You can also sign in with a code.",
        "zh-Hans": "号码与密码不符。也可以用验证码登录。",
    }


class SignInTriesUsed(Refusal):
    """Too many passwords were tried for this number or from this network address."""

    code = "sign_in_tries_used"
    status = 429
    sentence = {
        "en": "Too many passwords were tried. Sign in with a code, or try again at {at} (in {retry_after_s} s).",
        "zh-Hans": "密码尝试次数过多。请用验证码登录，或在 {at} 之后再试（还需 {retry_after_s} 秒）。",
    }


class PasskeyUnknown(Refusal):
    """What the device showed is no passkey that was set up here, or it came too late."""

    code = "passkey_unknown"
    status = 422
    sentence = {
        "en": "This passkey could not be used here. Sign in with a code, or try once more.",
        "zh-Hans": "无法使用此通行密钥。请改用验证码，或重试一次。",
    }


class PasskeysTooMany(Refusal):
    """A person keeps a bounded number of passkeys."""

    code = "passkeys_too_many"
    status = 409
    sentence = {
        "en": "You have {most} passkeys already. Remove one that you no longer use.",
        "zh-Hans": "通行密钥最多 {most} 个，请先删除不再使用的。",
    }
