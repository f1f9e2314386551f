"""``--help`` speaks as the installation does: an office's own administrator reads no English."""

from __future__ import annotations

import polib
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.utils import translation

from config.management import helping, utility
from config.management.utility import Utility

COMMANDS = sorted(name for name, app in get_commands().items() if app == "config")


def test_every_text_of_every_command_has_its_chinese() -> None:
    catalogue = polib.pofile(str(settings.BASE_DIR / "config/locale/zh_Hans/LC_MESSAGES/django.po"))
    known = {e.msgid for e in catalogue if e.msgctxt == helping.CONTEXT and e.translated()}
    missing = [
        f"{name}: {text}"
        for name in COMMANDS
        for text in helping.texts_of(load_command_class("config", name).create_parser("", name))
        if text not in known
    ]
    assert not missing, "\n".join(missing)


def test_help_of_a_verb_is_chinese_and_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    parser = load_command_class("config", "case").create_parser("manage.py", "case")
    (parts,) = {id(p): p for p in helping.parts_of(parser) if p.prog.endswith(" close")}.values()
    for shown in (parser.format_help(), parts.format_help()):
        assert shown.startswith("用法：manage.py case"), shown
        assert "options" not in shown
        assert "show this help" not in shown
        assert max(helping.shown_width(line) for line in shown.splitlines()) <= 80, shown
    assert "确认销号" in parser.format_help()
    with translation.override("en"):
        assert "confirm the closing" in parser.format_help()


def test_the_list_of_commands_names_each_with_a_sentence() -> None:
    shown = Utility(["manage.py", "help"]).main_help_text()
    lines = shown.splitlines()
    assert all(any(line.startswith(f"{name} ") for line in lines) for name in COMMANDS)
    assert "导入规上企业名录" in shown
    assert max(helping.shown_width(line) for line in lines) <= 92


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("办件编号，如2022-00317", 10, ["办件编号，", "如", "2022-00317"]),
        ("one two three", 8, ["one two", "three"]),
        ("一二三四五。", 10, ["一二三四五。"]),
    ],
)
def test_a_line_is_cut_where_it_is_full(text: str, width: int, shown: list[str]) -> None:
    assert list(helping.lines(text, width)) == shown


def test_a_setting_that_cannot_be_meant_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_self: Utility) -> None:
        raise ImproperlyConfigured("XIAOHAO_MAIL must read so and so")

    monkeypatch.setattr(Utility, "execute", refuse)
    with pytest.raises(SystemExit) as ended:
        utility.run(["manage.py", "status"])
    assert (ended.value.code, capsys.readouterr().err) == (1, "XIAOHAO_MAIL must read so and so\n")
    with pytest.raises(ImproperlyConfigured):
        utility.run(["manage.py", "status", "--traceback"])
