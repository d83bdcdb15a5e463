"""The one way this site fetches from an address it did not choose itself.

https only. The name is resolved once, private, loopback and link-local addresses are refused, and the
connection goes to the very address that was checked, so a name that resolves differently a moment later gains
nothing. Every redirect is checked like the first address; bytes, silence and the whole time are bounded. No
proxies, no .netrc, no cookies. An operator's own server (a mirror on the local network) is allowed by naming
its origin.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.utils.translation import gettext_lazy as _
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager

from emotoon.core.errors import EmotoonError, Text

CHUNK_BYTES = 1 << 18
USER_AGENT = "emotoon"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


@dataclass(frozen=True)
class FetchLimits:
    """``bytes`` of the body; ``seconds`` for everything; ``silence_seconds`` between two arrivals."""

    bytes: int
    seconds: float
    connect_seconds: float = 10.0
    silence_seconds: float = 30.0
    redirects: int = 5


class FetchRefused(EmotoonError):
    """We do not fetch this: the address is not allowed, or the answer is larger than what was asked for."""

    status = 422


class FetchFailed(EmotoonError):
    """The other side did not answer as it should; ``params["status"]`` is its HTTP status, if it gave one."""

    status = 502
    permanent = False

    def __init__(self, code: str, message: Text, **params: object) -> None:
        super().__init__(code, message, **params)
        self.permanent = params.get("status") in {401, 403, 404, 410, 416}


def origin_of(url: str) -> Origin:
    """(scheme, host, port). Raises FetchRefused (``fetch_address``)."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _bad_address(url) from None
    # An address with a user name in it is a common disguise: https://good.example@evil.example/
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None or not port:
        raise _bad_address(url)
    return parts.scheme, parts.hostname.lower(), port


class Fetched:
    """An answer whose body has not been read: 200, or 206 when a range was asked for."""

    def __init__(self, response: requests.Response, limits: FetchLimits, deadline: _Deadline) -> None:
        self._response = response
        self._limits = limits
        self._deadline = deadline
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.url = str(response.url)

    @property
    def length(self) -> int | None:
        """Bytes that will follow, if the other side says."""
        given = self.headers.get("Content-Length", "")
        return int(given) if given.isdecimal() else None

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives. Raises FetchRefused (``fetch_too_large``), FetchFailed."""
        self._check_size(self.length or 0)
        arrived = 0
        try:
            # read1 returns what is there: read would wait for a whole chunk, however slowly it drips in.
            while chunk := self._response.raw.read1(CHUNK_BYTES, decode_content=False):
                arrived += len(chunk)
                self._check_size(arrived)
                yield chunk
        except (HTTPError, OSError) as error:
            raise self._deadline.failure(self.url, error) from error
        if self._deadline.passed or (self.length is not None and arrived != self.length):
            raise self._deadline.failure(self.url, None)

    def _check_size(self, size: int) -> None:
        if size > self._limits.bytes:
            raise FetchRefused(
                "fetch_too_large",
                _("The answer from %(host)s is larger than %(limit)s bytes.")
                % {"host": urlsplit(self.url).hostname, "limit": f"{self._limits.bytes:,}"},
            )


@contextmanager
def fetch(
    url: str,
    *,
    limits: FetchLimits,
    headers: Mapping[str, str] | None = None,
    trusted: str = "",
) -> Iterator[Fetched]:
    """GET an address; redirects are followed.

    ``trusted``: an address whose origin (scheme, host and port) may be http and private; only an operator's
    setting belongs here, never what a visitor sent.

    Raises FetchRefused: ``fetch_address``, ``fetch_not_https``, ``fetch_private``, ``fetch_too_large``,
    ``fetch_redirects``. Raises FetchFailed: ``fetch_unreachable``, ``fetch_timeout``, ``fetch_status``.
    """
    home = origin_of(trusted) if trusted else None
    deadline = _Deadline(limits.seconds)
    with deadline, requests.Session() as session:
        session.trust_env = False  # no proxies, no .netrc: a proxy would resolve the name itself
        session.headers.clear()
        session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})})
        response = _follow(session, url, home, limits, deadline)
        with response:
            yield Fetched(response, limits, deadline)


def _follow(
    session: requests.Session, url: str, home: Origin | None, limits: FetchLimits, deadline: _Deadline
) -> requests.Response:
    for _hop in range(limits.redirects + 1):
        response = _ask(session, url, home, limits, deadline)
        location = response.headers.get("Location", "")
        if response.status_code not in _REDIRECTS or not location:
            return _accept(response)
        url = urljoin(url, location)
        response.close()
    raise FetchRefused("fetch_redirects", _("The address redirects too often."))


def _ask(
    session: requests.Session, url: str, home: Origin | None, limits: FetchLimits, deadline: _Deadline
) -> requests.Response:
    origin = origin_of(url)
    if origin != home and origin[0] != "https":
        raise FetchRefused(
            "fetch_not_https", _("Only https addresses are fetched, not %(url)s.") % {"url": _shown(url)}
        )
    adapter = (
        _TrustedAdapter(deadline) if origin == home else _CheckedAdapter(deadline, https=origin[0] == "https")
    )
    session.close()  # of the hop before
    session.mount(f"{origin[0]}://", adapter)
    try:
        return session.get(
            url,
            stream=True,
            allow_redirects=False,
            timeout=(limits.connect_seconds, limits.silence_seconds),
        )
    except InvalidIPAddress as error:
        raise FetchRefused(
            "fetch_private",
            _("%(host)s lies in a private network, from which nothing is fetched.") % {"host": origin[1]},
        ) from error
    except (requests.exceptions.InvalidURL, UnicodeError) as error:
        raise _bad_address(url) from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise deadline.failure(url, error) from error


def _accept(response: requests.Response) -> requests.Response:
    if response.status_code not in {200, 206}:
        response.close()
        raise FetchFailed(
            "fetch_status",
            _("%(url)s answered %(status)s.")
            % {"url": _shown(str(response.url)), "status": response.status_code},
            status=response.status_code,
        )
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        response.close()
        raise FetchFailed(
            "fetch_encoding",
            _("%(host)s answered in a packed form that was not asked for.")
            % {"host": urlsplit(str(response.url)).hostname},
        )
    return response


def _bad_address(url: str) -> FetchRefused:
    return FetchRefused("fetch_address", _("This is not an address: %(url)s") % {"url": _shown(url)})


def _shown(url: str) -> str:
    """For messages: without the query, which may hold a signature."""
    return url.partition("?")[0][:200]


class _Deadline:
    """Shuts every connection of one fetch when the time is over, so that headers that drip in end as well."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._sockets: list[socket.socket] = []
        self.passed = False

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()

    def watch(self, connection: socket.socket) -> None:
        self._sockets.append(connection)
        if self.passed:
            _shut(connection)

    def _end(self) -> None:
        self.passed = True
        for connection in self._sockets:
            _shut(connection)

    def failure(self, url: str, error: Exception | None) -> FetchFailed:
        host = urlsplit(url).hostname
        if self.passed or isinstance(error, requests.Timeout | TimeoutError) or "timed out" in str(error):
            return FetchFailed("fetch_timeout", _("%(host)s did not answer in time.") % {"host": host})
        reason = type(error).__name__ if error else "IncompleteRead"
        return FetchFailed(
            "fetch_unreachable",
            _("%(host)s cannot be reached, or the connection broke off (%(reason)s).")
            % {"host": host, "reason": reason},
        )


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already, or handed over to its TLS wrapper, which is watched itself


def _watched_pools(deadline: _Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose sockets the deadline knows, before and after the TLS handshake."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            deadline.watch(connection)
            return connection

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            deadline.watch(connection)
            return connection

        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


class _TrustedAdapter(HTTPAdapter):
    """An operator's own server: any address, the same limits."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch(self.poolmanager, self._deadline)


class _CheckedAdapter(IPFilterAdapter):  # type: ignore[misc] # requests_hardened carries no types
    """Connects only to public addresses, to the one that was checked."""

    def __init__(self, deadline: _Deadline, *, https: bool) -> None:
        self._deadline = deadline
        super().__init__(is_https_proto=https)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch(self.poolmanager, self._deadline)


def _watch(manager: PoolManager, deadline: _Deadline) -> None:
    manager.pool_classes_by_scheme = _watched_pools(deadline)
