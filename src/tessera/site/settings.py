"""Settings: read from the environment, documented in docs/reference/settings.md (a test compares the two).

`tessera` (site/command.py) starts the embedded PostgreSQL when `DATABASE_URL` is not set and puts the addresses into
the environment before this module is read.
"""

import os
from pathlib import Path

import environ
import platformdirs
from psycopg.conninfo import conninfo_to_dict

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
        "OPTIONS": {
            "application_name": "tessera",
            **_address,
            "options": f"{_address.get('options', '')} {TESSERA_DATABASE_OPTIONS}".strip(),
            "pool": {"min_size": 1, "max_size": 12, "timeout": 15},
        },
    }
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "ninja",
    "procrastinate.contrib.django",
    "tessera.kit",
    "tessera.notices",
    "tessera.people",
    "tessera.ledger",
    "tessera.merchants",
    "tessera.catalog",
    "tessera.points",
    "tessera.orders",
    "tessera.insights",
    "tessera.site",
]
AUTH_USER_MODEL = "people.Person"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tessera.site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"
TESSERA_TIME_ZONE = env.str("TESSERA_TIME_ZONE", default="Asia/Shanghai")

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

TESSERA_LOG_LEVEL = env.str("TESSERA_LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "tessera.site.logs.configure"
LOGGING = {"level": TESSERA_LOG_LEVEL}
