"""What a browser refuses before a workbook travels, as a refused form loses the file."""

from __future__ import annotations

from datetime import date

from django.template.loader import render_to_string

from config.imports.forms import UploadForm
from config.templatetags.look import as_field
from workflows.models import Programme


def test_programme_and_day_are_asked_for_before_the_file_travels() -> None:
    both = [Programme(key="a", title="甲方案"), Programme(key="b", title="乙方案")]
    form = UploadForm("register", both, date(2022, 3, 1))
    choice, day = (
        render_to_string("components/field.html", {"field": as_field(form[name])})
        for name in ("programme", "as_of")
    )
    control = choice[choice.index("<select") :]
    assert " required" in control.partition(">")[0]
    assert control.index('<option value="">') < control.index("甲方案")
    assert 'max="2022-03-01"' in day
