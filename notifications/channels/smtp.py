"""E-mail, spoken line by line: the row is committed between the 354 and the body (RFC 5321, 1047).

smtplib's ``sendmail`` would say DATA and the body in one breath; whoever is killed inside of it
cannot know what he has done.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime, formataddr, parseaddr

from notifications.channels.line import Down, Envelope, Never, NotNow, Unclear, in_short
from notifications.channels.server import Server
from organisations.models import User

OK, GO_AHEAD, LATER, REFUSED = 250, 354, 400, 500
GOODBYE_SECONDS = 1.0


class Smtp:
    """The channel ``smtp``."""

    key = "smtp"
    is_short = is_group = False

    def __init__(self, server: Server, per_minute: int) -> None:
        self.server, self.per_minute = server, per_minute

    def address_of(self, user: User) -> str:
        wants = getattr(user, "preference", None)
        return user.email if wants is None or wants.by_mail else ""

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        talk = self._connect()
        try:
            self._address(talk, envelope)
            about_to_transmit()
            answer = _hand_over(talk, _written(envelope, self.server.sender))
            _say_goodbye(talk)
            return answer
        finally:
            talk.close()

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
        except (OSError, smtplib.SMTPException) as error:
            raise Down(in_short(error)) from error
        return talk

    def _address(self, talk: smtplib.SMTP, envelope: Envelope) -> None:
        """Up to the 354: until here nothing has been handed over."""
        try:
            _expect(OK, *talk.mail(parseaddr(self.server.sender)[1]))
            _expect(OK, *talk.rcpt(envelope.address))
            _expect(GO_AHEAD, *talk.docmd("DATA"))
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(in_short(error)) from error


def _hand_over(talk: smtplib.SMTP, text: bytes) -> str:
    """From here on silence means doubt; an answer, good or bad, is one."""
    try:
        talk.send(smtplib._quote_periods(text) + b".\r\n")  # type: ignore[attr-defined]
        code, words = talk.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unclear(in_short(error)) from error
    _expect(OK, code, words)
    return in_short(words)


def _expect(wanted: int, code: int, words: bytes) -> None:
    if code == wanted:
        return
    said = f"{code} {in_short(words)}"
    raise Never(said) if code >= REFUSED else NotNow(said)


def _say_goodbye(talk: smtplib.SMTP) -> None:
    """Courtesy; the message is accepted whatever comes now."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if talk.sock is not None:
            talk.sock.settimeout(GOODBYE_SECONDS)
        talk.quit()


def _written(envelope: Envelope, sender: str) -> bytes:
    """One MIME text with CRLF lines; the same id each time, so that a copy can be recognised."""
    message = EmailMessage(policy=LINES)
    message["Subject"] = " ".join(envelope.subject.split())
    message["From"] = formataddr(parseaddr(sender))
    message["To"] = envelope.address
    message["Date"] = format_datetime(envelope.at)
    host = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<xiaohao.{'.'.join(map(str, envelope.ids[:5]))}@{host}>"
    # nobody's holiday answer comes back for it (RFC 3834)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(envelope.body, cte="base64")
    text = message.as_bytes()
    return text if text.endswith(b"\r\n") else text + b"\r\n"
