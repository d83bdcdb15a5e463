"""The environment, read once, by typed readers that refuse odd values.

Every setting is a row of ``SETTINGS``; a test fails when the README does not explain one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Reader = Callable[[str], Any]

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def _boolean(raw: str) -> bool:
    word = raw.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("use 1 or 0")


def _words(raw: str) -> list[str]:
    return [word.strip() for word in raw.split(",") if word.strip()]


def _positive(raw: str) -> int:
    number = int(raw)
    if number <= 0:
        raise ValueError("use a whole number above 0")
    return number


def _not_negative(raw: str) -> int:
    number = int(raw)
    if number < 0:
        raise ValueError("use a whole number, 0 or above")
    return number


def _choice(*allowed: str) -> Reader:
    def read(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(f"use one of: {', '.join(allowed)}")
        return raw

    return read


@dataclass(frozen=True)
class Setting:
    """One environment variable: how it is read, what it is when absent, what it is for."""

    name: str
    default: str
    read: Reader
    help: str


SETTINGS = (
    Setting("EMOTOON_DEBUG", "0", _boolean, "Django debug pages; never on a public machine."),
    Setting("EMOTOON_PORT", "8000", _positive, "Port of `make run`."),
    Setting("EMOTOON_VAR", "var", str, "Folder for the database, files, caches and the search index."),
    Setting(
        "EMOTOON_SECRET_KEY", "", str, "Signing key; without one, `var/secret_key` is made on first use."
    ),
    Setting("EMOTOON_REQUIRE_SECRET_KEY", "0", _boolean, "Refuse to start without EMOTOON_SECRET_KEY."),
    Setting("EMOTOON_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", _words, "Host names the site answers to."),
    Setting(
        "EMOTOON_HTTPS", "0", _boolean, "The site is reached over https: secure cookies, HSTS, redirect."
    ),
    Setting(
        "EMOTOON_DATABASE_URL", "", str, "postgresql://user:password@host:port/name; empty: SQLite in var/."
    ),
    Setting("EMOTOON_S3_BUCKET", "", str, "Bucket for files; empty: local files in var/media."),
    Setting("EMOTOON_S3_ENDPOINT", "", str, "Endpoint of an S3-compatible server; empty: AWS."),
    Setting(
        "EMOTOON_S3_PUBLIC_ENDPOINT",
        "",
        str,
        "Address of the S3 server as browsers reach it, for links; empty: EMOTOON_S3_ENDPOINT.",
    ),
    Setting("EMOTOON_S3_REGION", "ap-northeast-2", str, "Region of the bucket."),
    Setting("EMOTOON_S3_ACCESS_KEY", "", str, "Access key of the bucket; empty: boto3's own search."),
    Setting("EMOTOON_S3_SECRET_KEY", "", str, "Secret key of the bucket."),
    Setting("EMOTOON_LINK_SECONDS", "600", _positive, "How long a presigned link to a file is valid."),
    Setting("EMOTOON_TOKEN_DAYS", "90", _positive, "How long an API token is valid."),
    Setting("EMOTOON_API_WAITERS", "2", _positive, "API calls that may wait for a sticker at the same time."),
    Setting("EMOTOON_DAILY_STICKERS", "200", _positive, "Stickers one person may ask for in a day."),
    Setting("EMOTOON_LEASE_SECONDS", "30", _positive, "A job whose worker is silent this long is re-queued."),
    Setting("EMOTOON_WORKER_THREADS", "1", _positive, "Jobs one worker process runs at the same time."),
    Setting(
        "EMOTOON_DEVICE",
        "auto",
        _choice("auto", "cpu", "cuda"),
        "Where networks run and the puppet is drawn; auto: a CUDA device if torch sees one.",
    ),
    Setting(
        "EMOTOON_MODEL_MEMORY_MB",
        "4096",
        _positive,
        "Memory for loaded models; the least recently used are unloaded beyond it.",
    ),
    Setting(
        "EMOTOON_CPU_THREADS",
        "0",
        _not_negative,
        "Threads of numerical libraries in one worker; 0: every core. Use 1 where workers share a machine.",
    ),
    Setting(
        "EMOTOON_ENCODER", "embedded", str, "Sentence encoder: embedded, or a sentence-transformers model."
    ),
    Setting(
        "EMOTOON_WEIGHTS_MIRROR",
        "",
        str,
        "Address or folder that `models pull` takes weights from, instead of publishers; may be private.",
    ),
    Setting(
        "EMOTOON_TOONIFY",
        "cartoon",
        _choice("cartoon", "stylegan2", "animegan2"),
        "What draws: our cartoon, or a network with weights; without them the cartoon stands in.",
    ),
    Setting(
        "EMOTOON_ANIMATE",
        "puppet",
        _choice("puppet", "liveportrait"),
        "What animates: our puppet, or LivePortrait; without its weights the puppet stands in.",
    ),
    Setting(
        "EMOTOON_LICENCE_MODE",
        "commercial",
        _choice("commercial", "research"),
        "commercial refuses weights whose licence forbids commercial use.",
    ),
)


class Environment:
    """``environment["EMOTOON_PORT"]`` with the type its row promises."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        source = os.environ if variables is None else variables
        self._values = {row.name: self._read(row, source.get(row.name, row.default)) for row in SETTINGS}

    @staticmethod
    def _read(row: Setting, raw: str) -> Any:
        try:
            return row.read(raw)
        except ValueError as error:
            raise ImproperlyConfigured(f"{row.name}={raw!r} is not understood: {error}. {row.help}") from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]


def var_dir(environment: Environment, base: Path) -> Path:
    """The folder for everything written at run time, made when missing."""
    folder: Path = (base / environment["EMOTOON_VAR"]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
