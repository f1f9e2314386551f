"""Plans that no city has: names and number of stages, classes, criteria, limits, ladders and the
way to the closing are drawn; every one of them is valid and can be issued."""

from __future__ import annotations

from random import Random
from typing import Any

import yaml

from tests.plays import kinds

Data = dict[str, Any]

COUNTIES = ("涧西区", "嵩县")
FACTS = ("has_institution", "has_staff", "has_spending", "has_cooperation")
DRAFTS = (
    ("work_note", "county_bureau"),
    ("reminder_letter", "county_bureau"),
    ("supervision_letter", "county_government"),
    ("coordination_letter", "department"),
    ("talk", "supervision_office"),
)


def random_pack(number: int) -> str:
    """The text of the plan with this number; the same number is the same plan."""
    return _Inventor(number).text()


class _Plain(yaml.SafeDumper):
    """A pack has no references (& and *)."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Inventor:
    def __init__(self, number: int) -> None:
        self.number, self.luck = number, Random(f"plan {number}")
        self.haves = [f"have{n}" for n in range(self.luck.randint(1, 4))]
        self.grades = self._grades()
        self.has_remedies = self._likely(0.7)
        # the names of the stages between the first visit and the work itself
        self.between = [f"talk{n}" for n in range(self.luck.randint(0, 2))]
        self.watches = any(grade.get("chased") is False for grade in self.grades)

    def text(self) -> str:
        return str(yaml.dump(self.pack(), Dumper=_Plain, allow_unicode=True, sort_keys=False))

    def pack(self) -> Data:
        return {
            "key": f"play-{self.number}",
            "title": f"推演方案第{self.number} | Plan {self.number}",
            "city": "洛阳市",
            "statistical_year": 2022,
            "work_from": "2022-01-01",
            "work_until": "2022-12-31",
            "zones": {"all": "全市 | The city"},
            "counties": [{"name": c, "zone": "all", "liaison_group": "包联组"} for c in COUNTIES],
            "units": {
                "office": _unit("市专班办"),
                "guide_unit": "市工信局",
                "departments": [_unit("市工信局"), _unit("市住建局")],
                "supervision": _unit("市政府督查室"),
                "leadership": _unit("市领导"),
                "county_unit": _unit("{county}工作专班"),
                "liaison_groups": [_unit("包联组")],
            },
            "assignment": [
                {"key": "building", "industry": ["30"], "unit": "市住建局", "label": "建材"},
                {"key": "rest", "unit": "市工信局", "label": "其他"},
            ],
            "covered_when": {"all": ["has_spending"]},
            "haves": [self._have(n, key) for n, key in enumerate(self.haves)],
            "grades": self.grades,
            "quiet_seasons": self._seasons(),
            "root_procedure": "help",
            "procedures": self._procedures(),
            "measures": kinds.measures(),
            "ladders": {key: self._ladder(key) for key in ("ladder0", "ladder1")},
            "forms": self._forms(),
            "evidence": [self._evidence(key) for key in self.haves],
            "return_reasons": [{"number": 1, "label": "缺页 | Pages missing"}],
            "texts": {"late": "【提醒】{firm}“{stage}”{due}到期。"},
        }  # fmt: skip

    # -- small parts

    def _likely(self, share: float) -> bool:
        return self.luck.random() < share

    def _grades(self) -> list[Data]:
        n = self.luck.choice((0, 2, 3, 4))
        grades: list[Data] = [{"key": "WXYZ"[place], "label": f"类{place}"} for place in range(n)]
        if n > 2 and self._likely(0.7):
            grades[-1]["chased"] = False
        return grades

    @property
    def chased(self) -> list[str]:
        return [grade["key"] for grade in self.grades if grade.get("chased", True)]

    def _have(self, place: int, key: str) -> Data:
        have: Data = {"key": key, "label": f"条件{place} | Item {place}"}
        if self._likely(0.6):
            have["fact"] = FACTS[place]
        if self._likely(0.3):
            have["needs_partner"] = True
        return have

    def _evidence(self, key: str) -> Data:
        paper = {"key": "paper", "label": "文件 | Paper"}
        words = {"acceptable_when": "有章 | sealed", "usually_returned": "无章 | not sealed"}
        return {"criterion": key, "main": [paper], **words}

    def _seasons(self) -> list[Data]:
        return [{"from": "05-01", "until": "05-12"}] if self._likely(0.4) else []

    def _criteria(self) -> Data:
        kind = self.luck.choice(("all", "any", "at_least", "nested"))
        n = len(self.haves)
        if kind == "at_least":
            return {"at_least": self.luck.randint(1, n), "of": self.haves}
        if kind == "nested" and n > 2:
            return {"all": [self.haves[0], {"any": self.haves[1:]}]}
        return {kind if kind in ("all", "any") else "all": self.haves}

    def _span(self, most: int = 40) -> str:
        unit = self.luck.choice(("working_days", "calendar_days"))
        return f"{self.luck.randint(1, most)} {unit}"

    def _time(self) -> Data:
        """A deadline phrase of any kind."""
        day = f"2022-{self.luck.randint(4, 12):02d}-{self.luck.randint(1, 28):02d}"
        kinds: list[Data] = [
            {"within": self._span()},
            {"within": self._span(), "not_after": day},
            {"by": day},
            {"before": day},
            {"by": f"end_of {day[:7]}"},
            {"first_ten_days_of": day[:7]},
            {"every": "month", "day": self.luck.randint(1, 28)},
            {"every": "quarter", "roll": self.luck.choice(("back", "forward"))},
            {"after": "quarter_end", "plus": "10 working_days", "at_most": "65 working_days"},
            {"next_batch_day": True},
            {"ongoing": True},
        ]
        return self.luck.choice(kinds)

    # -- stages

    def _procedures(self) -> Data:
        found = {"help": self._help()}
        if self.has_remedies:
            found["mend"] = self._mend()
        # luck of their own: the firms' way of a plan stays what it was
        return found | kinds.procedures(Random(f"kinds {self.number}"))

    def _help(self) -> Data:
        self.by_office = self._likely(0.7)
        chain = self._chain()
        stages = [*self._opening(), *self._middle(), self._work(chain[0]["key"]), *chain]
        procedure: Data = {
            "title": "帮扶 | Help",
            "initial": stages[0]["key"],
            "closer": "office" if self.by_office else "county_lead",
            "closes_when": self._criteria(),
            "phases": [_phase("start"), _phase("work"), _phase("end")],
            "stages": stages,
        }
        if self._likely(0.7):
            procedure["reopens_at"] = "work"
        return procedure

    def _opening(self) -> list[Data]:
        """签收 or not, and the first visit, which gives the class."""
        after = self.between[0] if self.between else "work"
        visit = self._stage("visit", "start", "county", form="visit")
        visit["moves"] = self._onward(after)
        if self.has_remedies and self._likely(0.5):
            for_ = self.luck.choice(("missing", "unaided"))
            visit["spawns"] = [{"procedure": "mend", "when": "leaving", "for": for_}]
        stages = [visit]
        if self._likely(0.7):
            first = self._stage("given", "start", "county")
            first["moves"] = [_move("acknowledge", "visit")]
            stages.insert(0, first)
        if self.watches:
            watch = self._stage("watch", "start", "county", time={"every": "quarter"})
            last = self.grades[-1]["key"]
            watch["moves"] = [
                {**_move("advance", "watch"), "grades": [last]},
                _move("advance", "visit"),
            ]
            watch.pop("ladder", None)
            stages.append(watch)
        return stages

    def _onward(self, after: str) -> list[Data]:
        """By class where there are classes: some skip what lies between."""
        if not self.grades:
            return [_move("advance", after)]
        moves = []
        for place, key in enumerate(self.chased):
            to = "work" if place == 0 and self._likely(0.5) else after
            moves.append({**_move("advance", to), "grades": [key]})
        if self.between and all(move["to"] == "work" for move in moves):
            moves[-1]["to"] = after
        if self.watches:
            moves.append({**_move("advance", "watch"), "grades": [self.grades[-1]["key"]]})
        return moves

    def _middle(self) -> list[Data]:
        stages = []
        for place, key in enumerate(self.between):
            owner = self.luck.choice(("county", "county", "department", "liaison_group"))
            stage = self._stage(key, "work", owner, form=self.luck.choice((None, "note")))
            after = [*self.between, "work"][place + 1]
            stage["moves"] = [_move("advance", after), _move("send_back", "visit")]
            stages.append(stage)
        return stages

    def _work(self, after: str) -> Data:
        time: Data = {"latest": "child", "otherwise": "20 working_days"}
        stage = self._stage(
            "work", "work", "county", time=time, form=self.luck.choice((None, "end"))
        )
        # some cities have no application: whoever reviews or closes looks at the papers alone
        onward = "advance" if self.number % 4 == 3 else "apply_for_closure"
        stage["moves"] = [_move(onward, after), _move("send_back", "visit")]
        stage["spawns"] = [{"procedure": "trouble", "when": "by_hand"}]
        if self.has_remedies:
            stage["spawns"].append({"procedure": "mend", "when": "entering", "for": "missing"})
            if self._likely(0.8):
                stage["waits_for"] = ["mend"]
        return stage

    def _chain(self) -> list[Data]:
        """The way to the closing: reviews in any number, then whoever confirms."""
        owners = []
        if self.by_office and self._likely(0.8):
            owners.append("county_lead")
        if self._likely(0.3):
            owners.append("department")
        owners.append("office" if self.by_office else "county_lead")
        chain = []
        for place, owner in enumerate(owners):
            stage = self._stage(f"check{place}", "end", owner)
            is_last = place == len(owners) - 1
            onward = _move("close", "closed") if is_last else _move("advance", f"check{place + 1}")
            back = _move("send_back", "work")
            if self._likely(0.6):
                back["time"] = {"within": "5 working_days"}
            stage["moves"] = [onward, back]
            if is_last and self.by_office:
                stage["waits_higher"] = True
            chain.append(stage)
        return chain

    def _mend(self) -> Data:
        """A remedy: done and closed, or with a stage of its own in between."""
        last = self._stage("doing", "work", "county", form=self.luck.choice((None, "note")))
        stages = [last]
        last["moves"] = [_move("close", "closed")]
        return {
            "title": "整改 | Remedy",
            "initial": stages[0]["key"],
            "closer": "county_lead",
            "closes_when": {"all": ["own"]},
            "phases": [_phase("work")],
            "stages": stages,
        }

    def _stage(
        self, key: str, phase: str, owner: str, *, time: Data | None = None, form: str | None = None
    ) -> Data:
        title = f"{key}环节 | Stage {key}"
        stage: Data = {"key": key, "title": title, "state_label": title, "firm_label": title}
        stage |= {"phase": phase, "owner": owner}
        if time is not None or self._likely(0.85):
            stage["time"] = time or self._time()
        if form is not None:
            stage["form"] = form
        if self._likely(0.8):
            stage["ladder"] = self.luck.choice(("ladder0", "ladder1"))
        if self._likely(0.4):
            stage["quiet_season"] = True
        return stage

    # -- ladders and forms

    def _ladder(self, key: str) -> Data:
        offset, rungs, required = self.luck.randint(-5, 0), [], ""
        for place in range(self.luck.randint(1, 5)):
            rung: Data = {
                "key": f"rung{place}",
                "offset": offset,
                "audience": ["handler"],
                "text": "late",
            }
            if place > 1 and self._likely(0.7):
                kind, addressee = self.luck.choice(DRAFTS)
                rung |= {"act": "draft", "release": "person", "draft_kind": kind}
                rung |= {"addressee": addressee, "audience": ["office"]}
                if required and self._likely(0.6):
                    rung["requires"] = required
                if self._likely(0.5):
                    rung["once_per"] = "month"
                required = rung["key"]
            elif self._likely(0.2):
                rung |= {"act": "phone_list", "audience": ["office"]}
            rungs.append(rung)
            offset += self.luck.randint(0, 6)
        return {
            "title": f"阶梯{key[-1]} | Ladder {key[-1]}",
            "counting": self.luck.choice(("working_days", "calendar_days")),
            "rungs": rungs,
        }

    def _forms(self) -> Data:
        states = {"regular": "有 | There", "none": "无 | Not there"}
        visit: list[Data] = [
            {"key": "seen_on", "kind": "date", "required": True, "label": "日期"},
            {"key": "haves", "kind": "haves", "required": True, "label": "现状", "choices": states},
        ]
        if self.grades:
            choices = {grade["key"]: grade["label"] for grade in self.grades}
            visit.append(
                {"key": "grade", "kind": "choice", "required": True, "label": "分类 | Class",
                 "choices": choices}
            )  # fmt: skip
        words = {"key": "words", "kind": "text", "required": True, "label": "情况 | Words"}
        return {
            "visit": {"title": "走访表 | Visit", "fields": visit},
            "note": {"title": "记录 | Note", "fields": [words]},
            "end": {"title": "申请 | Application", "fields": [words]},
            **kinds.forms(),
        }


def _unit(name: str) -> Data:
    return {"short_name": name, "name": name}


def _phase(key: str) -> Data:
    return {"key": key, "title": f"{key}阶段 | Phase {key}"}


def _move(verb: str, to: str) -> Data:
    return {"verb": verb, "to": to, "label": f"转{to} | To {to}"}
