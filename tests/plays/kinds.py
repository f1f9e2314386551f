"""The other kinds of case in an invented plan: an order, an issue with call-back, a measure for the
counties, a report that the calendar opens; each with limits and ways of its own."""

from __future__ import annotations

from random import Random
from typing import Any

Data = dict[str, Any]
COUNTIES_PART = "part"


def procedures(luck: Random) -> Data:
    """By key; the same luck gives the same."""
    return {
        "order": _order(luck),
        "trouble": _trouble(luck),
        "task": _task(),
        "report": _report(luck),
        COUNTIES_PART: _part(luck),
    }


def measures() -> list[Data]:
    return [
        {
            "key": "teams", "number": "1", "title": "各县组建专班", "leads": ["市工信局"],
            "responsible": ["counties"], "procedure": "task", "time": {"by": "2022-10-31"},
        }
    ]  # fmt: skip


def forms() -> Data:
    yes_no = {"yes": "满意 | Yes", "no": "不满意 | No"}
    satisfied = {"key": "satisfied", "kind": "choice", "required": True, "label": "满意",
                 "choices": yes_no}  # fmt: skip
    matter = {"key": "matter", "kind": "text", "required": True, "label": "事项 | Matter"}
    return {
        "matter": {"title": "登记 | Matter", "fields": [matter]},
        "call": {"title": "回访 | Call-back", "fields": [satisfied]},
    }


def _order(luck: Random) -> Data:
    doing = _stage("doing", "responsible", form="note", time=_given(luck), ladder="ladder0")
    doing["moves"] = [_move("advance", "look")]
    look = _stage("look", "office", time=_within(luck))
    look["moves"] = [_move("close", "closed"), _move("send_back", "doing")]
    opens = [{"from": "hand", "by": ["office", "leader", "department"], "form": "matter"}]
    return _procedure("交办", [doing, look], opens=opens, about="unit", title_from="matter")


def _trouble(luck: Random) -> Data:
    handling = _stage("handling", "responsible", form="note", time=_given(luck), ladder="ladder1")
    handling["moves"] = [_move("advance", "asking")]
    asking = _stage("asking", "county", form="call", time=_within(luck))
    asking["closes_with"] = ["satisfied"]
    asking["moves"] = [_move("close", "closed"), _move("send_back", "handling")]
    opens = [{"from": "hand", "by": ["office", "county"], "form": "matter"}, "parent"]
    found = _procedure("难题", [handling, asking], opens=opens, closer="county_lead")
    return found | {"call_back": luck.random() < 0.8, "title_from": "matter"}


def _task() -> Data:
    going = _stage("going", "responsible", time={"as_given": True})
    going["waits_for"] = [COUNTIES_PART]
    going["spawns"] = [
        {"procedure": COUNTIES_PART, "when": "entering", "for": "units", "part": "responsible"}
    ]
    going["moves"] = [_move("advance", "look")]
    look = _stage("look", "office")
    look["moves"] = [_move("close", "closed"), _move("send_back", "going")]
    return _procedure("任务", [going, look], opens=["plan"], about="unit")


def _report(luck: Random) -> Data:
    gather = _stage("gather", "office", time=_within(luck))
    gather["waits_for"] = [COUNTIES_PART]
    gather["spawns"] = [{"procedure": COUNTIES_PART, "when": "entering", "for": "counties"}]
    gather["moves"] = [_move("close", "closed")]
    each = {"every": luck.choice(("month", "quarter")), "day": luck.randint(1, 28)}
    opens = [{"from": "calendar", "each": each}]
    return _procedure("报告", [gather], opens=opens, about="unit")


def _part(luck: Random) -> Data:
    write = _stage("write", "responsible", form="note", time=_within(luck), ladder="ladder0")
    write["moves"] = [_move("advance", "sign")]
    sign = _stage("sign", "responsible_lead", time=_within(luck))
    sign["moves"] = [_move("close", "closed"), _move("send_back", "write")]
    return _procedure(
        "分报", [write, sign], opens=["parent"], about="unit", closer="responsible_lead"
    )


def _procedure(title: str, stages: list[Data], *, opens: list[Any], **more: Any) -> Data:
    first = stages[0]["key"]
    phases = [{"key": "work", "title": "办理 | Work"}]
    head = {"title": title, "initial": first, "reopens_at": first, "closer": "office"}
    return {**head, "opens": opens, "phases": phases, "stages": stages, **more}


def _stage(key: str, owner: str, **more: Any) -> Data:
    title = f"{key}事项 | Matter {key}"
    words = {"title": title, "state_label": title, "firm_label": title}
    return {"key": key, **words, "phase": "work", "owner": owner, **more}


def _within(luck: Random) -> Data:
    return {"within": f"{luck.randint(2, 15)} working_days"}


def _given(luck: Random) -> Data:
    return {"as_given": True, "otherwise": f"{luck.randint(3, 20)} working_days"}


def _move(verb: str, to: str) -> Data:
    return {"verb": verb, "to": to, "label": f"转{to} | To {to}"}
