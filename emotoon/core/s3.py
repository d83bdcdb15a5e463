"""Files in an S3 bucket: private, short-tempered, reached from outside by links that expire.

Every operation is one request through one client. boto3 clients are safe to share between threads;
django-storages' own per-thread resources leak with every thread that ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

CONNECT_SECONDS = 3
READ_SECONDS = 10
"""boto3 waits 60 s for each: longer than a web worker may live (harakiri 30 s)."""
ATTEMPTS = 2
"""A second try mends a dropped connection; two stalls still end before a web worker is killed."""

_ABSENT = {"404", "NoSuchKey", "NotFound"}
_ALREADY_THERE = {"412", "PreconditionFailed"}


class PrivateS3Storage(S3Storage):  # type: ignore[misc]  # django-storages carries no types
    """No ACL is ever sent: objects are private by default, and buckets with ACLs disabled refuse others."""

    def __init__(self, *, public_endpoint_url: str | None = None, **options: Any) -> None:
        """``public_endpoint_url``: the server's address as people's browsers know it, for links."""
        super().__init__(**options)
        self._public_endpoint_url = public_endpoint_url or self.endpoint_url
        self._clients: dict[str | None, Any] = {}
        self._lock = threading.Lock()

    @property
    def client(self) -> Any:
        return self._client_of(self.endpoint_url)

    def _client_of(self, endpoint_url: str | None) -> Any:
        """One client per address for the whole process."""
        with self._lock:
            if endpoint_url not in self._clients:
                self._clients[endpoint_url] = self._make_client(endpoint_url)
            return self._clients[endpoint_url]

    def _make_client(self, endpoint_url: str | None) -> Any:
        with _as_os_errors("configure"):
            return boto3.session.Session().client(
                "s3",
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                region_name=self.region_name,
                endpoint_url=endpoint_url,
                config=Config(
                    connect_timeout=CONNECT_SECONDS,
                    read_timeout=READ_SECONDS,
                    retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                    # The older signature of links cannot be used in newer regions.
                    signature_version="s3v4",
                    # A custom endpoint is usually one host for all buckets.
                    s3={"addressing_style": "path" if endpoint_url else "auto"},
                    # Trailing checksums are an AWS speciality that other servers refuse.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(clean_name(name))}

    def check(self) -> None:
        """Raises OSError unless the bucket is there and the keys may use it."""
        with _as_os_errors(f"reach bucket {self.bucket_name!r}"):
            self.client.head_bucket(Bucket=self.bucket_name)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("files in the bucket are opened for reading; write them whole with save()")
        return ContentFile(self._get(name), name=name)

    def _get(self, name: str, **conditions: str) -> bytes:
        with _as_os_errors(f"read {name!r}"):
            data: bytes = self.client.get_object(**self._at(name), **conditions)["Body"].read()
            return data

    def read_range(self, name: str, *, first: int, last: int) -> bytes:
        """Bytes ``first`` to ``last``, both included, as in HTTP. A server may answer with more."""
        return self._get(name, Range=f"bytes={first}-{last}")

    def _save(self, name: str, content: File[bytes]) -> str:
        kind = self._get_write_parameters(name, content)
        with _as_os_errors(f"write {name!r}"):
            try:
                # Keys are content hashes: what is already there is the same, so it is never overwritten.
                self.client.put_object(**self._at(name), Body=content.read(), IfNoneMatch="*", **kind)
            except ClientError as error:
                if _code(error) not in _ALREADY_THERE:
                    raise
        return name

    def exists(self, name: str) -> bool:
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        with _as_os_errors(f"look for {name!r}"):
            length: int = self.client.head_object(**self._at(name))["ContentLength"]
            return length

    def delete(self, name: str) -> None:
        with _as_os_errors(f"delete {name!r}"):
            self.client.delete_object(**self._at(name))

    def url(
        self,
        name: str,
        parameters: Mapping[str, str] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        """A link that works for ``expire`` seconds. Signed here; the server is not asked."""
        with _as_os_errors(f"sign a link to {name!r}"):
            link: str = self._client_of(self._public_endpoint_url).generate_presigned_url(
                "get_object",
                Params=self._at(name) | dict(parameters or {}),
                ExpiresIn=self.querystring_expire if expire is None else expire,
                HttpMethod=http_method,
            )
            return link


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _as_os_errors(doing: str) -> Iterator[None]:
    """botocore's errors as OSError. Codes and class names only: messages may quote keys and addresses."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code in _ABSENT:
            raise FileNotFoundError(f"S3 could not {doing}: it is not there") from None
        raise OSError(f"S3 could not {doing}: {code or 'no reason given'}") from None
    except (BotoCoreError, ValueError) as error:
        raise OSError(f"S3 could not {doing}: {type(error).__name__}") from None
