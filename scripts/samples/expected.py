"""What an ingest of a sample must find: the scripts that make samples count it while they do, and it stands beside them."""

import json
from collections import Counter
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


class Expected:
    """What an ingest must find, counted while the sample is made."""

    def __init__(self, features: list[str]) -> None:
        self.users: set = set()
        self.groups = 0
        self.counts: dict[str, Counter] = {feature: Counter() for feature in features}
        self.misses: Counter = Counter()
        self.sums: dict[str, float] = {}
        self.rows = self.positives = self.seconds = self.values = 0

    def add(self, user, seconds: int, positive: bool, features: dict[str, str | list[str] | None]) -> None:
        """A sample; a feature is None where its side table has no such key. An empty key is no key."""
        self.rows += 1
        self.users.add(user)
        self.seconds += seconds
        self.positives += positive
        for feature, keys in features.items():
            if keys is None:
                self.misses[feature] += 1
            elif isinstance(keys, list):
                self.values += len(keys)
                self.counts[feature].update(list(dict.fromkeys(keys)))
            elif keys:
                self.counts[feature][keys] += 1

    def write(self, name: str) -> None:
        """Keys stand in order of first appearance, which is that of their ids."""
        facts = {
            "rows": self.rows,
            "groups": self.groups,
            "positives": self.positives,
            "users": len(self.users),
            "seconds": self.seconds,
            "values": self.values,
            "misses": dict(self.misses),
            "sums": self.sums,
            "counts": self.counts,
        }
        (SAMPLES / name / "expected.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
