"""The diagram shows every stage and every move, in both languages."""

from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from workflows.draw import described, draw
from workflows.packs import parse_pack, shipped_text
from workflows.text import localised

PACK = parse_pack(shipped_text("luoyang-2022"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("key", ["assistance", "remedy"])
def test_every_stage_and_move_is_drawn(key: str, language: str) -> None:
    procedure = PACK.procedure(key)
    with override(language):
        root = ElementTree.fromstring(draw(PACK, key))
        words = [text.text or "" for text in root.iter(f"{SVG}text")]
        stages = [localised(stage.state_label) for stage in procedure.stages]
        labels = [localised(move.label) for _stage, move in procedure.edges()]
    assert set(stages) <= set(words)
    assert all(any(label in word for word in words) for label in labels)
    assert len(list(root.iter(f"{SVG}rect"))) == len(procedure.stages) + 2  # paper and the end


def test_everything_lies_on_the_paper() -> None:
    root = ElementTree.fromstring(draw(PACK))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for path in root.iter(f"{SVG}path"):
        if "marker-end" not in path.attrib:
            continue
        numbers = [float(part.lstrip("ML")) for part in path.attrib["d"].split()]
        assert all(0 < x < width for x in numbers[::2])
        assert all(0 < y < height for y in numbers[1::2])
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["x"]) < width


def test_the_diagram_in_words() -> None:
    with override("en"):
        lines = described(PACK)
    assert "Survey → Matching (Go on to matching B/C)" in lines
    assert len(lines) == len(list(PACK.root.edges()))


def test_names_are_escaped() -> None:
    pack = parse_pack(shipped_text("demo").replace("继续观察 |", "继续<观察> |"))
    assert "继续&lt;观察&gt;" in draw(pack)
