"""The house stands as it was drawn. Each rule first catches a small wrong example."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.utils.module_loading import import_string

from organisations.markers import public
from tests import architecture as rules
from tests import written_in_sql as sql

MARKERS = {"scoped", "office", "public"}
# pages about oneself, without rows of anybody else's: nothing to narrow down
OWN_PAGES = {"home", "profile", "password_change"}
FILES = dict(rules.sources())


@pytest.fixture(scope="module", autouse=True)
def _trees() -> Iterator[None]:
    yield
    rules.forget()


WRONG: list[tuple[Callable[[str, str], list[str]], str, str]] = [
    (rules.upward_imports, "cases/models.py", "from notifications.models import Notice"),
    (rules.upward_imports, "cases/engine.py", "def f():\n    import config.urls"),
    (rules.upward_imports, "reports/views.py", "from notifications import models"),
    (rules.upward_imports, "workflows/packs.py", "from enterprises.models import Enterprise"),
    (rules.upward_imports, "resources/rows.py", "from enterprises.industries import DIVISIONS"),
    (rules.upward_imports, "resources/models.py", "x = models.ForeignKey('workflows.Programme')"),
    (rules.upward_imports, "workflows/packs.py", "from resources.models import Resource"),
    (rules.upward_imports, "enterprises/models.py", "x = models.ForeignKey('cases.Case')"),
    (rules.upward_imports, "organisations/a.py", "apps.get_model('cases', 'Case')"),
    (rules.upward_imports, "cases/migrations/0001.py", "dependencies = [('reports', '0001')]"),
    (rules.upward_imports, "cases/actions/a.py", "if TYPE_CHECKING:\n    from api import views"),
    (rules.local_imports, "cases/engine.py", "def f():\n    from cases.models import Case"),
    (rules.local_imports, "cases/engine.py", "def f():\n    from . import models"),
    (rules.signals, "cases/signals.py", "from django.db.models.signals import post_save"),
    (rules.signals, "cases/apps.py", "from django.dispatch import receiver"),
    (rules.writes_in_doors, "cases/views/a.py", "Case.objects.create(county=1)"),
    (rules.writes_in_doors, "cases/views/a.py", "Case.objects.filter(pk=1).update(grade='A')"),
    (rules.writes_in_doors, "cases/views.py", "case.save()"),
    (rules.writes_in_doors, "cases/views.py", "form.save()"),
    (rules.writes_in_doors, "cases/views.py", "case.delete()"),
    (rules.writes_in_doors, "cases/views.py", "unit.paired_counties.all().delete()"),
    (rules.writes_in_doors, "config/tasks.py", "Case.objects.bulk_update(rows, ['grade'])"),
    (rules.writes_in_doors, "config/management/commands/a.py", "connection.cursor().execute(x)"),
    (rules.writes_in_doors, "api/views.py", "Notice.objects.get_or_create(pk=1)"),
    (rules.stage_writes, "cases/actions/a.py", "Case.objects.filter(pk=1).update(stage='x')"),
    (rules.stage_writes, "cases/actions/a.py", "case.stage = 'closed'"),
    (rules.stage_writes, "cases/actions/a.py", "setattr(case, 'stage', 'closed')"),
    (rules.stage_writes, "cases/sweeps.py", "Case.objects.bulk_update(rows, ['stage'])"),
    (rules.stage_writes, "config/demo.py", "Case.objects.create(stage='survey')"),
    (rules.stage_writes, "cases/actions/a.py", "pour_rows(Case, keys, rows)"),
    (rules.stage_writes, "cases/a.py", "run('UPDATE cases_case SET stage = 1')"),
    (rules.clock_reads, "cases/engine.py", "at = timezone.now()"),
    (rules.clock_reads, "cases/actions/a.py", "on = datetime.date.today()"),
    (rules.clock_reads, "cases/querysets.py", "clock.today()"),
    (rules.clock_reads, "cases/models.py", "x = DateTimeField(default=timezone.now)"),
    (rules.clock_reads, "cases/models.py", "x = DateTimeField(auto_now_add=True)"),
    (rules.clock_reads, "cases/models.py", "timezone.localdate()"),
    (rules.days_taken_raw, "cases/a.py", "on = at.date()"),
    (rules.days_taken_raw, "cases/a.py", "on = clock.now().date()"),
    (rules.days_taken_raw, "cases/a.py", "on = paper.submitted_at.date()"),
    (rules.days_taken_raw, "cases/a.py", "on = timezone.localtime(at).date()"),
    (rules.days_taken_raw, "tests/a.py", "on = date.today()"),
    (rules.too_long, "cases/models.py", "x = 1\n" * 451),
]

RIGHT: list[tuple[Callable[[str, str], list[str]], str, str]] = [
    (rules.upward_imports, "cases/models.py", "from workflows.models import Programme"),
    (rules.upward_imports, "cases/matching.py", "from resources.models import Resource"),
    (rules.upward_imports, "config/urls.py", "import api.urls"),
    (rules.local_imports, "reports/pdf.py", "def f():\n    import weasyprint"),
    (rules.local_imports, "organisations/apps.py", "def ready(self):\n    import organisations.a"),
    (rules.signals, rules.LISTENER, "from django.dispatch import receiver"),
    (rules.writes_in_doors, "cases/views/a.py", "context.update(x=1)\nseen.add(1)"),
    (rules.writes_in_doors, "cases/actions/a.py", "Case.objects.create(county=1)"),
    (rules.stage_writes, "cases/engine.py", "case.stage = 'closed'"),
    (rules.stage_writes, "workflows/steps.py", "self.stage = stage"),
    (rules.clock_reads, "cases/views/a.py", "at = clock.now()"),
    (rules.clock_reads, "cases/models.py", "on = timezone.localdate(at)"),
    (rules.days_taken_raw, "cases/a.py", "on = day_of(at)"),
    (rules.days_taken_raw, "cases/a.py", "on = cell.date()"),
    (rules.days_taken_raw, "tests/a.py", "on = at(START).date()"),
    (rules.too_long, "cases/migrations/0001_initial.py", "x = 1\n" * 451),
]


@pytest.mark.parametrize(("rule", "where", "source"), WRONG)
def test_wrong_example_is_caught(
    rule: Callable[[str, str], list[str]], where: str, source: str
) -> None:
    assert rule(source, where)


@pytest.mark.parametrize(("rule", "where", "source"), RIGHT)
def test_right_example_passes(
    rule: Callable[[str, str], list[str]], where: str, source: str
) -> None:
    assert rule(source, where) == []


@pytest.mark.parametrize(
    "rule",
    [
        rules.upward_imports,
        rules.local_imports,
        rules.signals,
        rules.writes_in_doors,
        rules.stage_writes,
        rules.clock_reads,
        rules.days_taken_raw,
        rules.too_long,
    ],
)
def test_house_keeps_the_rule(rule: Callable[[str, str], list[str]]) -> None:
    complaints = [line for where, source in FILES.items() for line in rule(source, where)]
    assert not complaints, "\n".join(complaints)


SAYS_SQL = (
    'cursor.execute("SELECT count(*) FROM x")',
    "rows = Case.objects.raw(words)",
    "found = connection.cursor()",
    'f"UPDATE {table} SET a = 1"',
    'one = Func(a, b, template="%(expressions)s)", arg_joiner=" = ANY(")',
    "def as_sql(self): ...",
    """x = '"item"."due_on" IS NOT NULL'""",
)
SAYS_NONE = (
    '"""SELECT the rows WHERE nobody looks."""\nx = _("Choose a day from the list.")',
    "rows.update(a=1)\ncases.filter(x__in=keys).select_related()",
    'document = {"template": "letter.html"}\nmatched = "FROM:"',
)


def test_sql_by_hand_is_caught() -> None:
    assert all(sql.by_hand(source, "cases/a.py") for source in SAYS_SQL)
    assert not any(sql.by_hand(source, "cases/a.py") for source in SAYS_NONE)


def test_sql_is_written_where_the_list_says() -> None:
    """docs/adr/0068: every module that says SQL, with the decision and the test that it names."""
    known = sql.listed()
    found = {where: said for where, text in FILES.items() if (said := sql.by_hand(text, where))}
    unlisted = [line for where in found.keys() - known.keys() for line in found[where]]
    assert not unlisted, "\n".join(unlisted)
    assert not known.keys() - found.keys()
    missing = [str(file) for cells in known.values() for file in sql.named(cells)]
    assert not [name for name in missing if not Path(name).is_file()]
    assert all(len(sql.named(cells)) > 1 for cells in known.values())


def test_circle_is_caught() -> None:
    ring = {
        "cases/a.py": "from cases import b",
        "cases/b.py": "def f():\n    from cases.c import x",
        "cases/c.py": "from .a import y",
    }
    assert rules.circles(ring) == ["cases.a → cases.b → cases.c → cases.a"]
    typing_only = {**ring, "cases/c.py": "if TYPE_CHECKING:\n    from .a import y"}
    assert rules.circles(typing_only) == []


def test_no_circle() -> None:
    assert rules.circles(FILES) == []


def test_tests_take_the_city_s_day_too() -> None:
    """A test that takes the day of UTC is red from midnight to 8 o'clock of the city."""
    raw = [
        line
        for file in sorted((rules.ROOT / "tests").rglob("*.py"))
        for line in rules.days_taken_raw(file.read_text(), str(file.relative_to(rules.ROOT)))
    ]
    assert not raw, "\n".join(raw)


def test_tests_are_short_too() -> None:
    long = [
        line
        for file in sorted((rules.ROOT / "tests").rglob("*.py"))
        for line in rules.too_long(file.read_text(), file.relative_to(rules.ROOT).as_posix())
    ]
    assert not long, "\n".join(long)


def test_no_test_is_skipped() -> None:
    """What one database lacks is marked ``postgres`` and left to the second pass, not skipped."""
    words = ("mark." + "skip", "pytest." + "skip(", "import" + "orskip", "mark." + "xfail")
    skipped = [
        file.relative_to(rules.ROOT).as_posix()
        for file in sorted((rules.ROOT / "tests").rglob("*.py"))
        if any(word in file.read_text() for word in words)
    ]
    assert not skipped, skipped


# --- views ---------------------------------------------------------------------------------------
def views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def unmarked(patterns: list[Any]) -> list[str]:
    return [
        address
        for address, pattern in views(patterns)
        if getattr(pattern.callback, "marker", None) not in MARKERS
    ]


def unscoped(patterns: list[Any], known: dict[str, set[str]]) -> list[str]:
    """Scoped views that never come to ``visible_to``."""
    return [
        address
        for address, pattern in views(patterns)
        if getattr(pattern.callback, "marker", None) == "scoped"
        and pattern.name not in OWN_PAGES
        and not rules.reaches(_mentioned_by(pattern.callback), "visible_to", known)
    ]


def _mentioned_by(callback: Any) -> set[str]:
    view = getattr(callback, "view_class", None) or inspect.unwrap(callback)
    return {view.__name__}


def _bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _leaking(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(list(apps.get_models())))


def test_unmarked_view_is_caught() -> None:
    patterns = [path("open/", public(_bare)), path("forgotten/", _leaking)]
    assert unmarked(patterns) == ["forgotten/"]


def test_scoped_view_without_scope_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    # only for this test: the one above looks at the same views without a marker
    for view in (_bare, _leaking):
        monkeypatch.setattr(view, "marker", "scoped", raising=False)
    patterns = [path("narrow/", _bare), path("leak/", _leaking)]
    known = {"_bare": {"rows_for"}, "rows_for": {"visible_to"}, "_leaking": {"objects", "all"}}
    assert unscoped(patterns, known) == ["leak/"]


def test_every_view_is_marked() -> None:
    assert unmarked(get_resolver().url_patterns) == []


def test_every_scoped_view_starts_from_what_is_visible() -> None:
    assert unscoped(get_resolver().url_patterns, rules.functions(FILES)) == []


# --- what is installed ---------------------------------------------------------------------------
def test_the_screens_are_the_product() -> None:
    assert not apps.is_installed("django.contrib.admin")


def test_middleware_and_backends_exist() -> None:
    for name in [*settings.MIDDLEWARE, *settings.AUTHENTICATION_BACKENDS]:
        assert import_string(name)
    assert import_string(settings.AXES_CLIENT_IP_CALLABLE)
    assert import_string(settings.AXES_LOCKOUT_CALLABLE)
