"""年终结转 on the screen and on the command line: preview, confirmation, what both years show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.urls import reverse

from cases.models import Case
from tests.cases.test_carrying import next_year
from tests.cases.views.conftest import Enter
from tests.config.test_commands import as_json, refused, run
from tests.world import World

DAY = date(2022, 12, 28)
Travel = Callable[[date, int], None]


def three_open(world: World) -> None:
    for n in range(3):
        world.firm(f"洛阳示例{n}号有限公司", "涧西区" if n else "嵩县")
    world.open()


def test_the_page_shows_what_would_go_and_does_it(
    world: World, enter: Enter, travel: Travel
) -> None:
    three_open(world)
    to = next_year(world)
    travel(DAY, 10)
    office = enter("office/1")
    assert "年终结转" in office.get(reverse("programmes")).content.decode()
    address = reverse("programme_carry_over", args=[world.programme.key])
    page = office.get(address).content.decode()
    assert "将结转3件在办办件至2023年" in page
    assert "嵩县" in page
    assert Case.objects.count() == 3  # only a preview
    assert office.post(address, {"to": to.key, "reason": ""}).status_code == 422
    done = office.post(address, {"to": to.key, "reason": "辅助账未完成"}, follow=True)
    assert "已结转3件" in done.content.decode()
    assert Case.objects.filter(programme=to, carried_from__isnull=False).count() == 3
    ledger = office.get(reverse("ledger") + "?chip=carried").content.decode()
    assert ledger.count("2023-0000") or "洛阳示例0号" in ledger
    progress = office.get(reverse("progress") + f"?programme={to.key}").content.decode()
    assert "其中上年结转3家" in progress
    before = office.get(reverse("progress") + f"?programme={world.programme.key}")
    assert "结转下年3家" in before.content.decode()
    new = Case.objects.filter(programme=to)[0]
    case = office.get(reverse("case", args=[new.pk])).content.decode()
    assert "上年结转（2022-" in case


def test_nobody_else_and_not_without_a_next_programme(
    world: World, enter: Enter, travel: Travel
) -> None:
    three_open(world)
    travel(DAY, 10)
    address = reverse("programme_carry_over", args=[world.programme.key])
    assert enter("涧西区/county_lead").get(address).status_code == 403
    assert "请先发布下年度方案" in enter("office/1").get(address).content.decode()


def test_on_the_command_line(world: World) -> None:
    three_open(world)
    to = next_year(world)
    words = ["carry_over", "luoyang-2022", "--to", to.key, "--at", DAY.isoformat()]
    dry = as_json(*words, "--dry-run")
    by = ["--by", world.people["office/1"].username]
    words += by
    assert (dry["carried"], dry["dry_run"], dry["refused"]) == (3, True, [])
    assert Case.objects.filter(programme=to).count() == 0
    assert refused(*words)[0]["code"] == "no_reason"
    early = ["carry_over", "luoyang-2022", "--to", to.key, "--at", "2022-11-01", "--reason", "x"]
    early += by
    assert refused(*early)[0]["code"] == "carry_early"
    one = as_json(*words, "--reason", "未完成", "--case", "2022-00001")
    assert one["cases"] == [{"from": "2022-00001", "to": "2023-00001"}]
    assert refused(*words, "--reason", "x", "--case", "2022-00099")[0]["code"] == "wrong_input"
    rest = as_json(*words, "--reason", "未完成")
    assert (rest["carried"], sum(row["carried"] for row in rest["counties"])) == (2, 2)
    assert as_json(*words, "--reason", "未完成")["carried"] == 0
    assert "已结转0件" in run(*words, "--reason", "未完成")
