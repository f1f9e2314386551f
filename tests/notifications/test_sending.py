"""A real dialogue with a mail server: sent once, tried again when that is safe, else in doubt."""

from __future__ import annotations

import smtplib
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from cases.actions import remarks
from cases.models import Case, WorkItem
from cases.rulebook import pack_of
from config.ticking import tick
from notifications import deciding, outbox
from notifications.channels.smtp import Smtp
from notifications.deliveries import Delivery, Line, Preference
from notifications.delivery import deliver
from notifications.digest import write
from notifications.models import Notice
from notifications.sending import send
from organisations.errors import Refused
from organisations.models import AuditEvent, User
from tests.mailbox import Mailbox
from tests.world import World, at

MONDAY = date(2022, 4, 11)
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
ADDRESS = "worker@example.gov.cn"
State = Delivery.State
# before the digest of half past eight
EARLY = at(MONDAY, 8)


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例耐材有限公司")
    world.open(MONDAY)
    deliver(EARLY)
    User.objects.filter(pk=world.people[WORKER].pk).update(email=ADDRESS)
    return world.case()


def urged(world: World, case: Case, moment: datetime = EARLY) -> Delivery:
    """A reminder that a person wrote by hand: sent by itself."""
    remarks.urge(case.pk, by=world.actor(LEAD, MONDAY), at=moment, text="请抓紧")
    deliver(moment)
    found: Delivery = Delivery.objects.get()
    return found


def test_one_letter_with_the_notice_s_words(world: World, case: Case, box: Mailbox) -> None:
    row = urged(world, case)
    assert send(EARLY) == {"sent": 1, "in_doubt": 0, "failed": 0, "postponed": 0}
    [mail] = box.mails
    assert (mail["To"], mail["Subject"]) == (ADDRESS, "催办")
    assert box.text() == Notice.objects.get(kind="urged").body
    row.refresh_from_db()
    assert (row.state, row.answer, row.case) == (State.SENT, "taken", case)
    assert send(EARLY)["sent"] == 0
    assert len(box.mails) == 1


def test_what_is_only_a_reminder_of_the_ladder_is_not_sent_by_itself(
    world: World, case: Case, box: Mailbox
) -> None:
    del case
    assert Notice.objects.filter(recipient=world.people[WORKER]).exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("answers", "state", "attempts"),
    [
        ({"RCPT": "450 busy"}, State.WAITING, 1),
        ({".": "451 later"}, State.WAITING, 1),
        ({"DATA": "421 closing"}, State.WAITING, 1),
        ({"RCPT": "550 unknown"}, State.FAILED, 0),
        ({"RCPT": "251 will forward"}, State.SENT, 0),
        ({".": "554 no"}, State.FAILED, 0),
        ({"RCPT": "hang"}, State.WAITING, 1),
        ({"MAIL": "drop"}, State.WAITING, 1),
        # the body is over and nobody answers: nobody knows
        ({".": "hang"}, State.IN_DOUBT, 0),
        # … and what is no answer says nothing either
        ({".": "so be it"}, State.IN_DOUBT, 0),
        ({".": "drop"}, State.IN_DOUBT, 0),
    ],
)
def test_what_the_server_answers_decides(
    world: World,
    case: Case,
    box: Mailbox,
    answers: dict[str, str],
    state: str,
    attempts: int,
) -> None:
    row = urged(world, case)
    box.answers = answers
    send(EARLY)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.leased_until) == (state, attempts, None)
    accepted = len(box.mails)
    box.answers = {}
    send(EARLY + timedelta(minutes=2))
    again = state == State.WAITING
    assert len(box.mails) == accepted + again
    row.refresh_from_db()
    assert row.state == (State.SENT if again else state)


class Killed(BaseException):
    """SIGKILL, as far as the database is concerned: nobody tidies up."""


def test_killed_before_the_body_is_tried_again(
    world: World, case: Case, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = urged(world, case)

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "begin_transmission", die)
        with pytest.raises(Killed):
            send(EARLY)
    row.refresh_from_db()
    assert row.state == State.CLAIMED
    assert send(EARLY + timedelta(minutes=1))["sent"] == 0  # the lease holds
    assert send(EARLY + timedelta(minutes=3))["sent"] == 1
    assert len(box.mails) == 1


def test_killed_behind_the_body_is_in_doubt_until_somebody_decides(
    world: World, case: Case, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = urged(world, case)
    Preference.objects.create(user=world.people[WORKER], digest=False)
    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "getreply", _dies_after(smtplib.SMTP.getreply, 5))
        with pytest.raises(Killed):
            send(EARLY)
    for minutes in (1, 5, 600):
        send(EARLY + timedelta(minutes=minutes))
    row.refresh_from_db()
    assert row.state == State.IN_DOUBT
    assert len(box.mails) == 1  # never again by itself

    later = at(date(2022, 4, 12), 10)
    with pytest.raises(Refused):
        deciding.resend(row.pk, by=world.actor(LEAD), at=later)
    deciding.resend(row.pk, by=world.office, at=later)
    send(later)
    assert [mail["Message-ID"] for mail in box.mails] == [box.mails[0]["Message-ID"]] * 2
    assert AuditEvent.objects.filter(verb="delivery_resent").exists()


def _dies_after(real: Any, replies: int) -> Any:
    """``getreply`` that dies when the server's answer to the body is awaited."""
    heard: list[int] = []

    def getreply(self: smtplib.SMTP) -> tuple[int, bytes]:
        if len(heard) == replies:
            raise Killed
        heard.append(1)
        answer: tuple[int, bytes] = real(self)
        return answer

    return getreply


def test_confirmed_is_settled_and_a_late_worker_changes_nothing(
    world: World, case: Case, box: Mailbox
) -> None:
    row = urged(world, case)
    channel = Smtp(box.server(), 60)
    [envelope] = outbox.claim(channel, EARLY)
    outbox.begin_transmission(envelope, EARLY)
    outbox.give_back(channel, EARLY + outbox.LEASE)
    row.refresh_from_db()
    assert row.state == State.IN_DOUBT
    deciding.confirm(row.pk, by=world.office, at=EARLY)
    assert outbox.settle(envelope, State.FAILED, EARLY, "late") == 0
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (State.CONFIRMED, world.office.user)
    with pytest.raises(Refused):
        deciding.confirm(row.pk, by=world.office, at=EARLY)


def test_whoever_lost_the_lease_hands_nothing_over(
    world: World, case: Case, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept behind its claim: another one has the message by now."""
    urged(world, case)
    real, fenced = outbox.begin_transmission, []

    def slow(envelope: Any, moment: datetime) -> None:
        fenced.append(envelope)
        # given back it could be claimed again: this run ends behind its first message
        monkeypatch.setattr("notifications.sending.LONGEST", timedelta(0))
        outbox.give_back(Smtp(box.server(), 60), moment + outbox.LEASE)
        real(envelope, moment)

    monkeypatch.setattr(outbox, "begin_transmission", slow)
    assert send(EARLY)["sent"] == 0
    assert len(fenced) == 1
    assert box.mails == []


def test_a_server_that_is_away_is_no_message_s_fault(
    world: World, case: Case, box: Mailbox, settings: Any
) -> None:
    row = urged(world, case)
    settings.MAIL = type(box.server())("127.0.0.1", 1, "a@b.cn")
    for _again in range(5):
        send(EARLY)
    row.refresh_from_db()
    line = Line.objects.get()
    assert (row.state, row.attempts, line.failures) == (State.WAITING, 0, 1)  # it rests meanwhile
    settings.MAIL = box.server()
    assert send(EARLY + timedelta(minutes=1))["sent"] == 1
    line.refresh_from_db()
    assert (line.failures, line.resting_until) == (0, None)


def test_back_off_grows_and_ends(world: World, case: Case, box: Mailbox) -> None:
    row = urged(world, case)
    box.answers = {"RCPT": "450 busy"}
    pauses = []
    for minute in range(8):
        moment = EARLY + timedelta(minutes=minute)
        Delivery.objects.update(next_try_at=moment)
        send(moment)
        row.refresh_from_db()
        pauses.append(row.next_try_at - moment)
    assert (row.state, row.attempts) == (State.FAILED, 8)
    assert [round(pause.total_seconds() / 60) for pause in pauses] == [1, 5, 15, 60, *[240] * 4]
    assert row.answer == "450 busy"


def test_nothing_at_night_nor_on_a_day_off(world: World, case: Case, box: Mailbox) -> None:
    urged(world, case)
    for moment in (at(MONDAY, 7), at(MONDAY, 20), at(date(2022, 4, 16), 10)):
        assert send(moment)["sent"] == 0
    assert send(at(date(2022, 4, 18), 8))["sent"] == 1


def test_many_for_one_person_are_one_letter(world: World, case: Case, box: Mailbox) -> None:
    del case
    for number in range(14):
        world.firm(f"洛阳示例{number}有限公司")
    world.open(MONDAY)
    remarks.urge_many(
        list(Case.objects.values_list("pk", flat=True)),
        by=world.actor(LEAD, MONDAY), at=EARLY, text="",
    )  # fmt: skip
    deliver(EARLY)
    assert Delivery.objects.count() == 15
    assert send(EARLY)["sent"] == 1
    assert box.mails[0]["Subject"] == "15条消息"
    assert "另有5条" in box.text()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_the_cap_per_minute_holds(world: World, case: Case, box: Mailbox, settings: Any) -> None:
    settings.MAIL_PER_MINUTE = 2
    row = urged(world, case)
    readers = [User.objects.create(username=f"u{n}", email=f"u{n}@example.cn") for n in range(5)]
    for user in readers:
        row.pk, row.key, row.recipient = None, f"copy:{user.pk}", user
        row.save(force_insert=True)
    sent = [send(EARLY + timedelta(seconds=seconds))["sent"] for seconds in (0, 30, 61, 130, 190)]
    assert sent == [2, 0, 2, 2, 0]


def test_a_clock_that_was_a_day_ahead_stops_nothing_when_it_is_put_right(
    world: World, case: Case, box: Mailbox, settings: Any
) -> None:
    urged(world, case)
    settings.MAIL_PER_MINUTE = 1
    tomorrow = EARLY + timedelta(days=1)
    Line.objects.create(
        channel="smtp", window_from=tomorrow, in_window=1, failures=1,
        resting_until=tomorrow + timedelta(seconds=30),
    )  # fmt: skip
    assert send(EARLY)["sent"] == 1


# --- the digest ----------------------------------------------------------------------------------
def test_one_digest_a_person_and_working_morning_until_done(
    world: World, case: Case, box: Mailbox
) -> None:
    day = date(2022, 4, 12)  # due today
    assert send(at(day, 8))["sent"] == 0
    for hour in (9, 9, 10, 15):
        send(at(day, hour))
    [mail] = box.mails
    assert mail["Subject"] == "今日待办"
    assert box.text().splitlines() == [
        "【今日待办】涧西区工作专班经办人，4月12日 星期二",
        "逾期 0 · 今日到期 1 · 3个工作日内到期 0 · 退回待补正 0 · 待您审核 0",
        "先办这1件：",
        "1. 洛阳示例耐材有限公司 待签收 今日到期 下一步：签收",
        "本县（区）：已销号 0/1，只差一项的 0 家。",
        "查看全部：请登录系统 退订或改时间：我的—消息设置",
    ]
    send(at(date(2022, 4, 13), 9))
    assert len(box.mails) == 2
    send(at(date(2022, 4, 16), 9))  # a Saturday
    assert len(box.mails) == 2


def test_nothing_to_do_is_no_digest_and_is_looked_at_once(world: World, box: Mailbox) -> None:
    User.objects.filter(pk=world.people[WORKER].pk).update(email=ADDRESS)
    send(at(MONDAY, 9))
    assert box.mails == []
    mine = Delivery.objects.get(recipient=world.people[WORKER])
    assert mine.state == State.SILENT


def test_after_nine_days_off_one_digest(world: World, case: Case, box: Mailbox) -> None:
    """The server was away, then the product: of ten mornings only the last one speaks."""
    box.answers = {"MAIL": "450 busy"}
    send(at(date(2022, 4, 12), 9))
    box.answers = {}
    send(at(date(2022, 4, 21), 11))
    [mail] = box.mails
    assert "4月21日" in str(mail.get_content())
    [old] = Delivery.objects.filter(state=State.DROPPED)
    with pytest.raises(Refused):
        deciding.resend(old.pk, by=world.office, at=at(date(2022, 4, 21), 11))


def test_everybody_has_what_he_chose(world: World, case: Case, box: Mailbox) -> None:
    user = world.people[WORKER]
    wants = Preference.objects.create(user=user, digest_at=time(14), singles=False)
    remarks.urge(case.pk, by=world.actor(LEAD, MONDAY), at=EARLY, text="请抓紧")
    deliver(EARLY)
    day = date(2022, 4, 12)
    send(at(day, 13))
    assert box.mails == []
    send(at(day, 14))
    assert len(box.mails) == 1
    wants.digest = False
    wants.save()
    send(at(date(2022, 4, 13), 15))
    assert len(box.mails) == 1


def test_a_rung_that_asks_for_it_is_sent_by_itself(
    world: World, case: Case, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ladder in pack_of(case.pack_version_id).ladders.values():
        for rung in ladder.rungs:
            # as a city's pack may say
            monkeypatch.setitem(rung.__dict__, "at_once", rung.text == "due_today")
    Preference.objects.create(user=world.people[WORKER], digest=False)
    day = at(date(2022, 4, 12))
    tick(day)
    assert send(day)["sent"] == 1
    assert box.mails[0]["Subject"] == "今日到期"


def test_a_leads_week_begins_with_the_last_one(world: World, case: Case) -> None:
    """一周提示: Monday, or the first day that is worked; a handler's morning is as any other."""
    lead = "涧西区/county_lead"
    post = next(one.post_id for one in world.actor(lead).standings)
    WorkItem.objects.filter(process=case).update(post=post)
    days = {day: write(world.actor(lead), date(2022, 4, day)) for day in (18, 19)}
    week, morning = days[18], days[19]
    assert week is not None
    assert morning is not None
    assert (week.subject, morning.subject) == ("一周提示", "今日待办")
    lines = week.body.splitlines()
    assert lines[0].startswith("【一周提示】")
    assert "上周新增销号 0 · 新增逾期 1 · 30天无进展 0" in lines
    assert "上周" not in morning.body
    # 2 to 4 May are days off: the week begins on Thursday
    late = write(world.actor(lead), date(2022, 5, 5))
    assert late is not None
    assert "【一周提示】" in late.body
