"""Reading a programme pack: one YAML file per city and year in `workflows/programmes/`.

`parse_pack` refuses a wrong pack with the line and the reason in plain words; a parsed pack is
immutable.
"""

from datetime import date
from functools import lru_cache
from pathlib import Path as File

from pydantic import ValidationError

from workflows.form_fields import Field, Form
from workflows.pack_checks import check_counties, check_rules
from workflows.pack_graph import check_procedures
from workflows.pack_limits import check_limits
from workflows.pack_model import Pack, fold_county
from workflows.pack_parts import (
    CountyPlan,
    EvidencePlan,
    Have,
    Paper,
    ReturnReason,
    UnitPlan,
    Units,
)
from workflows.pack_plan import check_plan
from workflows.pack_source import Finding, PackError, Source, load
from workflows.pack_words import findings_of
from workflows.procedure import Grade

__all__ = [
    "SHIPPED",
    "CountyPlan",
    "EvidencePlan",
    "Finding",
    "Grade",
    "Have",
    "Pack",
    "PackError",
    "Paper",
    "ReturnReason",
    "UnitPlan",
    "Units",
    "fold_county",
    "parse_pack",
    "shipped_text",
]

SHIPPED = File(__file__).parent / "programmes"


def shipped_text(key: str) -> str:
    """The text of a pack that ships with the product."""
    return (SHIPPED / f"{key}.yaml").read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def parse_pack(
    text: str, source: str = "", *, issued_on: date | None = None, issued: bool = False
) -> Pack:
    """A checked pack; raises PackError with every finding and its line.

    `issued_on` is the day from which relative dates count (`start_of issued - 8 months`). What has
    been `issued` was checked then: a check that is newer than the pack must not stop its cases.
    Whoever looks at a draft, compares it and issues it reads the same text again and again.
    """
    loaded = load(text, source, issued_on=issued_on)
    try:
        pack = _completed(Pack.model_validate(loaded.data), loaded, source)
    except ValidationError as error:
        raise PackError(findings_of(error, loaded), source) from None
    if issued:
        return pack
    findings = [
        *check_counties(pack, loaded),
        *check_rules(pack, loaded),
        *check_procedures(pack, loaded),
        *check_limits(pack, loaded),
        *check_plan(pack, loaded),
    ]
    if findings:
        raise PackError(findings, source)
    return pack


def _completed(pack: Pack, loaded: Source, source: str) -> Pack:
    """Targets put on their counties, included fields on their forms."""
    counties = tuple(
        county.model_copy(update={"targets": pack.targets.get(county.name, {})})
        for county in pack.counties
    )
    haves = tuple(have.key for have in pack.haves)
    forms = {
        key: form.model_copy(update={"fields": _all_fields(pack, form), "haves": haves})
        for key, form in pack.forms.items()
    }
    return pack.model_copy(update={"counties": counties, "forms": forms})


def _all_fields(pack: Pack, form: Form) -> tuple[Field, ...]:
    included = [pack.forms[key].fields for key in form.includes if key in pack.forms]
    return tuple(field for fields in (*included, form.fields) for field in fields)
