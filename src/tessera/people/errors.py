"""How the room `people` says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyJoined",
    "AlreadyRegistered",
    "BirthdayInvalid",
    "JoiningImpossible",
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
