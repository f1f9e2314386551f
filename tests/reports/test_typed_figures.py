"""手工数字: what somebody typed and no figure of the data stands behind."""

from __future__ import annotations

from typing import Any

import pytest

from reports.documents import actions
from reports.documents.content import LINK, Content
from reports.documents.typed import bits, typed_figures
from tests.cases.lists import sign_in
from tests.reports.offices import DAY, HANDLER, HEAD, drafted
from tests.world import World, at


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("覆盖率{覆盖率}%，较上月提高4.8个百分点。", ["4.8"]),
        ("10月25日前办结只差一项的226家企业，7个工作日内答复。", ["226"]),
        ("（1）按《方案（2022年）》和洛政办〔2022〕12号，填报率达到85%。", ["85%"]),
        ("1.倒排进度。2.先易后难，1,912家全部建档。", ["1,912"]),
        ("截至2022年9月30日24时，2022-09-30数据。", []),
    ],
)
def test_days_limits_and_ordinals_are_no_figures(text: str, typed: list[str]) -> None:
    content = Content(layout="file", masthead="", title="", paragraphs=(text,))
    assert typed_figures(content) == typed
    assert "".join(bit.text for bit in bits(text, {})) == text


def test_whoever_checks_sees_them(world: World) -> None:
    """Nothing that was compiled counts as typed; what the office adds is marked until signed."""
    for name, place, spends in (
        ("甲", "涧西区", True),
        ("乙", "涧西区", False),
        ("丙", "嵩县", False),
    ):
        world.firm(f"{name}有限公司", place, spending=spends)
    document = drafted(world)
    said = document.said
    assert typed_figures(said) == []
    named = {name for text in said.paragraphs for name in LINK.findall(text)}
    assert {name for name in named if "序时百分点" in name} == {
        "涧西区超序时百分点", "嵩县低于序时百分点",
    }  # fmt: skip
    given: dict[str, Any] = {"by": world.actor(HANDLER, DAY), "at": at(DAY), "title": said.title}
    text = "\n".join([*said.paragraphs, "各县要确保填报率达到85%。"])
    given |= {"addressee": said.addressee, "text": text, "copies": said.copies}
    document = actions.edit(document.pk, version=document.version, **given)
    page = sign_in(world, HEAD).get(f"/documents/{document.pk}/").content.decode()
    assert '<mark title="手工数字">85%</mark>' in page
    assert "正文有1处手工数字" in page
    # a county that has crossed its line since: the old figure stays as words, and is marked
    gone = {k: v for k, v in said.figures.items() if k != "嵩县低于序时百分点"}
    compiled = said.model_copy(update={"figures": gone})
    by = world.actor(HANDLER, DAY)
    again = actions.relink(document.pk, by=by, version=document.version, compiled=compiled)
    assert typed_figures(again.said) == [said.figures["嵩县低于序时百分点"], "85%"]
