"""A procedure of a pack as BPMN: its stages as manual tasks, behind each the ways of its moves.

What SpiffWorkflow is given, so that it knows the same moves as ours: of a straight line of tasks
nothing could be sent back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"
    targetNamespace="urn:campaign">
  <bpmn:process id="campaign" isExecutable="true">{nodes}{flows}</bpmn:process>
</bpmn:definitions>"""
START, END = "start", "closed"


def of(edges: Iterable[tuple[str, str]]) -> str:
    """``edges``: from which stage to which, the first one's stage first; the variable ``to`` says
    which way is taken, else the first of a stage.
    """
    ways: dict[str, list[str]] = defaultdict(list)
    for stage, to in edges:
        if to not in ways[stage]:
            ways[stage].append(to)
    kinds = {START: "startEvent", **dict.fromkeys(ways, "manualTask"), END: "endEvent"}
    lines = [(START, next(iter(ways)), "")]
    for stage, targets in ways.items():
        if len(targets) == 1:
            lines.append((stage, targets[0], ""))
            continue
        choice = f"behind_{stage}"
        kinds[choice] = "exclusiveGateway"
        lines.append((stage, choice, ""))
        lines += [(choice, to, to if place else "") for place, to in enumerate(targets)]
    numbered = [(f"f{number}", *line) for number, line in enumerate(lines)]
    return WHOLE.format(
        nodes="".join(_node(node, kind, numbered) for node, kind in kinds.items()),
        flows="".join(_flow(*line) for line in numbered),
    )


def _node(node: str, kind: str, lines: list[tuple[str, str, str, str]]) -> str:
    into = "".join(
        f"<bpmn:incoming>{key}</bpmn:incoming>" for key, _a, to, _c in lines if to == node
    )
    out = [key for key, source, _to, _c in lines if source == node]
    ways = "".join(f"<bpmn:outgoing>{key}</bpmn:outgoing>" for key in out)
    otherwise = f' default="{out[0]}"' if kind == "exclusiveGateway" else ""
    return f'<bpmn:{kind} id="{node}"{otherwise}>{into}{ways}</bpmn:{kind}>'


def _flow(key: str, source: str, target: str, to: str) -> str:
    asked = f'to == "{to}"' if to else ""
    only = f"<bpmn:conditionExpression>{asked}</bpmn:conditionExpression>" if to else ""
    return (
        f'<bpmn:sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{only}'
        "</bpmn:sequenceFlow>"
    )
