"""Settings. The environment is read here and nowhere else (see emotoon.core.environment)."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from emotoon.core.environment import Environment, var_dir

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment()
VAR_DIR = var_dir(environment, BASE_DIR)
PORT: int = environment["EMOTOON_PORT"]
DEBUG: bool = environment["EMOTOON_DEBUG"]

# numba keeps its compiled kernels here, so that only the very first sticker pays for compiling them.
os.environ.setdefault("NUMBA_CACHE_DIR", str(VAR_DIR / "numba"))


def _secret_key() -> str:
    given: str = environment["EMOTOON_SECRET_KEY"]
    if given:
        return given
    if environment["EMOTOON_REQUIRE_SECRET_KEY"]:
        raise ImproperlyConfigured("EMOTOON_SECRET_KEY is missing: set it to a long random text.")
    path = VAR_DIR / "secret_key"
    if not path.exists():
        # Exclusive creation: two processes starting at once must end up with the same key.
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                stream.write(secrets.token_urlsafe(64))
        except FileExistsError:
            pass
    return path.read_text().strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS: list[str] = environment["EMOTOON_ALLOWED_HOSTS"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "emotoon.accounts",
    "emotoon.jobs",
    "emotoon.catalog",
    "emotoon.stickers",
    "emotoon.packs",
    "emotoon.web",
    "emotoon.api",
    "emotoon.bench",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "emotoon.web.middleware.ErrorPages",
]

ROOT_URLCONF = "emotoon.urls"
WSGI_APPLICATION = "emotoon.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    url: str = environment["EMOTOON_DATABASE_URL"]
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "emotoon.sqlite3",
            "OPTIONS": {
                # Writers queue for up to 20 s instead of failing; IMMEDIATE takes the write lock first,
                # so that a transaction that reads before it writes cannot be refused half-way.
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            # A file, so that threads and child processes of the tests see the same database.
            "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "EMOTOON_DATABASE_URL is not understood: use postgresql://user:password@host:port/name."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _file_storage() -> dict[str, Any]:
    if not environment["EMOTOON_S3_BUCKET"]:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": VAR_DIR / "media"},
        }
    return {
        "BACKEND": "emotoon.core.s3.PrivateS3Storage",
        "OPTIONS": {
            "bucket_name": environment["EMOTOON_S3_BUCKET"],
            "endpoint_url": environment["EMOTOON_S3_ENDPOINT"] or None,
            "public_endpoint_url": environment["EMOTOON_S3_PUBLIC_ENDPOINT"] or None,
            "region_name": environment["EMOTOON_S3_REGION"],
            "access_key": environment["EMOTOON_S3_ACCESS_KEY"] or None,
            "secret_key": environment["EMOTOON_S3_SECRET_KEY"] or None,
            "querystring_expire": environment["EMOTOON_LINK_SECONDS"],
        },
    }


STORAGES = {
    "default": _file_storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Served straight from the packages: the embedded default needs no collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "web:log_in"
LOGIN_REDIRECT_URL = "web:create"
LOGOUT_REDIRECT_URL = "web:landing"

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "emotoon" / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# One photo of at most 10 MB beside a few short fields; larger bodies are refused before they are read.
MAX_PHOTO_BYTES = 10_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_PHOTO_BYTES
MAX_REQUEST_BYTES = 12_000_000

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "media-src": ["'self'", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],  # the admin panel and htmx's indicator styles
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
if environment["EMOTOON_HTTPS"]:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

LEASE_SECONDS: int = environment["EMOTOON_LEASE_SECONDS"]
WORKER_THREADS: int = environment["EMOTOON_WORKER_THREADS"]
DAILY_STICKERS: int = environment["EMOTOON_DAILY_STICKERS"]
LINK_SECONDS: int = environment["EMOTOON_LINK_SECONDS"]
ENCODER: str = environment["EMOTOON_ENCODER"]
DEVICE: Literal["auto", "cpu", "cuda"] = environment["EMOTOON_DEVICE"]
MODEL_MEMORY_MB: int = environment["EMOTOON_MODEL_MEMORY_MB"]
CPU_THREADS: int = environment["EMOTOON_CPU_THREADS"]
TOONIFY: str = environment["EMOTOON_TOONIFY"]
ANIMATE: str = environment["EMOTOON_ANIMATE"]
LICENCE_MODE: str = environment["EMOTOON_LICENCE_MODE"]
SEARCH_INDEX_DIR = VAR_DIR / "search"
WEIGHTS_DIR = VAR_DIR / "weights"
ENCODER_EXPORTS_DIR = VAR_DIR / "encoders"
# Where huggingface_hub keeps what an operator has downloaded, by that library's own variables.
_HUB_HOME = os.environ.get("HF_HOME") or "~/.cache/huggingface"
HUB_CACHE_DIR = Path(os.environ.get("HF_HUB_CACHE") or f"{_HUB_HOME}/hub").expanduser()
WEIGHTS_MIRROR: str = environment["EMOTOON_WEIGHTS_MIRROR"]

API_WAITERS: int = environment["EMOTOON_API_WAITERS"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "emotoon.api.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    # Counted by each process; nginx bounds the site as a whole.
    "DEFAULT_THROTTLE_RATES": {
        "user": "600/min",
        "token": "10/min",
        "upload": "20/min",
        "generate": "60/min",
    },
    # No proxy header is believed: behind nginx, uWSGI is told the visitor's address as REMOTE_ADDR.
    "NUM_PROXIES": 0,
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=environment["EMOTOON_TOKEN_DAYS"]), "AUTH_HEADER_PREFIX": "Bearer"}
SPECTACULAR_SETTINGS = {
    "TITLE": "emotoon",
    "DESCRIPTION": "A photo and a sentence in, an AI-generated animated cartoon sticker out.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# Each job kind and who runs it: rooms above `jobs` are named, never imported.
JOB_HANDLERS = {
    "sticker": "emotoon.stickers.rendering.sticker_run",
    "pack_export": "emotoon.packs.exporting.pack_export_run",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "emotoon": {"handlers": ["stderr"], "level": "INFO"},
        "ml_core": {"handlers": ["stderr"], "level": "INFO"},
    },
}
