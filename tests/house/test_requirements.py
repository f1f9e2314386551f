"""What we install: pinned, with a reason, and used."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions

import pytest

from tests.architecture import ROOT, sources

LINE = re.compile(r"^(?P<name>[\w-]+)(\[[\w,]+\])?==(?P<version>[\w.]+)\s+# (?P<why>.{10,})$")
# named in an address or a command line, not imported
BY_NAME = {
    "psycopg": "DATABASE_URL",
    "gunicorn": "gunicorn",
    "whitenoise": "whitenoise.",
    "tzdata": "TIME_ZONE",
}


FILES = ["requirements.txt", "requirements-apprise.txt", "requirements-dev.txt"]


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-r"))]


def pinned() -> dict[str, str]:
    return dict(line.split(" ")[0].split("==") for line in lines("constraints.txt"))


@pytest.mark.parametrize("file", FILES)
def test_every_line_is_pinned_and_says_why(file: str) -> None:
    assert [line for line in lines(file) if not LINE.match(line)] == []


@pytest.mark.parametrize("file", FILES)
def test_constraints_agree(file: str) -> None:
    found = [LINE.match(line) for line in lines(file)]
    wanted = {match["name"]: match["version"] for match in found if match}
    assert {name: pinned()[name] for name in wanted} == wanted


def test_only_one_package_owns_django_fsm() -> None:
    assert "django-fsm-2" in pinned()
    assert "django-fsm" not in pinned()


def test_nothing_is_installed_for_nothing() -> None:
    modules: dict[str, list[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(_folded(distribution), []).append(module)
    code = "\n".join(source for _path, source in sources())
    names = [match["name"] for line in lines("requirements.txt") if (match := LINE.match(line))]
    unused = [name for name in names if not _is_used(name, modules[_folded(name)], code)]
    assert unused == []


def _is_used(name: str, modules: list[str], code: str) -> bool:
    if name in BY_NAME:
        return BY_NAME[name] in code
    return any(re.search(rf"(import|from) {module}\b|\"{module}[.\"]", code) for module in modules)


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")
