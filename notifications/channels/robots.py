"""Robots of chat groups (WeCom, DingTalk, Feishu): totals each morning, never a name of a firm."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote_plus, urldefrag, urlsplit

from notifications.channels import web
from notifications.channels.line import Envelope, Never, in_short
from organisations.models import User

# by the end of the host; each platform answers 200 and says in the body whether it took the text
PLATFORMS = {
    "qyapi.weixin.qq.com": "wecom",
    "oapi.dingtalk.com": "dingtalk",
    "open.feishu.cn": "feishu",
}


class Robot:
    """One group; its address may end in ``#secret`` where DingTalk or Feishu wants one."""

    is_short, is_group, per_minute = False, True, 10

    def __init__(self, address: str, key: str) -> None:
        self.url, self.secret = urldefrag(address)
        self.platform = platform_of(address)
        self.key = key

    def address_of(self, user: User) -> str:
        return ""  # a group is nobody's own

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        text = f"{envelope.subject}\n{envelope.body}" if envelope.subject else envelope.body
        url = self.url + self._signed(envelope)
        message = _message(self.platform, text) | self._feishu_sign(envelope)
        answer = web.post(url, message, about_to_transmit)
        said = answer.json()
        code = said.get("code" if self.platform == "feishu" else "errcode", 0)
        if code != 0:
            raise Never(in_short(answer.text))
        return in_short(answer.text)

    def close(self) -> None:
        """Each message is a request of its own."""

    def _signed(self, envelope: Envelope) -> str:
        """DingTalk's own: HMAC over the moment and the secret, in the query."""
        if not self.secret or self.platform != "dingtalk":
            return ""
        moment = str(int(envelope.at.timestamp() * 1000))
        words = f"{moment}\n{self.secret}".encode()
        sign = base64.b64encode(hmac.new(self.secret.encode(), words, hashlib.sha256).digest())
        return f"&timestamp={moment}&sign={quote_plus(sign)}"

    def _feishu_sign(self, envelope: Envelope) -> dict[str, str]:
        """Feishu's own: the moment and the secret are the key, nothing is signed, in the body."""
        if not self.secret or self.platform != "feishu":
            return {}
        moment = str(int(envelope.at.timestamp()))
        made = hmac.new(f"{moment}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return {"timestamp": moment, "sign": base64.b64encode(made).decode()}


def platform_of(address: str) -> str:
    """wecom, dingtalk or feishu; "" for an address of none of them."""
    host = urlsplit(address).hostname or ""
    return next((name for end, name in PLATFORMS.items() if host == end), "")


def robots(addresses: Sequence[str]) -> list[Robot]:
    """One channel each, named by platform and place."""
    return [Robot(address, f"{platform_of(address)}-{n}") for n, address in enumerate(addresses, 1)]


def _message(platform: str, text: str) -> dict[str, Any]:
    if platform == "feishu":
        return {"msg_type": "text", "content": {"text": text}}
    return {"msgtype": "text", "text": {"content": text}}
