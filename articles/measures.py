"""How well each claim rule does on the sentences that stand beside it in claims.yaml."""

from dataclasses import dataclass
from typing import cast

from articles.claims import Kind, Rule, check, rules


@dataclass(frozen=True)
class Score:
    rule: str
    to_flag: int
    """How many sentences the rule must find."""
    to_pass: int
    """How many honest sentences stand beside it."""
    found: int
    false_alarms: int
    """In the honest sentences of every rule, not only its own."""

    @property
    def recall(self) -> float:
        return self.found / self.to_flag

    @property
    def precision(self) -> float:
        flagged = self.found + self.false_alarms
        return self.found / flagged if flagged else 1.0

    @property
    def is_flawless(self) -> bool:
        return self.found == self.to_flag and not self.false_alarms


def scores() -> list[Score]:
    """Precision and recall of each rule on all the examples."""
    honest = [(rule, sentence) for rule in rules().rules for sentence in rule.honest]
    alarms = [name for rule, sentence in honest for name in found_in(sentence, rule)]
    return [
        Score(
            rule=rule.id,
            to_flag=len(rule.flag),
            to_pass=len(rule.honest),
            found=sum(rule.id in found_in(sentence, rule) for sentence in rule.flag),
            false_alarms=alarms.count(rule.id),
        )
        for rule in rules().rules
    ]


def found_in(sentence: str, beside: Rule) -> set[str]:
    """The rules that find something in an example, read as the kind of text its rule is for."""
    kind = cast(Kind, next(iter(beside.only), "body"))
    return {finding.rule for finding in check(sentence, kind=kind)}
