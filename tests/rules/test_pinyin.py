"""Names as their people read them: places, what follows a place, signs with two readings."""

from __future__ import annotations

import pytest

from enterprises.pinyin import parts_of, spell

PLACES = ("洛阳市", "洛阳", "伊川县", "西工区", "偃师区", "新乡市", "高新区")
READ = {
    # places of the region and of firms' names
    "洛阳": "luoyang",
    "瀍河": "chanhe",
    "汝阳": "ruyang",
    "栾川": "luanchuan",
    "嵩县": "songxian",
    "偃师": "yanshi",
    "洛宁": "luoning",
    "伊川": "yichuan",
    "重庆": "chongqing",
    "厦门大厦": "xiamendasha",
    "长葛": "changge",
    "长垣": "changyuan",
    "南乐": "nanle",
    "召陵": "shaoling",
    "朝阳": "chaoyang",
    # 长 after a place begins the firm's own name
    "伊川县长城机械": "yichuanxianchangchengjixie",
    "洛阳市长江轴承": "luoyangshichangjiangzhoucheng",
    "西工区长盛": "xigongquchangsheng",
    "新乡市长垣起重": "xinxiangshichangyuanqizhong",
    # signs with two readings in a firm's own name, and in words that keep theirs
    "长盛": "changsheng",
    "生长": "shengzhang",
    "重型": "zhongxing",
    "二重": "erzhong",
    "重生": "chongsheng",
    "银行": "yinhang",
    "行星": "xingxing",
    "音乐": "yinyue",
    "九都": "jiudu",
    "厦工": "xiagong",
    "大厦门业": "dashamenye",
    "调质": "tiaozhi",
    "模具": "muju",
}


@pytest.mark.parametrize("name", READ)
def test_a_name_is_read_as_its_people_read_it(name: str) -> None:
    assert spell(name, PLACES)[0] == READ[name]
    assert spell(name)[0] == READ[name]  # also where the map does not know the place


def test_initials_follow_the_reading() -> None:
    assert spell("洛阳市伊川县长城机械（集团）有限公司")[1] == "lysycxccjxjtyxgs"
    assert spell("ABC重工3号")[1] == spell("ABC重工3号")[1].lower()


def test_places_that_lead_are_parts_of_their_own() -> None:
    name = "洛阳市伊川县长城机械有限公司"
    assert parts_of(name, PLACES) == ["洛阳市", "伊川县", "长城机械有限公司"]
    assert parts_of("江西工业有限公司", PLACES) == ["江西工业有限公司"]
    assert parts_of("（洛阳）重工", PLACES) == ["（洛阳", "）重工"]
    assert parts_of("洛阳", PLACES) == ["洛阳"]
    assert parts_of("", PLACES) == []
