"""Nobody acts after the opening: the ladder climbs by itself, up to a drafted 督办函.

No machine writes to a leader: each letter lies with the office until a person releases it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cases.actions import drafts
from cases.annex import annex
from cases.letters import compose
from cases.models import Case, EscalationDraft, PhoneReminder
from config.ticking import tick
from notifications.models import Notice
from organisations.models import User
from organisations.scope import Actor
from tests.world import World, at

OPENED = date(2022, 4, 11)  # a Monday after the quiet season
FIRM = "洛阳示例耐材"
# the day on which each is heard, by whom, in which words
WORKER, LEAD, GROUP, OFFICE, SECOND = (
    "涧西区/county_worker",
    "涧西区/county_lead",
    "liaison_member",
    "office/1",
    "office/2",
)
ALSO = "（已同时提示涧西区工作专班审核人）"
HEARD: dict[date, dict[tuple[str, ...], str]] = {
    OPENED: {
        (WORKER, LEAD): "【任务交办】涧西区新交办1家企业，请于4月12日前签收，5月5日前完成摸底。",
    },
    date(2022, 4, 12): {  # due
        (WORKER, LEAD): f"【今日到期】{FIRM}“签收”今日到期，尚未签收。今日未办结的，"
        "明日起计入逾期。",
    },
    date(2022, 4, 15): {  # +3
        (WORKER, LEAD, GROUP): f"【逾期提示】{FIRM}“签收”已逾期3个工作日，尚未签收。"
        f"请尽快办结；暂不能办结的，请在系统内说明原因和预计完成时间。{ALSO}",
    },
    date(2022, 4, 19): {  # +5
        (
            OFFICE,
            SECOND,
        ): "【电话提醒】今日应电话提醒1家企业，名单共1家待提醒，请逐一联系并记录结果。",
    },
    date(2022, 4, 25): {  # +10; 24 April is a moved working day
        (OFFICE, SECOND): "【待审定】涧西区逾期10个工作日以上1家，已拟《工作提示》1份，"
        "请审定是否发出。（近一个月已提示0次）",
    },
    date(2022, 5, 5): {  # +15, after the holiday of May
        (OFFICE, SECOND): "【待审定】涧西区逾期15个工作日以上1家，已拟《提醒函》1份，"
        "请审定是否发出。",
    },
    date(2022, 5, 11): {  # +20
        (OFFICE, SECOND): "【待审定】涧西区逾期20个工作日以上1家，已拟《督办函》1份，"
        "请审定是否发出。",
    },
}


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def heard_on(day: date) -> dict[str, set[User]]:
    """Words → who read them, of the notices of one day about firms: since the 25th the counties
    owe their monthly reports besides.
    """
    found: dict[str, set[User]] = {}
    notices = Notice.objects.filter(at__date=day).exclude(case__is_main=False)
    for notice in notices.select_related("recipient"):
        assert notice.recipient is not None  # every post is held in this story
        found.setdefault(f"【{notice.title}】{notice.body}", set()).add(notice.recipient)
    return found


def release(world: World, kind: str, day: date) -> EscalationDraft:
    """The office lets a letter go, in the words that the system proposes."""
    draft = EscalationDraft.objects.get(kind=kind, state="drafted")
    by = world.actor("office/2", day)
    lines = annex(draft, Actor.system(), day)
    return drafts.release(draft.pk, by=by, at=at(day, 15), body=compose(draft, lines, day, by.user))


def test_the_ladder_climbs_to_a_supervision_letter(world: World) -> None:
    world.firm("洛阳示例耐材有限公司")
    world.open(OPENED)
    for day in days(OPENED, date(2022, 5, 11)):
        tick(at(day, 9))
        expected = {
            words: {world.people[key] for key in keys} for keys, words in HEARD.get(day, {}).items()
        }
        assert heard_on(day) == expected, day
        assert tick(at(day, 10)) == {"rungs": 0, "notices": 0}
    case = Case.objects.main().get()
    assert case.stage == "assigned"
    assert PhoneReminder.objects.count() == 1
    kinds = EscalationDraft.objects.order_by("id").values_list("kind", "state")
    assert list(kinds) == [
        ("work_note", "merged"),
        ("reminder_letter", "merged"),
        ("supervision_letter", "drafted"),
    ]
    # nothing has gone to the county's leaders by itself
    told = Notice.objects.filter(recipient=world.people[LEAD]).values_list("kind", flat=True)
    assert set(told) == {"new_work", "due_today", "overdue"}


def test_the_office_releases_and_the_county_reads(world: World) -> None:
    # letters name whom to call
    User.objects.filter(pk=world.people["office/1"].pk).update(phone="000-12345678")
    world.firm("洛阳示例耐材有限公司")
    world.open(OPENED)
    for day in days(OPENED, date(2022, 4, 25)):
        tick(at(day))
    release(world, "work_note", date(2022, 4, 25))
    tick(at(date(2022, 4, 26)))
    note = Notice.objects.filter(recipient=world.people[LEAD]).latest("id")
    assert note.title == "工作提示"
    assert (
        "涧西区全覆盖工作台账中有1家企业（洛阳示例耐材有限公司）超过办理时限10个工作日，"
        "现处于摸底环节" in note.body
    )
    for day in days(date(2022, 4, 27), date(2022, 5, 11)):
        tick(at(day))
    draft = release(world, "supervision_letter", date(2022, 5, 11))
    assert "工作提示" in draft.body  # what was done before is on record, with its day
    tick(at(date(2022, 5, 12)))
    letter = Notice.objects.filter(recipient=world.people[LEAD]).latest("id")
    assert letter.title == "督办函"
    assert len(letter.body) <= 500
    assert not Notice.objects.filter(recipient=world.people["office/2"], title="督办函").exists()
    verbs = Case.objects.main().get().events.values_list("verb", flat=True)
    assert list(verbs).count("release_draft") == 2
