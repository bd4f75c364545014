"""Which hosts a fetcher may reach, checked where the socket connects.

The name is resolved here, every address is judged, and the connection goes to an address that was judged. A
name that changes its answer between check and use, a redirect, an odd spelling of 127.0.0.1: all end here.
Proxies of the environment are not used: a proxy would resolve the name where nobody checks.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from clerk.errors import FetchRefusedError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class GuardedBackend(httpcore.NetworkBackend):
    """A network backend that connects to public addresses only."""

    def __init__(self, *, allow_private_hosts: bool) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that is allowed and answers.

        Raises:
            FetchRefusedError: no address of the host is allowed.
            httpcore.ConnectError: the name has no address, or none answers.
        """
        found = resolve(host, port)
        addresses = found if self._allow_private_hosts else [a for a in found if is_public(a)]
        if not addresses:
            raise FetchRefusedError(
                f"{host} is on a private network ({', '.join(found)}).",
                advice="Set ALLOW_PRIVATE_HOSTS=1 if that is meant.",
            )
        error: Exception | None = None
        for address in addresses:
            try:
                return self._inner.connect_tcp(
                    address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = error or failed
        assert error is not None
        raise error

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - the interface's
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - the interface's
    ) -> httpcore.NetworkStream:
        """Refused always: documents come from hosts."""
        raise FetchRefusedError(f"{path} is a socket of this machine.")

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport on a `GuardedBackend`; certificates are verified."""

    def __init__(self, *, allow_private_hosts: bool, context: ssl.SSLContext | None = None) -> None:
        verified = context or httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=verified, trust_env=False)
        # httpx offers no way to hand a network backend in; tests hold that this one is in use.
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=verified,
            max_connections=10,
            max_keepalive_connections=5,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(allow_private_hosts=allow_private_hosts),
        )


def resolve(host: str, port: int) -> list[str]:
    """Addresses of `host`, in the resolver's order.

    Raises:
        httpcore.ConnectError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"cannot resolve {host}: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """True for an address of the public internet, however it is wrapped in IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(
        one.is_global
        and not (
            one.is_multicast or one.is_reserved or one.is_loopback or one.is_link_local or one.is_unspecified
        )
        for one in _meant(parsed)
    )


def _meant(address: _Address) -> list[_Address]:
    """The address a packet would end at: those that an IPv6 address carries inside count instead of it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.teredo is not None:
        return [*address.teredo]
    return [address]
