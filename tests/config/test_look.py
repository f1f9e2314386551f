"""Tags, filters and components of the look, in both languages."""

import gzip
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib.staticfiles.finders import find
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from config.catalogue import fixture
from config.templatetags import look

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = sorted((ROOT / "templates/components").glob("*.html"))
DAY = date(2026, 9, 10)
MORNING = datetime(2026, 9, 15, 2, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "long_day", "moment", "weekday", "short"),
    [
        ("zh-hans", "9月10日", "2026年9月10日", "9月15日 10:24", "星期四", "周四"),
        ("en", "10 Sep", "10 Sep 2026", "15 Sep 10:24", "Thursday", "Thu"),
    ],
)
def test_dates_follow_the_language_and_the_citys_clock(
    language: str, day: str, long_day: str, moment: str, weekday: str, short: str
) -> None:
    with translation.override(language):
        assert look.day(DAY) == day
        assert look.long_day(DAY) == long_day
        assert look.moment(MORNING) == moment
        assert look.weekday(DAY) == weekday
        assert look.short_weekday(DAY) == short


def test_a_missing_date_is_a_dash_and_words_stay() -> None:
    assert look.day(None) == "—"
    assert look.moment("") == "—"
    assert look.day("待定") == "待定"


def test_an_early_hour_has_no_leading_zero() -> None:
    with translation.override("zh-hans"):
        assert look.moment(datetime(2026, 9, 11, 1, 12, tzinfo=UTC)) == "9月11日 9:12"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Decimal("41.65"), "41.7%"),
        (Decimal("41.649"), "41.6%"),
        (Fraction(912 * 100, 1912), "47.7%"),
        (Fraction(1, 20), "0.1%"),  # half-up, where bankers' rounding gives 0.0
        (0.25, "0.3%"),
        (100, "100.0%"),
        ("53.1", "53.1%"),
        (None, "—"),
    ],
)
def test_percent_rounds_half_up_on_the_exact_value(value: Any, printed: str) -> None:
    assert look.percent(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (63, "+63"),
        (-15, "−15"),
        (0, "0"),
        (Decimal("4.8"), "+4.8"),
        (Decimal("-5.14"), "−5.1"),
        (Decimal("-0.04"), "0.0"),
        (-1234, "−1234"),
        (-12345, "−12,345"),
        (None, "—"),
    ],
)
def test_a_change_carries_a_true_minus(value: Any, printed: str) -> None:
    assert look.signed(value) == printed
    assert "-" not in look.signed(value)


def test_counts_are_grouped_from_five_digits_on() -> None:
    assert look.grouped(1912) == "1912"
    assert look.grouped(10_000) == "10,000"
    assert look.grouped(Decimal("15843.25")) == "15,843.25"
    assert look.grouped(0) == "0"
    assert look.grouped(None) == "—"


def test_sizes_of_files() -> None:
    assert look.megabytes(1_240_000) == "1.2 MB"
    assert look.megabytes(340_400) == "340 KB"
    assert look.megabytes(12) == "1 KB"
    assert look.megabytes(0) == "0 KB"


def test_a_light_has_a_drawn_shape_and_words_that_suffice() -> None:
    html = look.light({"kind": "overdue", "shape": "■", "words": "逾期3个工作日"})
    assert 'class="light light--overdue"' in html
    assert 'href="#s-square"' in html
    assert re.sub(r"<[^>]+>", "", html) == "逾期3个工作日"


def test_a_light_escapes_its_words() -> None:
    html = look.light({"kind": "rest", "shape": "○", "words": "<b>x</b>"})
    assert "<b>" not in html


def test_no_light_is_nothing_and_an_unknown_kind_is_refused() -> None:
    assert look.light(None) == ""
    with pytest.raises(TemplateSyntaxError):
        look.light({"kind": "red", "shape": "■", "words": "x"})


@pytest.mark.parametrize("mark", look.SHAPES)
def test_every_shape_is_in_the_sprite(mark: str) -> None:
    sprite = (ROOT / "templates/components/sprite.html").read_text(encoding="utf-8")
    assert f'id="s-{look.SHAPES[mark]}"' in sprite


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "templates/components/sprite.html").read_text(encoding="utf-8")
    known = set(re.findall(r'id="i-(\w+)"', sprite))
    named = {
        name
        for path in ROOT.glob("**/templates/**/*.html")
        for name in re.findall(r'{% icon "(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert "search" in named
    assert named <= known


def test_strokes_fill_as_far_as_the_case_is() -> None:
    assert look.strokes(3).count('class="on"') == 3
    assert look.strokes(2, 6).count("<rect") == 6


def test_paging_keeps_the_filters() -> None:
    request = RequestFactory().get("/ledger/?stage=survey&page=2")
    context: Any = {"request": request}
    assert look.page_query(context, page=3) == "?stage=survey&page=3"
    assert look.page_query(context, stage=None) == "?page=2"


def test_long_page_rows_are_elided() -> None:
    numbers = list(look.page_numbers(Paginator(range(1912), 20).page(40)))
    assert numbers[0] == 1
    assert 40 in numbers
    assert len(numbers) < 12


class _Form(forms.Form):
    reason = forms.CharField(label="理由", help_text="必填", widget=forms.Textarea)
    on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    unit = forms.ChoiceField(choices=[("1", "市工信局"), ("2", "市住建局")])


def test_a_bound_field_becomes_a_field_of_the_look() -> None:
    form = _Form({"unit": "2"})
    reason = look.as_field(form["reason"])
    assert (reason["kind"], reason["label"], reason["hint"]) == ("textarea", "理由", "必填")
    assert reason["error"]
    assert look.as_field(form["unit"])["kind"] == "select"
    assert look.as_field(form["on"])["required"] is False


def _render(template: str, **context: Any) -> str:
    return render_to_string(template, context, request=RequestFactory().get("/ledger/"))


@pytest.fixture(params=["zh-hans", "en"])
def catalogue(request: pytest.FixtureRequest) -> str:
    with translation.override(request.param):
        return _render("dev/components.html", **fixture())


def test_the_catalogue_shows_every_component(catalogue: str) -> None:
    parts = set(re.findall(r'data-part="([\w-]+)"', catalogue))
    assert parts >= {"light", "chips", "field", "note", "toast", "todo", "week", "pager"}
    assert parts >= {"stepper", "fact", "timeline", "tabs", "table", "job", "criterion"}
    assert parts >= {"empty", "ask", "tally", "truth", "rows", "role", "dialog"}
    for kind in ("date", "number", "file", "checkbox", "radio"):
        assert f'type="{kind}"' in catalogue


def test_the_catalogue_includes_every_file_of_the_folder() -> None:
    """A component that nobody shows is a component that nobody checks."""
    shown = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("templates/**/*.html"))
    missing = [path.name for path in COMPONENTS if f"components/{path.name}" not in shown]
    assert missing == []


def test_no_component_needs_what_a_strict_policy_forbids(catalogue: str) -> None:
    assert not re.search(r"\sstyle=", catalogue)
    assert not re.search(r"\son\w+=", catalogue)
    assert not re.search(r"<script(?![^>]*\ssrc=)", catalogue)
    assert "javascript:" not in catalogue
    assert "https://" not in catalogue


def test_ids_are_unique(catalogue: str) -> None:
    body = re.sub(r"<template>.*?</template>", "", catalogue, flags=re.S)
    ids = re.findall(r'\sid="([^"]+)"', body)
    assert sorted(ids) == sorted(set(ids))


def test_every_described_control_has_its_description(catalogue: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', catalogue))
    named = [
        one
        for many in re.findall(r'aria-(?:describedby|labelledby|controls)="([^"]+)"', catalogue)
        for one in many.split()
        if "__n__" not in one
    ]
    assert named
    assert [one for one in named if one not in ids] == []


def test_a_shut_act_is_described_not_missing() -> None:
    acts = [{"label": "申请销号", "why": "现缺：研发经费"}, {"label": "审核", "url": "/x/"}]
    html = _render("components/act_bar.html", acts=acts)
    assert 'aria-disabled="true" aria-describedby="why-1"' in html
    assert 'id="why-1"' in html
    assert "现缺：研发经费" in html


def test_a_fields_error_is_tied_to_its_control() -> None:
    field = {"name": "until", "kind": "date", "label": "延期至", "value": DAY, "error": "太晚"}
    html = _render("components/field.html", field=field)
    assert 'value="2026-09-10"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby=" until-error"' in html


def test_rows_begin_with_one_line_and_number_their_cells() -> None:
    column = {"name": "what", "kind": "text", "label": "内容"}
    field = {"name": "needs", "kind": "rows", "label": "需求", "columns": [column]}
    html = _render("components/field.html", field=field)
    assert 'name="needs-0-what"' in html
    assert 'name="needs-__n__-what"' in html
    assert 'name="needs-count" value="1"' in html


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", ["400", "403", "404", "413", "500", "403_csrf"])
def test_an_error_page_says_what_to_do_next_even_without_context(code: str, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"{code}.html")
    assert html.count("<li>") >= 1
    assert "<h1>" in html
    assert 'href="/"' in html


def test_a_refusal_is_shown_in_its_own_words() -> None:
    html = render_to_string("403.html", {"exception": "请由县区审核人陈蔚办理。"})
    assert "请由县区审核人陈蔚办理。" in html


def test_the_first_load_stays_small(catalogue: str) -> None:
    """≤ 120 KB for page, sheets and scripts together, compressed as whitenoise sends them."""
    names = re.findall(r'(?:href|src)="/static/([^"]+)"', catalogue)
    assert len([name for name in names if name.endswith((".css", ".js"))]) >= 9
    parts = [Path(find(name) or "").read_bytes() for name in names]
    # print and long names took a kilobyte
    assert sum(len(gzip.compress(part)) for part in [*parts, catalogue.encode()]) < 61_500
    own = [part for part, name in zip(parts, names, strict=True) if "htmx" not in name]
    # uploads with progress, dropping and a way for old phones took 6 KB more than the rest had
    assert sum(map(len, own)) < 115_000


def test_the_cover_offers_the_demos_roles_only_where_there_are_any() -> None:
    roles = [{"username": "worker", "title": "县区经办人", "note": "青岭县"}]
    with_roles = _render("registration/login.html", demo_roles=roles, demo_action="/enter/")
    assert 'name="username" value="worker"' in with_roles
    assert 'class="role"' not in _render("registration/login.html")


def test_a_day_of_another_year_carries_its_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("organisations.clock.today", lambda: date(2026, 12, 20))
    assert look.day(date(2026, 12, 31)) == "12月31日"
    assert look.day(date(2027, 1, 8)) == "2027年1月8日"


@pytest.mark.parametrize(("count", "is_red"), [(0, False), (1, True), (None, True)])
def test_nothing_overdue_is_no_alarm(count: int | None, is_red: bool) -> None:
    chip = {"label": "逾期", "url": "?chip=overdue", "kind": "overdue", "count": count}
    html = render_to_string("components/chip.html", {"chip": chip})
    assert ("chip--overdue" in html) is is_red


def test_the_strip_of_the_demo_is_short_on_a_phone() -> None:
    """At 390 px one line: what is long there has a short twin."""
    request = RequestFactory().get("/")
    shell = {"today": DAY, "login_url": "/login/"}
    user = {"is_authenticated": True}
    with translation.override("zh-hans"):
        html = render_to_string(
            "components/demo_strip.html", {"shell": shell, "user": user, "request": request}
        )
    shown = re.sub(r'<span class="on-desk">.*?</span>', "", html)
    words = re.sub(r"<[^>]+>|\s", "", shown)
    assert words == "演示数据9月10日过1天过7天五步导览换个角色"
