#!/usr/bin/env python3
"""Makes Tests/LogIngestTests/Fixtures/csv.jsonl: random well-formed CSV texts and the rows that Python's csv module reads in
them. Needs nothing but Python; the same bytes every time.

    python3 scripts/ingest/make_csv_fixture.py
"""

import csv
import io
import json
import random
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "Tests/LogIngestTests/Fixtures/csv.jsonl"
TEXTS = 300


def field(draw: random.Random) -> str:
    """A field as it stands in a file: bare where it may be, else, or by chance, between quotes."""
    text = "".join(draw.choices('aé 🍵,"\n\r', weights=[8, 2, 1, 1, 1, 1, 1, 1], k=draw.choice([0, 1, 2, 3, 9])))
    is_bare = not text.startswith('"') and not any(character in text for character in ",\n\r")
    return text if is_bare and draw.random() < 0.7 else '"' + text.replace('"', '""') + '"'


def log(draw: random.Random) -> str:
    columns = draw.randint(1, 4)
    line_end = draw.choice(["\n", "\r\n"])
    lines = []
    for _ in range(draw.randint(1, 6)):
        line = ",".join(field(draw) for _ in range(columns))
        # A blank line is no row where rows have several fields; where they have one, readers differ.
        lines.append(line or '""')
        if columns > 1 and draw.random() < 0.1:
            lines.append("")
    return line_end.join(lines) + draw.choice(["", line_end])


def main() -> None:
    draw = random.Random(4180)
    with FILE.open("w", newline="\n") as file:
        for _ in range(TEXTS):
            text = log(draw)
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
            file.write(json.dumps({"text": text, "rows": rows}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
