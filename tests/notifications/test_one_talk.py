"""Many letters in one talk with the mail server, each behind its own fence."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest

from notifications import digest, fence, outbox, sending
from notifications.channels.line import Envelope, LostLease
from notifications.channels.smtp import Smtp, written
from notifications.models import Delivery
from notifications.sending import send
from organisations.models import User
from tests.mailbox import Mailbox
from tests.world import World, at

DAY = at(date(2022, 4, 11), 8)
State = Delivery.State
SENDER = "专班办 <office@example.gov.cn>"


@pytest.fixture
def letters(world: World) -> list[Delivery]:
    del world
    people = [User.objects.create(username=f"u{n}", email=f"u{n}@example.cn") for n in range(4)]
    return [
        Delivery.objects.create(
            key=f"digest:{user.pk}", kind=Delivery.Kind.DIGEST, channel="smtp", recipient=user,
            subject="今日待办", body="第一行\n第二行", made_at=DAY, next_try_at=DAY,
        )
        for user in people
    ]  # fmt: skip


def states(letters: list[Delivery]) -> list[str]:
    found = Delivery.objects.in_bulk([one.pk for one in letters])
    return [found[one.pk].state for one in letters]


def test_one_greeting_for_all_and_each_is_sent_once(letters: list[Delivery], box: Mailbox) -> None:
    assert send(DAY)["sent"] == 4
    assert [mail["To"] for mail in box.mails] == [f"u{n}@example.cn" for n in range(4)]
    assert (box.talks.count("EHLO"), box.talks.count("QUIT")) == (1, 1)
    assert states(letters) == [State.SENT] * 4


def test_a_talk_that_the_server_has_ended_begins_anew(
    letters: list[Delivery], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hung up between two letters: nothing was handed over, nobody waits a minute for it."""
    real = outbox.begin_transmission

    def ends_the_talk(*given: Any) -> None:
        real(*given)
        box.answers = {"MAIL": "421 too many"} if len(box.mails) == 1 else {}

    monkeypatch.setattr(outbox, "begin_transmission", ends_the_talk)
    told = box.talks
    monkeypatch.setattr(Smtp, "_drop", _forgiving(Smtp._drop, box))
    assert send(DAY) == {"sent": 4, "in_doubt": 0, "failed": 0, "postponed": 0}
    assert told.count("EHLO") == 2
    assert [mail["To"] for mail in box.mails] == [f"u{n}@example.cn" for n in range(4)]


def _forgiving(real: Any, box: Mailbox) -> Any:
    def drop(self: Smtp) -> None:
        box.answers = {}
        real(self)

    return drop


def test_a_refused_letter_leaves_those_beside_it(letters: list[Delivery], box: Mailbox) -> None:
    User.objects.filter(username="u1").update(email="away@example.cn")
    box.answers = {"away@example.cn": "550 unknown"}
    assert send(DAY) == {"sent": 3, "in_doubt": 0, "failed": 1, "postponed": 0}
    assert states(letters) == [State.SENT, State.FAILED, State.SENT, State.SENT]


def test_the_hours_end_in_the_middle(
    letters: list[Delivery], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was claimed with the others waits for the morning; what was said is on record."""
    evening = at(date(2022, 4, 11), 20) - timedelta(seconds=2)

    def passes() -> datetime:
        return evening + timedelta(seconds=2 * (len(box.mails) >= 2))

    monkeypatch.setattr(sending, "_running_from", lambda _at: passes)
    assert send(evening)["sent"] == 2
    assert states(letters) == [State.SENT, State.SENT, State.WAITING, State.WAITING]


def test_one_digest_that_breaks_stops_nobody_s_letter(
    letters: list[Delivery], world: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: Any) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(digest, "_plan_for", breaks)
    assert world.people
    assert send(DAY + timedelta(hours=1))["sent"] == len(letters)


def test_killed_in_the_third_leaves_one_in_doubt(
    letters: list[Delivery], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun = outbox.begin_transmission, []

    def dies(*given: Any) -> None:
        real(*given)
        begun.append(given)
        if len(begun) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "begin_transmission", dies)
        with pytest.raises(KeyboardInterrupt):
            send(DAY)
    assert states(letters) == [State.SENT, State.SENT, State.TRANSMITTING, State.CLAIMED]
    send(DAY + timedelta(minutes=3))
    assert states(letters) == [State.SENT, State.SENT, State.IN_DOUBT, State.SENT]
    assert [mail["To"] for mail in box.mails] == ["u0@example.cn", "u1@example.cn", "u3@example.cn"]


@pytest.mark.parametrize("lost", [False, True])
def test_the_fence_in_one_statement_is_that_of_the_orm(
    letters: list[Delivery], monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    """Where there is PostgreSQL both ways leave the same rows; elsewhere the plain one is it."""
    left = []
    for is_plain in (True, False):
        Delivery.objects.update(state=State.WAITING, token=None, settled_at=None, answer="")
        with monkeypatch.context() as patch:
            if is_plain:
                patch.setattr(fence, "is_here", lambda: False)
            first, second = outbox.claim(Smtp(Mailbox().server(), 60), DAY, 2)
            outbox.begin_transmission(first, DAY)
            when = DAY + (outbox.LEASE if lost else timedelta(seconds=1))
            taken = outbox.Taken(first, "taken")
            try:
                outbox.begin_transmission(second, when, taken)
            except LostLease:
                assert lost
            else:
                assert not lost
        fields = ("state", "leased_until", "settled_at", "answer", "address")
        left.append(list(Delivery.objects.order_by("pk").values_list(*fields)))
    assert left[0] == left[1]
    assert [row[0] for row in left[0]][:2] == [State.SENT, "claimed" if lost else "transmitting"]


def by_the_package(envelope: Envelope) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = " ".join(envelope.subject.split())
    message["From"] = SENDER
    message["To"] = envelope.address
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = f"<xiaohao.{envelope.ids[0]}@example.gov.cn>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(envelope.body, cte="base64")
    return message


@pytest.mark.parametrize(
    ("address", "subject", "body"),
    [
        ("u1@example.cn", "今日待办", "第一行\n第二行"),
        ("first.last+x@a-b.example.gov.cn", "周" * 60, ".\n..\n\r\n末行\n"),
        ("“引”@例子.中国", "a " * 50, "x" * 3000),
        ('"two words"@example.cn', "短", ""),
    ],
)
def test_a_letter_by_hand_is_that_of_the_package(address: str, subject: str, body: str) -> None:
    when = datetime(2022, 4, 11, 0, 30, tzinfo=UTC)
    envelope = Envelope((7,), "t", "smtp", address, subject, body, when)
    theirs = bytes(by_the_package(envelope))
    assert written(envelope, SENDER) == theirs.rstrip(b"\r\n") + b"\r\n"
