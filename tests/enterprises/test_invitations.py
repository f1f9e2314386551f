"""Inviting a firm: one link for several clerks of one firm, until a day, and never stored."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from enterprises.actions import inviting, inviting_many
from enterprises.actions.clerks import link_clerk
from enterprises.contacts import cleaned, hashed, in_groups, new_code
from enterprises.invitation_words import Sheet
from enterprises.models import Clerk, Enterprise, Invitation
from organisations import clock
from organisations.errors import Refused
from organisations.models import AuditEvent, User
from tests.config.test_commands import as_json, refused, run
from tests.world import World, person

NAME, PHONE = "张示例", "0999-5550199"
WORKER = "涧西区/county_worker"


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


@pytest.fixture
def firm(world: World) -> Enterprise:
    return world.firm("样本厂", "涧西区")


def now() -> datetime:
    return clock.now()


def code_of(world: World, firm: Enterprise, who: str = WORKER, **more: Any) -> str:
    by = world.actor(who, clock.today())
    _made, code = inviting.invite(firm, by=by, at=now(), **more)
    return code


def door(code: str) -> str:
    return reverse("enter_firm", args=[in_groups(code)])


def press(client: Client, code: str, **data: str) -> Any:
    return client.post(door(code), {"do": "enter", **data})


def test_a_code_is_typed_in_any_way_and_kept_as_a_keyed_hash(world: World, settings: Any) -> None:
    code = new_code()
    typed = in_groups(code).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert cleaned(typed) == code
    before = hashed(code)
    assert code not in before
    settings.SECRET_KEY = "another key of at least fifty characters, as it should be"
    assert hashed(code) != before


def test_the_link_enters_once_pressed_and_again_on_the_same_phone(
    world: World, firm: Enterprise
) -> None:
    code, phone = code_of(world, firm, person=NAME, phone=PHONE), Client()
    page = phone.get(door(code)).content.decode()
    assert "样本厂" in page
    # a chat's preview reads the link: that enters nobody
    assert Clerk.objects.count() == 0
    assert PHONE not in page
    answer = press(phone, code)
    assert answer["Location"] == reverse("portal")
    clerk = Clerk.objects.get()
    assert (clerk.enterprise, clerk.user.name, clerk.user.phone) == (firm, NAME, PHONE)
    assert clerk.added_by == world.people[WORKER]
    assert not clerk.user.has_usable_password()
    assert phone.get(reverse("portal")).status_code == 200
    # signed in already: the link leads on by itself
    assert phone.get(door(code))["Location"] == reverse("portal")
    # weeks later, the invitation gone: one press on the phone that entered before
    phone.session.flush()
    Invitation.objects.update(until_on=clock.today())
    assert f"{NAME}，欢迎回来" in phone.get(door(code)).content.decode()
    assert phone.post(reverse("enter"), {"do": "again"})["Location"] == reverse("portal")
    assert Clerk.objects.count() == 1
    # on a shared computer whoever signs out has gone: the next person is not let in
    phone.post(reverse("logout"))
    assert NAME not in phone.get(reverse("enter")).content.decode()
    assert phone.post(reverse("enter"), {"do": "again"}).status_code == 200
    assert phone.get(reverse("portal")).status_code == 302
    # another phone has no such cookie
    assert Client().post(reverse("enter"), {"do": "again"}).status_code == 200


def test_several_people_each_with_an_account_and_the_same_one_again(
    world: World, firm: Enterprise
) -> None:
    code = code_of(world, firm)
    assert press(Client(), code, name="", phone="").status_code == 422
    assert press(Client(), code, name=NAME, phone="电话").status_code == 422
    for name, phone in ((NAME, PHONE), ("李示例", PHONE), (NAME, "0999 5550199")):
        assert press(Client(), code, name=name, phone=phone).status_code == 302
    assert sorted(Clerk.objects.values_list("user__name", flat=True)) == [NAME, "李示例"]
    [made] = Invitation.objects.all()
    assert made.entered == 3


def test_an_account_with_another_firm_or_a_password_is_not_entered_by_name(
    world: World, firm: Enterprise
) -> None:
    """A name and a number open what the invitation opens, never what else somebody may see."""
    other = world.firm("别家厂", "涧西区")
    press(Client(), code_of(world, firm), name=NAME, phone=PHONE)
    first = Clerk.objects.get().user
    office = world.actor("office/1", clock.today())
    link_clerk(first, other, from_on=clock.today(), by=office, at=now())
    press(Client(), code_of(world, other), name=NAME, phone=PHONE)
    second = Clerk.objects.latest("pk").user
    assert second != first
    assert [one.enterprise for one in second.clerkships.all()] == [other]
    second.set_password("a long secret 123")
    second.save()
    press(Client(), code_of(world, other), name=NAME, phone=PHONE)
    assert Clerk.objects.latest("pk").user not in (first, second)


def test_a_clerk_who_is_signed_in_adds_a_firm_to_his_account(
    world: World, firm: Enterprise
) -> None:
    other, phone = world.firm("别家厂", "涧西区"), Client()
    press(phone, code_of(world, firm), name=NAME, phone=PHONE)
    code = code_of(world, other)
    assert "本企业将加到您的账号" in phone.get(door(code)).content.decode()
    assert phone.post(door(code), {"do": "account"}).status_code == 302
    assert [one.enterprise for one in User.objects.get(name=NAME).clerkships.order_by("pk")] == [
        firm,
        other,
    ]


def test_an_official_enters_no_firms_page(world: World, firm: Enterprise) -> None:
    code, client = code_of(world, firm), Client()
    official = world.people[WORKER]
    official.phone = "0999-5550111"
    official.save()
    # neither signed in, nor under his number
    assert press(Client(), code, name="别名", phone="09995550111").status_code == 422
    client.force_login(official, backend="django.contrib.auth.backends.ModelBackend")
    assert "请把链接发给企业联络员" in client.get(door(code)).content.decode()
    for wish in ("enter", "account"):
        answer = client.post(door(code), {"do": wish, "name": NAME, "phone": PHONE})
        assert answer.status_code == 422
    assert Clerk.objects.count() == 0


@pytest.mark.parametrize("how", ["expired", "revoked", "unknown"])
def test_what_opens_no_more_says_why(world: World, firm: Enterprise, how: str) -> None:
    code = code_of(world, firm)
    if how == "expired":
        Invitation.objects.update(until_on=clock.today())
    elif how == "revoked":
        by = world.actor(WORKER, clock.today())
        inviting.revoke(Invitation.objects.get().pk, by=by, at=now())
    else:
        code = new_code()
    status, words = {
        "expired": (410, "到期"), "revoked": (410, "已作废"), "unknown": (404, "没有找到这份邀请"),
    }[how]  # fmt: skip
    for answer in (Client().get(door(code)), press(Client(), code, name=NAME, phone=PHONE)):
        assert answer.status_code == status
        assert words in answer.content.decode()
        assert how == "unknown" or "样本厂" not in answer.content.decode()
    assert Clerk.objects.count() == 0


def test_five_wrong_codes_shut_the_address_for_a_while(world: World, firm: Enterprise) -> None:
    code, client = code_of(world, firm), Client(REMOTE_ADDR="198.51.100.7")
    for _n in range(inviting.TRIES):
        assert client.get(door(new_code())).status_code == 404
    shut = client.get(door(new_code()))
    assert shut.status_code == 429
    assert "15分钟" in shut.content.decode()
    assert press(client, new_code(), name=NAME, phone=PHONE).status_code == 429
    # whoever brings a right code from the same address, as a whole park may share one, comes in
    assert client.get(door(code)).status_code == 200
    # nobody else's door; and what is tried while it is shut is not counted again
    assert Client(REMOTE_ADDR="198.51.100.8").get(door(code)).status_code == 200
    assert AuditEvent.objects.filter(verb="wrong_invitation").count() == inviting.TRIES
    later = now() + inviting.SHUT_FOR + timedelta(seconds=1)
    with pytest.raises(Refused) as refused_:
        inviting.find(new_code(), at=later, address="198.51.100.7")
    assert refused_.value.code == "wrong_code"


def test_whom_the_county_removed_stays_out(world: World, firm: Enterprise) -> None:
    code, phone = code_of(world, firm), Client()
    press(phone, code, name=NAME, phone=PHONE)
    clerk = Clerk.objects.get()
    by = world.actor(WORKER, clock.today())
    inviting.remove(clerk, by=by, at=now())
    assert phone.get(reverse("portal")).status_code == 403
    assert phone.post(reverse("enter"), {"do": "again"}).status_code == 200
    # his link is worth nothing, and a name of his choice helps no more
    assert press(Client(), code, name="王示例", phone="0999-5550188").status_code == 410
    fresh = code_of(world, firm)
    assert press(Client(), fresh, name=NAME, phone=PHONE).status_code == 302
    assert Clerk.objects.get().removed_at is None


def test_a_link_that_went_astray_lets_no_crowd_in(world: World, firm: Enterprise) -> None:
    code = code_of(world, firm)
    for n in range(inviting.MOST_CLERKS):
        assert press(Client(), code, name=f"甲{n}", phone=PHONE).status_code == 302
    answer = press(Client(), code, name="乙", phone=PHONE)
    assert answer.status_code == 422
    assert "10位联络员" in answer.content.decode()
    assert press(Client(), code, name="甲3", phone=PHONE).status_code == 302


WHO = [
    (WORKER, ""), ("涧西区/county_lead", ""), ("office/1", ""),
    ("嵩县/county_lead", "may_not"), ("市工信局/department_lead", "may_not"),
    ("leader", "may_not"), ("liaison_member", "may_not"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_invites(world: World, firm: Enterprise, who: str, code: str) -> None:
    by = world.actor(who, clock.today())
    if not code:
        assert inviting.invite(firm, by=by, at=now())[0].enterprise == firm
        return
    made, _code = inviting.invite(firm, by=world.office, at=now())
    clerk = link_clerk(
        person("f1", NAME), firm, from_on=date(2022, 1, 4), by=world.office, at=now()
    )
    for act in (
        lambda: inviting.invite(firm, by=by, at=now()),
        lambda: inviting.revoke(made.pk, by=by, at=now()),
        lambda: inviting.remove(clerk, by=by, at=now()),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == code


def test_the_page_of_the_county(world: World, firm: Enterprise) -> None:
    client = Client()
    client.force_login(world.people[WORKER], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("firm_clerks", args=[firm.pk])
    empty = client.get(address).content.decode()
    assert "企业还没有人进入过" in empty
    wish = {"do": "invite", "person": NAME, "phone": PHONE, "days": "7"}
    [wish["newest"]] = re.findall(r'name="newest" value="(\d+)"', empty)
    made = client.post(address, wish)
    sheet = made.content.decode()
    [typed] = set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", sheet))
    assert "<svg" in sheet
    assert f"http://testserver/enter/{typed}/" in sheet
    assert "不收取任何费用" in sheet
    assert "no-store" in made["Cache-Control"]
    row = Invitation.objects.get()
    assert (row.code_hash, row.until_on) == (hashed(typed), clock.today() + timedelta(days=7))
    assert typed not in str(AuditEvent.objects.values_list("data", "subject"))
    # loaded anew: no second key to the firm's page without a word
    again = client.post(address, wish)
    assert (again.status_code, Invitation.objects.count()) == (422, 1)
    assert "本页已生成过一份邀请" in again.content.decode()
    press(Client(), cleaned(typed))
    page = client.get(address).content.decode()
    assert typed not in page
    assert f"由{world.people[WORKER]}邀请" in page
    assert "已使用1次" in page
    assert client.post(address, {"do": "invite", "days": "999"}).status_code == 422
    client.post(address, {"do": "revoke", "row": str(row.pk)})
    assert "没有有效的邀请" in client.get(address).content.decode()
    client.post(address, {"do": "remove", "row": str(Clerk.objects.get().pk)})
    assert "曾任联络员" in client.get(address).content.decode()
    # a row of another firm is none of this page's
    other = world.firm("别家厂", "涧西区")
    foreign, _code = inviting.invite(other, by=world.office, at=now())
    assert client.post(address, {"do": "revoke", "row": str(foreign.pk)}).status_code == 404


def test_the_notice_says_what_where_until_when_and_whom_to_call(
    world: World, firm: Enterprise
) -> None:
    by = world.actor(WORKER, clock.today())
    row, code = inviting.invite(firm, by=by, at=now())
    words = Sheet(row, code, "https://city.example").words
    for part in (
        "样本厂",
        f"https://city.example{door(code)}",
        "请勿转发给其他企业的人",
        str(row.made_by),
    ):
        assert part in words
    assert not [word for word in ("整改", "逾期", "督办", "销号", "检查") if word in words]


def test_a_countys_firms_are_invited_at_once(
    world: World, firm: Enterprise, settings: Any, tmp_path: Path
) -> None:
    """Previewed, those with somebody left out unless asked, each code opening its own firm."""
    settings.PUBLIC_ADDRESS = "https://city.example"
    other, busy = world.firm("甲厂", "涧西区"), world.firm("乙厂", "涧西区")
    world.firm("外厂", "嵩县")
    other.contacts.create(name=NAME, phone=PHONE)
    press(Client(), code_of(world, busy), name=NAME, phone=PHONE)
    by = ("--by", world.people[WORKER].username)
    many = ("clerks", "invite", "--county", "涧西区", *by)
    dry = as_json(*many, "--dry-run")
    assert (set(dry["would_invite"]), [one["firm"] for one in dry["left_out"]]) == (
        {"样本厂", "甲厂"}, ["乙厂"],
    )  # fmt: skip
    assert Invitation.objects.count() == 1
    files = [tmp_path / name for name in ("links.xlsx", "sheets.html", "sheets.pdf")]
    told = as_json(*many, "-o", str(files[0]), "--sheets", str(files[1]))
    made = {one["firm"]: one for one in told["invited"]}
    assert (made["甲厂"]["phone"], made["样本厂"]["phone"]) == (PHONE, "")
    book = load_workbook(files[0]).active
    cells = {str(cell.value) for row in book.iter_rows() for cell in row}
    html = files[1].read_text(encoding="utf-8")
    assert AuditEvent.objects.filter(kind="export", by__username=by[1]).count() == 2
    for name, one in made.items():
        row = Invitation.objects.get(pk=one["invitation"])
        assert (row.enterprise.name, row.code_hash) == (name, hashed(one["code"]))
        assert {one["address"], one["words"]} <= cells
        assert one["code"] in html
    assert html.count("<svg") == 2
    trail = AuditEvent.objects.filter(verb="invite_clerk")
    assert trail.count() == 3
    kept = str(trail.values_list("data", "subject"))
    assert not any(one["code"] in kept for one in made.values())
    again = as_json(*many, "--again", "--sheets", str(files[2]))
    assert len(again["invited"]) == 3
    assert files[2].read_bytes().startswith(b"%PDF")
    assert refused(*many, "--sheets", "x.txt")[1]
    assert Invitation.objects.count() == 6
    foreign = ("--by", world.people["leader"].username)
    assert refused("clerks", "invite", "--county", "涧西区", *foreign)[0]["code"] == "may_not"
    assert "--county" in refused("clerks", "invite", *by)[1]
    assert "月亮区" in refused("clerks", "invite", "--county", "月亮区", *by)[1]


def test_many_are_invited_in_few_statements(
    world: World, firm: Enterprise, django_assert_max_num_queries: Any
) -> None:
    firms = [firm.pk, *(world.firm(f"第{n}厂", "涧西区").pk for n in range(3))]
    by = world.actor(WORKER, clock.today())
    with django_assert_max_num_queries(12):
        made = inviting_many.invite_many(firms, by=by, at=now())
    assert len({one.code for one in made}) == 4
    # what was looked at is what is made: sent twice, nothing is made twice
    with pytest.raises(Refused) as twice:
        inviting_many.invite_many(firms, by=by, at=now(), newest=0)
    assert twice.value.code == "stale_preview"
    outside = world.actor("嵩县/county_worker", clock.today())
    assert set(inviting_many.plan_many(firms, by=outside, on=clock.today()).left_out) == set(firms)
    with pytest.raises(Refused) as nobody:
        inviting_many.invite_many(firms, by=outside, at=now())
    assert nobody.value.code == "nobody"


def test_on_the_command_line(world: World, firm: Enterprise, settings: Any) -> None:
    settings.PUBLIC_ADDRESS = "https://city.example"
    by = ("--by", world.people[WORKER].username)
    told = as_json(
        "clerks", "invite", "样本厂", "--person", NAME, "--phone", PHONE, "--days", "9", *by
    )
    assert told["address"] == f"https://city.example/enter/{told['code']}/"
    assert told["last_on"] == (clock.today() + timedelta(days=8)).isoformat()
    press(Client(), cleaned(told["code"]))
    listed = as_json("clerks", "list", "样本厂", "--at", clock.today().isoformat(), *by)
    [clerk], [invitation] = listed["clerks"], listed["invitations"]
    assert (clerk["name"], clerk["phone"], invitation["entered"]) == (NAME, PHONE, 1)
    assert told["code"] not in str(listed)
    # whoever only reads sees the number in part; who has no part in the firm does not find it
    leader = as_json("clerks", "list", "样本厂", "--by", world.people["leader"].username)
    assert leader["clerks"][0]["phone"] == "0999-***0199"
    foreign = ("--by", world.people["嵩县/county_lead"].username)
    assert "样本厂" in refused("clerks", "list", "样本厂", *foreign)[1]
    revoke = ("clerks", "revoke", str(invitation["invitation"]))
    assert refused(*revoke, *foreign)[0]["code"] == "may_not"
    assert as_json(*revoke, *by)["revoked"]
    assert as_json("clerks", "remove", "样本厂", clerk["account"], *by)["removed"]
    assert Clerk.objects.get().removed_by == world.people[WORKER]
    assert "--by" in refused("clerks", "invite", "样本厂")[1]
    settings.PUBLIC_ADDRESS = ""
    assert "XIAOHAO_ADDRESS" in refused("clerks", "invite", "样本厂", *by)[1]
    assert Invitation.objects.count() == 1
    settings.PUBLIC_ADDRESS = "https://city.example"
    assert "nobody" in refused("clerks", "remove", "样本厂", "nobody", *by)[1]
    assert "样本厂" in run("clerks", "invite", "样本厂", *by)
