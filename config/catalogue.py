"""The living catalogue: every component once, from plain data; a page and a browser test."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organisations.markers import public

SPRITE = Path(__file__).parent.parent / "templates/components/sprite.html"
DAYS = frozenset({"due", "day", "by", "min"})


def fixture() -> dict[str, Any]:
    """What the catalogue shows, as the views of real screens would hand it over."""
    text = (Path(__file__).parent / "catalogue.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text, object_hook=_dated)
    return data | {
        "icons": re.findall(r'id="i-(\w+)"', SPRITE.read_text(encoding="utf-8")),
        "page": Paginator(range(1912), 20).page(3),
        "day": date(2026, 9, 15),
    }


def _dated(pairs: dict[str, Any]) -> dict[str, Any]:
    for key, value in pairs.items():
        if isinstance(value, str) and value:
            if key == "at" and "T" in value:
                pairs[key] = datetime.fromisoformat(value)
            elif key in DAYS and value[:2] == "20":
                pairs[key] = date.fromisoformat(value)
    return pairs


@require_safe
@public
def components(request: HttpRequest) -> HttpResponse:
    return render(request, "dev/components.html", fixture())


@require_safe
@public
def phone(request: HttpRequest) -> HttpResponse:
    return render(request, "dev/phone.html", fixture())
