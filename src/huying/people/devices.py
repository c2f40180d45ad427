"""Devices and addresses in words. Pure."""

from __future__ import annotations

import ipaddress
from typing import Final

from django.utils.translation import gettext as _

_PROGRAMS: Final = (
    # What others also claim to be comes after those that only claim it.
    ("wxwork/", "WeCom"),
    ("MicroMessenger/", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("QQBrowser/", "QQ Browser"),
    ("QIHU 360", "360 Browser"),
    ("360SE", "360 Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Xiaomi Browser"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Kylin", "Kylin"),
    ("UOS", "UOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Browser and system in words, as far as they can be told from what the browser says."""
    found = (
        _name(next((name for mark, name in names if mark in user_agent), ""))
        for names in (_PROGRAMS, _SYSTEMS)
    )
    return " · ".join(filter(None, found)) or _("another program")


def _name(name: str) -> str:
    """The names that have a Chinese one, in it."""
    return {
        "WeCom": _("WeCom"),
        "WeChat": _("WeChat"),
        "DingTalk": _("DingTalk"),
        "QQ Browser": _("QQ Browser"),
        "360 Browser": _("360 Browser"),
        "Huawei Browser": _("Huawei Browser"),
        "Xiaomi Browser": _("Xiaomi Browser"),
        "HarmonyOS": _("HarmonyOS"),
        "Kylin": _("Kylin"),
        "UOS": _("UOS"),
    }.get(name, name)


def place_of(address: str | None) -> str:
    """The network that an address lies in: enough to know one's own office by."""
    if address is None:
        return _("unknown address")
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return _("on the server itself")
    if isinstance(found, ipaddress.IPv4Address):
        part = str(found).rpartition(".")[0] + ".*"
    else:
        part = str(ipaddress.ip_network((found, 64), strict=False).network_address) + "*"
    if found.is_private:
        return _("inside network %(part)s") % {"part": part}
    return _("public network %(part)s") % {"part": part}
