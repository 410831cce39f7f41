"""Pages of the room `people`: signing in and out, one's own data, devices."""

from django.urls import URLPattern, path

from tessera.people.pages import code, codes, devices, me, passkeys, passwords, privacy, signing, texts

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("sign-in", signing.sign_in, name="sign-in"),
    path("sign-in/number", signing.other_number, name="sign-in-number"),
    path("sign-in/code", codes.code, name="sign-in-code"),
    path("sign-in/code/another", codes.another_code, name="sign-in-another-code"),
    path("sign-in/welcome", codes.welcome, name="sign-in-welcome"),
    path("sign-in/again", signing.sign_in_again, name="sign-in-again"),
    path("sign-in/password", passwords.sign_in_password, name="sign-in-password"),
    path("sign-in/passkey", passkeys.sign_in_passkey, name="sign-in-passkey"),
    path("sign-in/passkey/options", passkeys.sign_in_passkey_options, name="sign-in-passkey-options"),
    path("sign-out", signing.sign_out, name="sign-out"),
    path("code", code.code, name="code"),
    path("code/device", code.device, name="code-device"),
    path("code/short", code.short_code, name="short-code"),
    path("m/<str:digits>", code.seen_code, name="seen-code"),
    path("terms", texts.terms, name="terms"),
    path("privacy", texts.privacy, name="privacy"),
    path("me", me.me, name="me"),
    path("me/profile", me.profile, name="profile"),
    path("me/picture", me.picture, name="own-picture"),
    path("me/picture/removal", me.picture_removal, name="own-picture-removal"),
    path("me/consents", privacy.consents, name="consents"),
    path("me/export", privacy.export, name="export"),
    path("me/erasure", privacy.erasure, name="erasure"),
    path("goodbye", privacy.goodbye, name="goodbye"),
    path("me/password", passwords.password, name="password"),
    path("me/password/removal", passwords.password_removal, name="password-removal"),
    path("me/passkeys", passkeys.passkeys, name="passkeys"),
    path("me/passkeys/options", passkeys.passkey_options, name="passkey-options"),
    path("me/passkeys/<int:passkey>", passkeys.passkey, name="passkey"),
    path("me/passkeys/<int:passkey>/removal", passkeys.passkey_removal, name="passkey-removal"),
    path("me/devices", devices.devices, name="devices"),
    path("me/devices/others/sign-out", devices.other_devices_sign_out, name="other-devices-sign-out"),
    path("me/devices/<int:device>/sign-out", devices.device_sign_out, name="device-sign-out"),
]
