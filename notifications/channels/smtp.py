"""E-mail, spoken line by line: the row is committed between the 354 and the body (RFC 5321, 1047).

smtplib's ``sendmail`` would say DATA and the body in one breath; whoever is killed inside of it
cannot know what he has done.
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from notifications.channels.line import Down, Envelope, Never, NotNow, Unclear, in_short
from notifications.channels.server import Server
from organisations.models import User

OK, GO_AHEAD, LATER, CLOSING, REFUSED = 200, 300, 400, 421, 500
GOODBYE_SECONDS = 1.0
# many a server ends a talk after a hundred
LETTERS_A_TALK = 50
# an address that needs no quoting and no folding
_PLAIN = re.compile(r"[A-Za-z0-9._+-]{1,40}@[A-Za-z0-9.-]{1,30}")


class Smtp:
    """The channel ``smtp``."""

    key = "smtp"
    is_short = is_group = False

    def __init__(self, server: Server, per_minute: int) -> None:
        self.server, self.per_minute = server, per_minute
        # kept from one message to the next, and how many it had
        self._talk: smtplib.SMTP | None = None
        self._said = 0

    def address_of(self, user: User) -> str:
        wants = getattr(user, "preference", None)
        return user.email if wants is None or wants.by_mail else ""

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        text = written(envelope, self.server.sender)
        is_whole = False
        try:
            talk = self._addressed(envelope)
            about_to_transmit()
            answer = _hand_over(talk, text)
            is_whole = True
            return answer
        finally:
            # whatever went wrong: the next message begins with a greeting of its own
            if not is_whole:
                self._drop()

    def close(self) -> None:
        if self._talk is not None:
            _say_goodbye(self._talk)
            self._drop()

    def _drop(self) -> None:
        if self._talk is not None:
            self._talk.close()
        self._talk, self._said = None, 0

    def _addressed(self, envelope: Envelope) -> smtplib.SMTP:
        """A talk that waits for the body of this message."""
        if self._talk is not None and self._said < LETTERS_A_TALK:
            try:
                self._said += 1
                self._address(self._talk, envelope)
                return self._talk
            except _Closed:
                # it had been kept open too long: nothing was handed over, a new one is begun
                self._drop()
        self.close()
        self._talk, self._said = self._connect(), 1
        try:
            self._address(self._talk, envelope)
        except _Closed as error:
            raise NotNow(str(error)) from error
        return self._talk

    def _connect(self) -> smtplib.SMTP:
        """Greeted, encrypted and signed in; nobody's message is at stake yet."""
        server = self.server
        kind = smtplib.SMTP_SSL if server.tls == "tls" else smtplib.SMTP
        try:
            talk = kind(server.host, server.port, timeout=server.seconds)
            try:
                talk.ehlo_or_helo_if_needed()
                if server.tls == "starttls":
                    talk.starttls(context=ssl.create_default_context())
                    talk.ehlo()
                if server.user:
                    talk.login(server.user, server.password)
            except BaseException:
                talk.close()
                raise
        except smtplib.SMTPResponseException as error:  # a wrong password, among others
            raise Down(f"{error.smtp_code} {in_short(error.smtp_error)}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Down(in_short(error)) from error
        return talk

    def _address(self, talk: smtplib.SMTP, envelope: Envelope) -> None:
        """Up to the 354: until here nothing has been handed over."""
        try:
            _open(OK, *talk.docmd("MAIL", f"FROM:{_quoted(self.server.sender)}"))
            _open(OK, *talk.docmd("RCPT", f"TO:{_quoted(envelope.address)}"))
            _open(GO_AHEAD, *talk.docmd("DATA"))
        except (OSError, smtplib.SMTPException) as error:
            raise _Closed(in_short(error)) from error


class _Closed(Exception):
    """The other side has hung up, or says that it will."""


def _quoted(address: str) -> str:
    return f"<{address}>" if _PLAIN.fullmatch(address) else _quoted_at_length(address)


@lru_cache(maxsize=200)
def _quoted_at_length(address: str) -> str:
    return smtplib.quoteaddr(address)


def _hand_over(talk: smtplib.SMTP, text: bytes) -> str:
    """From here on silence means doubt; an answer, good or bad, is one."""
    try:
        talk.send(smtplib._quote_periods(text) + b".\r\n")  # type: ignore[attr-defined]
        code, words = talk.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unclear(in_short(error)) from error
    if code < OK or GO_AHEAD <= code < LATER:
        # no answer to a body: it may have been taken, so it is not for us to say that it was not
        raise Unclear(in_short(words) or "no answer")
    _expect(OK, code, words)
    return in_short(words)


def _expect(wanted: int, code: int, words: bytes) -> None:
    # the first digit decides (RFC 5321, 4.3.2): 251 "will forward" is a yes
    if code // 100 == wanted // 100:
        return
    said = f"{code} {in_short(words)}"
    raise Never(said) if code >= REFUSED else NotNow(said)


def _open(wanted: int, code: int, words: bytes) -> None:
    """The same of a talk that the other side may end at any time before the body."""
    if code == CLOSING:
        raise _Closed(f"{code} {in_short(words)}")
    _expect(wanted, code, words)


def _say_goodbye(talk: smtplib.SMTP) -> None:
    """Courtesy; the message is accepted whatever comes now."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if talk.sock is not None:
            talk.sock.settimeout(GOODBYE_SECONDS)
        talk.quit()


def written(envelope: Envelope, sender: str) -> bytes:
    """One MIME text with CRLF lines; the same id each time, so that a copy can be recognised.

    What the package ``email`` makes of it, put together by hand: it takes a millisecond a letter.
    """
    lines = envelope.body.encode().splitlines() or [b""]
    body = base64.encodebytes(b"".join(line + b"\r\n" for line in lines)).replace(b"\n", b"\r\n")
    head = (
        f"{_heads(' '.join(envelope.subject.split()), sender)}"
        f"{_to(envelope.address)}"
        f"Date: {format_datetime(envelope.at)}\r\n"
        f"Message-ID: <xiaohao.{'.'.join(map(str, envelope.ids[:5]))}@{_host(sender)}>\r\n"
        # nobody's holiday answer comes back for it (RFC 3834)
        "Auto-Submitted: auto-generated\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        "MIME-Version: 1.0\r\n\r\n"
    )
    return head.encode() + body


@lru_cache
def _host(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


@lru_cache(maxsize=200)
def _heads(subject: str, sender: str) -> str:
    message = EmailMessage(policy=LINES)
    message["Subject"] = subject
    message["From"] = formataddr(parseaddr(sender))
    return message.as_string().removesuffix("\r\n")


def _to(address: str) -> str:
    if _PLAIN.fullmatch(address):
        return f"To: {address}\r\n"
    message = EmailMessage(policy=LINES)
    message["To"] = address
    return message.as_string().removesuffix("\r\n")
