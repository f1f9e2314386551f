"""Whose request it is, for the lockout: one address, or one IPv6 network of a household."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address; an IPv6 one as its /64, as a client may change the rest at will.

    ``X-Forwarded-For`` is believed only as far as our own proxies wrote it (``XIAOHAO_PROXIES``):
    the entry that the outermost of them added, counted from the right.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(chain) >= settings.PROXIES:
            address = chain[-settings.PROXIES]
    return _normal(address)


def _normal(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return "0.0.0.0"  # a unix socket or nonsense: all of them share one count
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address)
