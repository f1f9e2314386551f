"""The JSON schema of a pack, for editors: what may be written where, with the models' own words.

Generated from the models, so a field that they learn is known to editors at once. The models read
more than one spelling (`摸底 | Survey`, `within: 20 working_days`); those are put in here by type.
"""

from __future__ import annotations

from typing import Any, get_args

from workflows.assignment import AssignmentRule
from workflows.criteria import Criteria
from workflows.deadlines import Phrase, Span
from workflows.form_fields import Compute, Field, Form, How
from workflows.ladder import QuietSeason
from workflows.openings import Opening
from workflows.pack_model import Pack
from workflows.pack_parts import CountyPlan
from workflows.procedure import Spawn, Stage, TimeLimit
from workflows.text import Text

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STRING: Schema = {"type": "string"}
# named by the key under which it stands
KEYED = ("Procedure", "Ladder", "Form")
# filled in by the product, never written
INTERNAL = (
    (Form, "haves"),
    (CountyPlan, "targets"),
    (Phrase, "not_before"),
    (Phrase, "no_later"),
)
RELATIVE = "a date such as 2022-03-31, or counted from the day of issue: end_of issued + 3 months"
MONTH_DAY: Schema = {"type": "string", "pattern": r"^\d\d-\d\d$", "description": "such as 03-31"}


def pack_schema() -> Schema:
    """The schema of a whole pack file."""
    schema = Pack.model_json_schema(by_alias=True)
    defs: dict[str, Schema] = schema["$defs"]
    for name in KEYED:
        defs[name]["required"] = [key for key in defs[name]["required"] if key != "key"]
    for model, field in INTERNAL:
        del defs[model.__name__]["properties"][field]
    _spell(defs)
    schema["properties"]["statistical_year"] = {"anyOf": [{"type": "integer"}, STRING]}
    found: Schema = _plainly({"$schema": DIALECT, **schema, "title": "Programme pack"})
    return found


def _spell(defs: dict[str, Schema]) -> None:
    """The other spellings that the models read."""
    _or_string(defs, Text, "Chinese | English, or the Chinese alone")
    _or_string(defs, Span, "20 working_days or 7 calendar_days")
    _or_string(defs, Opening, "how cases begin, in one word")
    bare = defs[Phrase.__name__]["properties"]
    defs[TimeLimit.__name__]["properties"] |= bare
    defs[TimeLimit.__name__]["required"] = []
    _or_string(defs, Phrase, "within: 20 working_days")
    _or_string(defs, TimeLimit, "within: 20 working_days")
    defs[Criteria.__name__] = _criteria(defs[Criteria.__name__])
    stage = defs[Stage.__name__]["properties"]["time"]
    stage["anyOf"] = [_reference(TimeLimit), {"type": "array", "items": stage.pop("items")}]
    stage.pop("type", None)
    _wants(defs[Spawn.__name__])
    choices = defs[Field.__name__]["properties"]["choices"]
    mapping = {"type": "object", "additionalProperties": _reference(Text)}
    choices["anyOf"] = [mapping, {"type": "array", "items": choices.pop("items")}]
    choices.pop("type", None)
    defs[Compute.__name__] = _compute(defs[Compute.__name__])
    for end in ("from", "until"):
        defs[QuietSeason.__name__]["properties"][end] = MONTH_DAY
    codes = defs[AssignmentRule.__name__]["properties"]["industry"]
    codes["items"] = {"type": ["string", "integer"]}


def _or_string(defs: dict[str, Schema], model: type, words: str) -> None:
    whole = defs[model.__name__]
    described: Schema = {key: whole.pop(key) for key in ("title", "description")}
    text = {"type": "string", "description": words}
    defs[model.__name__] = {**described, "anyOf": [text, whole]}


def _criteria(whole: Schema) -> Schema:
    items = {"type": "array", "minItems": 1, "items": _reference(Criteria)}
    ways: list[Schema] = [STRING]
    ways += [_only({kind: items}) for kind in ("all", "any")]
    ways.append(_only({"at_least": {"type": "integer", "minimum": 1}, "of": items}))
    described: Schema = {key: whole[key] for key in ("title", "description")}
    return {**described, "anyOf": ways}


def _compute(whole: Schema) -> Schema:
    names = {"anyOf": [STRING, {"type": "array", "minItems": 1, "items": STRING}]}
    ways = [_only({how: names}) for how in get_args(How)]
    return {key: whole[key] for key in ("title", "description")} | {"anyOf": ways}


def _only(properties: Schema) -> Schema:
    """An object with exactly these parts."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _wants(spawn: Schema) -> None:
    """`wants`, as the first packs called `for`."""
    spawn["properties"]["wants"] = spawn["properties"]["for"]


def _reference(model: type) -> Schema:
    return {"$ref": f"#/$defs/{model.__name__}"}


def _plainly(node: Any) -> Any:
    """Dates may be relative; docstrings lose the marks that only programmers read."""
    if isinstance(node, list):
        return [_plainly(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "string" and node.get("format") == "date":
        return {"type": "string", "description": RELATIVE}
    found = {key: _plainly(item) for key, item in node.items()}
    if isinstance(found.get("description"), str):
        found["description"] = " ".join(found["description"].split())
    return found
