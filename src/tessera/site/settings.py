"""Settings: read from the environment, documented in docs/reference/settings.md (a test compares the two).

`tessera` (site/command.py) starts the embedded PostgreSQL when `DATABASE_URL` is not set and puts the addresses into
the environment before this module is read.
"""

import os
from pathlib import Path

import environ
import platformdirs
from psycopg.conninfo import conninfo_to_dict

from tessera.site.assets import build_mark
from tessera.site.secrets import secret_key

env = environ.Env()

TESSERA_DATA_DIR = Path(env.str("TESSERA_DATA_DIR", default=platformdirs.user_data_dir("tessera")))
"""Where the embedded database, uploads and generated secrets live."""

DEBUG = False
SECRET_KEY = secret_key(TESSERA_DATA_DIR)
ALLOWED_HOSTS = env.list("TESSERA_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

TESSERA_OPERATOR_NAME = env.str("TESSERA_OPERATOR_NAME", default="Tessera")
TESSERA_DEFAULT_REGION = env.str("TESSERA_DEFAULT_REGION", default="CN")
TESSERA_NOTICES = env.str("TESSERA_NOTICES", default="console")
TESSERA_MAIL = env.str("TESSERA_MAIL", default="console")
TESSERA_PUSH_SERVICES = env.list(
    "TESSERA_PUSH_SERVICES",
    default=[
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        ".notify.windows.com",
        ".push.apple.com",
    ],
)
TESSERA_CONTACT = env.str("TESSERA_CONTACT", default="mailto:operator@localhost")
TESSERA_ADDRESS = env.str("TESSERA_ADDRESS", default="")
TESSERA_FONT = env.str("TESSERA_FONT", default="")
TESSERA_PRINTER_NETWORKS = env.list(
    "TESSERA_PRINTER_NETWORKS", default=["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
)
TESSERA_PRINTER_PORTS = env.list("TESSERA_PRINTER_PORTS", default=["9100-9109"])
TESSERA_DEMO = env.bool("TESSERA_DEMO", default=False)
TESSERA_SMS = env.str("TESSERA_SMS", default="console")
TESSERA_SHOW_CODES = env.bool("TESSERA_SHOW_CODES", default=TESSERA_DEMO)
TESSERA_CODES_PER_ADDRESS = env.int("TESSERA_CODES_PER_ADDRESS", default=1)
TESSERA_TRUSTED_PROXIES = env.int("TESSERA_TRUSTED_PROXIES", default=0)
TESSERA_HTTPS = env.bool("TESSERA_HTTPS", default=False)
TESSERA_HOT_QUEUE = env.int("TESSERA_HOT_QUEUE", default=4096)
TESSERA_HOT_BATCH = env.int("TESSERA_HOT_BATCH", default=256)

# The application acts as a role that may add to the ledger but not change it. With DATABASE_URL alone, its login
# owns the tables and each connection steps down to that role; with TESSERA_OWNER_DATABASE_URL too, DATABASE_URL's
# login is that restricted one already.
_AS_OWNER = env.bool("TESSERA_AS_OWNER", default=False)
_ONE_LOGIN = "TESSERA_OWNER_DATABASE_URL" not in os.environ
_url = env.str("DATABASE_URL", default="postgresql:///tessera")
if _AS_OWNER:
    _url = env.str("TESSERA_OWNER_DATABASE_URL", default=_url)
TESSERA_DATABASE_URL = _url
TESSERA_LISTEN_DATABASE_URL = env.str("TESSERA_LISTEN_DATABASE_URL", default=_url)
TESSERA_DATABASE_OPTIONS = "-c timezone=UTC" + (
    " -c role=tessera_app" if _ONE_LOGIN and not _AS_OWNER else ""
)

_address = {key: str(value) for key, value in conninfo_to_dict(_url).items() if value is not None}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _address.pop("dbname", ""),
        "USER": _address.pop("user", ""),
        "PASSWORD": _address.pop("password", ""),
        "HOST": _address.pop("host", ""),
        "PORT": _address.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,  # a round trip per page, and no page fails on what an outage has broken
        "OPTIONS": {
            "application_name": "tessera",
            **_address,
            "options": f"{_address.get('options', '')} {TESSERA_DATABASE_OPTIONS}".strip(),
            "pool": {"min_size": 1, "max_size": 12, "timeout": 15},
        },
    }
}

INSTALLED_APPS = [
    # first: where two catalogues or templates have the same, ours is taken
    "tessera.kit",
    "tessera.notices",
    "tessera.people",
    "tessera.talk",
    "tessera.ledger",
    "tessera.merchants",
    "tessera.catalog",
    "tessera.points",
    "tessera.events",
    "tessera.orders",
    "tessera.insights",
    "tessera.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "ninja",
    "procrastinate.contrib.django",
]
AUTH_USER_MODEL = "people.Person"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tessera.site.middleware.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tessera.people.seen.SeenDevices",
    "tessera.site.middleware.RefusalPages",
]
ROOT_URLCONF = "tessera.site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tessera.site.context.everywhere",
            ]
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"
TESSERA_TIME_ZONE = env.str("TESSERA_TIME_ZONE", default="Asia/Shanghai")

STATIC_URL = f"/static/{build_mark()}/"
WHITENOISE_MAX_AGE = 365 * 24 * 3600
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = False
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_NAME = "tessera_session"
SESSION_COOKIE_AGE = 60 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TESSERA_HTTPS
CSRF_COOKIE_NAME = "tessera_csrf"
CSRF_FAILURE_VIEW = "tessera.site.views.forged"
LANGUAGE_COOKIE_NAME = "tessera_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if TESSERA_HTTPS:  # behind a proxy that ends TLS and sets this header itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/wallet"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "tessera.people.accounts.PhoneAccounts"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("phone", "nickname")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_RATE_LIMITS = False  # limits are rows (people.actions.signing), exact with any number of processes
MFA_ADAPTER = "tessera.people.accounts.PersonPasskeys"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TESSERA_HTTPS

vars().update(env.email_url("TESSERA_MAIL_SERVER", default="smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("TESSERA_MAIL_FROM", default="Tessera <noreply@localhost>")
EMAIL_TIMEOUT = 10

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

TESSERA_LOG_LEVEL = env.str("TESSERA_LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "tessera.site.logs.configure"
LOGGING = {"level": TESSERA_LOG_LEVEL}
