#!/usr/bin/env python3
"""How many local steps help ranking, on raw and on corrected labels: writes the tables of docs/finetuning.md.

    make study-local-steps
    build/peers/bin/python scripts/studies/local_steps.py --page      # only the page, from what stands in build/studies

Two data sets. `synth`: a log whose click probabilities are known, so that ranking is also held against the truth, and users' true
drift. ml-latest-small: the schedules of an earlier trial in PyTorch, with each movie's first genre, as it had it, and with all of them.
All training, tuning and scoring is plumb's; only metrics are computed here.
"""

import argparse
import csv
import dataclasses
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.ipc
from scipy import stats

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "scripts/baseline"))
from ranking import pooled_auc, user_aucs, user_interval  # noqa: E402

PLUMB = ROOT / ".build/release/plumb"
BUILD = ROOT / "build/studies/local-steps"
PAGE = ROOT / "docs/finetuning.md"
ARMS = ["cloud", "finetuned", "corrected"]
PAIRS = [("finetuned", "cloud"), ("corrected", "cloud"), ("corrected", "finetuned")]
BATCH = 32
SYNTH = ["--rows", "400000", "--users", "4000", "--items", "5000", "--seed", "1"]


@dataclasses.dataclass(frozen=True)
class Cell:
    """A local schedule."""

    optimizer: str
    learning_rate: float
    epochs: int

    @property
    def name(self) -> str:
        passes = "1 pass" if self.epochs == 1 else f"{self.epochs} passes"
        return f"{self.optimizer.replace('sgd', 'SGD').replace('adam', 'Adam')} {self.learning_rate}, {passes}"

    @property
    def file(self) -> str:
        return f"{self.optimizer}-{self.learning_rate}-{self.epochs}.arrows"


TRIAL = [Cell("sgd", 0.01, 1), Cell("sgd", 0.01, 5), Cell("sgd", 0.1, 1), Cell("adam", 0.001, 1)]
MORE = [Cell("sgd", 0.1, 3), Cell("sgd", 0.1, 10), Cell("sgd", 0.1, 30), Cell("adam", 0.001, 10)]
REQUIRED = TRIAL[1:]
"""Those in which corrected labels are to rank better than raw ones on ml-latest-small."""

SYNTH_PIPELINE = """
name: synth
ingest:
  sources: {log: {path: log.csv, format: csv}}
  user: user
  time: time
  time_format: unix-seconds
  label: click
  item: item
  features: {category: {column: category}, probability: {column: probability, kind: dense}}
partition: {split: [0.7, 0.1, 0.2]}
train:
  {model: deepfm, features: [item, category], embedding_dimension: 16, hidden_sizes: [64, 32], optimizer: adam, learning_rate: 0.001,
    batch_size: 512, epochs: 20, patience: 3}
"""


@dataclasses.dataclass(frozen=True)
class Study:
    """A data set in a folder of build/studies, with its seeds and schedules."""

    name: str
    seeds: range
    cells: list[Cell]

    @property
    def folder(self) -> Path:
        return BUILD / self.name

    @property
    def store(self) -> Path:
        return self.folder / "run" / "store"

    def path(self, seed: int, cell: Cell) -> Path:
        return self.folder / f"seed-{seed}" / cell.file

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.name == "synth":
            log, truth = self.folder / "log.csv", self.folder / "truth.csv"
            plumb("synth", "-q", *SYNTH, "--with-probability", "--truth", truth, "-o", log)
            (self.folder / "pipeline.yaml").write_text(SYNTH_PIPELINE, encoding="utf-8")
            return
        text = (ROOT / "pipelines/movielens.yaml").read_text(encoding="utf-8")
        text = text.replace("../samples/", f"{ROOT}/samples/")
        if self.name == "movielens-first-genre":
            movies = "path: ../samples/ml-latest-small.zip, entry: ml-latest-small/movies.csv".replace("..", str(ROOT))
            assert movies in text
            text = text.replace(movies, "path: movies.csv")
            write_first_genres(self.folder / "movies.csv")
        (self.folder / "pipeline.yaml").write_text(text, encoding="utf-8")

    def run(self) -> None:
        """The store, and for each seed a cloud model and each schedule's predictions."""
        self.prepare()
        common = ["--pipeline", self.folder / "pipeline.yaml", "-q"]
        plumb("run", self.folder / "pipeline.yaml", "--until", "ctr", "-q", "-o", self.store.parent)
        for seed in self.seeds:
            print(f"{self.name}, seed {seed}", flush=True)
            model = self.folder / f"seed-{seed}" / "model.safetensors"
            model.parent.mkdir(exist_ok=True)
            plumb("train", self.store, *common, "--seed", seed, "-o", model)
            for cell in self.cells:
                plumb(
                    "finetune", self.store, *common, "--ctr", self.store.parent / "ctr.json", "--model", model,
                    "--seed", seed, "--arms", ",".join(ARMS), "--optimizer", cell.optimizer,
                    "--learning-rate", cell.learning_rate, "--epochs", cell.epochs, "--batch-size", BATCH,
                    "-o", self.path(seed, cell),
                )  # fmt: skip

    def predictions(self, seed: int, cell: Cell) -> pa.Table:
        """Of the test part."""
        table = pa.ipc.open_stream(self.path(seed, cell)).read_all()
        return table.filter(pa.compute.equal(table["part"].cast(pa.string()), "test"))


def plumb(*words) -> None:
    subprocess.run([str(word) for word in (PLUMB, *words)], check=True)


def write_first_genres(path: Path) -> None:
    """movies.csv of the archive with one genre a movie."""
    with zipfile.ZipFile(ROOT / "samples/ml-latest-small.zip") as archive:
        rows = list(csv.reader(io.TextIOWrapper(archive.open("ml-latest-small/movies.csv"), encoding="utf-8", newline="")))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([movie, title, genres.split("|")[0]] for movie, title, genres in rows)


class Scores:
    """A measure of each user's ranking, by seed, schedule and arm, over the users for whom it is defined: [seeds, users]."""

    def __init__(self, users: np.ndarray, samples: np.ndarray):
        self.users, self.samples = users, samples
        self.of: dict[tuple[Cell, str], np.ndarray] = {}

    def difference(self, cell: Cell, pair: tuple[str, str]) -> np.ndarray:
        return self.of[cell, pair[0]] - self.of[cell, pair[1]]

    def told(self, cell: Cell, pair: tuple[str, str], chosen: np.ndarray | None = None) -> "Told":
        """The difference of two arms, over some of the users if so said."""
        chosen = np.ones(len(self.users), dtype=bool) if chosen is None else chosen
        difference, samples = self.difference(cell, pair)[:, chosen], self.samples[chosen]
        return Told(np.average(difference, axis=1, weights=samples), *user_interval(difference.mean(0), samples))


@dataclasses.dataclass(frozen=True)
class Told:
    """A difference: its mean over users for each seed, and a 95 % interval over users of the mean over seeds."""

    by_seed: np.ndarray
    low: float
    high: float

    @property
    def mean(self) -> float:
        return float(self.by_seed.mean())

    @property
    def over_users(self) -> str:
        text = f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"
        return f"**{text}**" if self.low > 0 or self.high < 0 else text

    @property
    def over_seeds(self) -> str:
        """Student's 95 % interval of the mean over seeds."""
        count = len(self.by_seed)
        half = stats.t.ppf(0.975, count - 1) * self.by_seed.std(ddof=1) / count**0.5
        return f"[{self.mean - half:+.4f}, {self.mean + half:+.4f}]"

    @property
    def with_sd(self) -> str:
        return f"{self.mean:+.4f} ({self.by_seed.std(ddof=1):.4f})"


def gauc_scores(study: Study) -> Scores:
    """Each user's AUC against the labels of the test part; users with both classes there."""
    scores = None
    for cell in study.cells:
        made: dict[str, list[np.ndarray]] = {arm: [] for arm in ARMS}
        for seed in study.seeds:
            table = study.predictions(seed, cell)
            user, label = table["user"].to_numpy(), table["label"].to_numpy()
            for arm in ARMS:
                aucs, samples = user_aucs(user, label, table[f"logit_{arm}"].to_numpy())
                made[arm].append(aucs)
        if scores is None:
            keys, number = np.unique(user, return_inverse=True)
            positives, count = np.bincount(number, weights=label), np.bincount(number)
            scores = Scores(keys[(positives > 0) & (positives < count)], samples)
        scores.of |= {(cell, arm): np.stack(values) for arm, values in made.items()}
    return scores


def truth_scores(study: Study) -> Scores:
    """Each user's share of pairs of test samples in the order of their true click probabilities, ties of logits half; users with
    two such samples and more, weighted by samples as AUCs are."""
    paths = sorted(study.store.glob("bucket-*.arrows"))
    store = pa.concat_tables(pa.ipc.open_stream(path).read_all().unify_dictionaries() for path in paths)
    store = store.filter(pa.compute.equal(store["part"].cast(pa.string()), "test"))
    user, probability = store["user"].to_numpy(), store["probability"].to_numpy()
    starts = np.flatnonzero(np.diff(user, prepend=user[0] - 1))
    ranges = [(first, end) for first, end in zip(starts, [*starts[1:], len(user)])]
    ranges = [(first, end) for first, end in ranges if len(np.unique(probability[first:end])) > 1]
    order = np.argsort([user[first] for first, _ in ranges])
    ranges = [ranges[place] for place in order]
    scores = Scores(np.array([user[first] for first, _ in ranges]), np.array([end - first for first, end in ranges]))
    for cell in study.cells:
        for arm in ARMS:
            logits = []
            for seed in study.seeds:
                table = study.predictions(seed, cell)
                for column in ["user", "time"]:
                    if (table[column].cast(pa.int64()).to_numpy() != store[column].cast(pa.int64()).to_numpy()).any():
                        sys.exit(f"{study.path(seed, cell)}: not the store's test samples in its order")
                logits.append(table[f"logit_{arm}"].to_numpy())
            stacked = np.stack(logits)
            scores.of[cell, arm] = np.stack(
                [concordance(stacked[:, first:end], probability[first:end]) for first, end in ranges], axis=1
            )
    return scores


def concordance(logits: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Of each row of logits, the share of pairs in the order of probability."""
    above = probability[:, None] > probability
    agreeing = np.sign(logits[:, :, None] - logits[:, None, :])[:, above]
    return (1 + agreeing.mean(1)) / 2


SLICES = [
    ("well below, under -0.15", -1.0, -0.15),
    ("below, -0.15 to -0.05", -0.15, -0.05),
    ("near, within 0.05", -0.05, 0.05),
    ("above, 0.05 to 0.15", 0.05, 0.15),
    ("well above, over 0.15", 0.15, 1.0),
]


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def head(*cells: str) -> list[str]:
    return [row(*cells), row(*["---"] * len(cells))]


def heading(pair: tuple[str, str]) -> str:
    return f"`{pair[0]}` − `{pair[1]}`"


def gains(scores: Scores, cells: list[Cell], steps: dict[Cell, int]) -> list[str]:
    lines = head("local schedule", "steps", *map(heading, PAIRS))
    for cell in cells:
        lines.append(row(cell.name, str(steps[cell]), *(scores.told(cell, pair).over_users for pair in PAIRS)))
    return lines


def by_drift(scores: Scores, cells: list[Cell], drift: np.ndarray, pair: tuple[str, str]) -> list[str]:
    chosen = [(drift >= low) & (drift < high) for _, low, high in SLICES]
    lines = head("local schedule", *(f"{name} ({int(mask.sum())})" for (name, _, _), mask in zip(SLICES, chosen)))
    for cell in cells:
        lines.append(row(cell.name, *(scores.told(cell, pair, mask).over_users for mask in chosen)))
    return lines


def wins(scores: Scores, cells: list[Cell], drift: np.ndarray) -> str:
    """Where the interval of corrected − finetuned lies off 0."""
    ahead: dict[str, dict[str, int]] = {"corrected": {}, "finetuned": {}}
    for cell in cells:
        for _, low, high in SLICES:
            told = scores.told(cell, PAIRS[2], (drift >= low) & (drift < high))
            if told.low > 0 or told.high < 0:
                found = ahead["corrected" if told.low > 0 else "finetuned"]
                found[cell.name] = found.get(cell.name, 0) + 1
    parts = []
    for arm, found in ahead.items():
        named = "; ".join(f"{name} ({count} of {len(SLICES)} slices)" for name, count in found.items())
        parts.append(f"`{arm}` is ahead in {sum(found.values())} of {len(SLICES) * len(cells)}" + (f": {named}." if found else "."))
    return f"With an interval that does not hold 0, {' '.join(parts)}"


def synth_page(study: Study) -> list[str]:
    truth = pyarrow.csv.read_csv(study.folder / "truth.csv")
    drift_of = dict(zip(truth["user"].to_pylist(), truth["drift"].to_pylist()))
    table = study.predictions(study.seeds[0], study.cells[0])
    first = np.unique(table["user"].to_numpy(), return_index=True)[1]
    samples = np.median(table["train_samples"].to_numpy()[first])
    kept = float(np.mean(table["kept"].to_numpy(zero_copy_only=False)[first]))
    steps = {cell: int(cell.epochs * -(-samples // BATCH)) for cell in study.cells}
    lines = ["## Synthetic log", ""]
    lines += [
        f"`plumb synth {' '.join(SYNTH)} --with-probability`: {len(first)} users with test samples, {samples:.0f} train samples each in the",
        f"median, {kept:.1%} tuned (others, of one class, keep the cloud model and count as no difference). {len(study.seeds)} seeds of cloud",
        "model and shuffles. Brackets: 95 % bootstrap interval over users of the mean over seeds; bold where it does not hold 0.",
        "`steps`: of the median user.",
        "",
    ]
    measures = [
        ("Pairs in the order of their true click probabilities", truth_scores(study), PAIRS),
        ("GAUC, against the labels", gauc_scores(study), PAIRS[2:]),
    ]
    for title, scores, pairs in measures:
        cell = study.cells[0]
        level = np.average(scores.of[cell, "cloud"].mean(0), weights=scores.samples)
        drift = np.array([drift_of[int(user)] for user in scores.users])
        lines += [f"### {title}", "", f"{len(scores.users)} users; `cloud` {level:.4f}.", ""]
        lines += [*gains(scores, study.cells, steps), ""]
        for pair in pairs:
            lines += [f"{heading(pair)} by users' true drift (users):", ""]
            lines += [*by_drift(scores, study.cells, drift, pair), ""]
        lines += [wins(scores, study.cells, drift), ""]
    return lines


def movielens_page(study: Study, title: str) -> list[str]:
    scores = gauc_scores(study)
    level = np.average(scores.of[study.cells[0], "cloud"], axis=1, weights=scores.samples)
    tables = [study.predictions(seed, study.cells[0]) for seed in study.seeds]
    pooled = np.mean([pooled_auc(t["label"].to_numpy(), t["logit_cloud"].to_numpy()) for t in tables])
    lines = [f"### {title}", ""]
    lines += [f"`cloud`: GAUC {level.mean():.4f} (sd {level.std(ddof=1):.4f}), pooled AUC {pooled:.4f}; {len(scores.users)} users.", ""]
    columns = ["corrected − finetuned", "95 % over seeds", "95 % over users", "seeds above 0"]
    lines += head("local schedule", "finetuned GAUC", "corrected GAUC", *columns, "pooled AUC: finetuned, corrected")
    above, required = [], []
    for cell in study.cells:
        told = [scores.told(cell, pair) for pair in PAIRS]
        last, moved = told[2], pooled_moves(study, cell)
        lines.append(
            row(
                cell.name, *(one.with_sd for one in told), last.over_seeds, f"[{last.low:+.4f}, {last.high:+.4f}]",
                f"{int((last.by_seed > 0).sum())} of {len(last.by_seed)}", ", ".join(f"{move:+.3f}" for move in moved),
            )
        )  # fmt: skip
        if last.mean > 0:
            above.append(cell.name)
        if cell in REQUIRED:
            required.append(last.mean > 0)
    lines += ["", f"Mean of corrected − finetuned above 0 in {len(above)} of {len(study.cells)}: {'; '.join(above) or 'none'}."]
    lines += [f"Of the {len(required)} that an earlier trial in PyTorch found it for ({'; '.join(cell.name for cell in REQUIRED)}): {sum(required)}.", ""]
    return lines


def pooled_moves(study: Study, cell: Cell) -> list[float]:
    """Pooled AUC of tuned arms less the cloud's, mean over seeds."""
    moves = []
    for arm in ARMS[1:]:
        tables = [study.predictions(seed, cell) for seed in study.seeds]
        made = [[pooled_auc(t["label"].to_numpy(), t[f"logit_{a}"].to_numpy()) for a in (arm, "cloud")] for t in tables]
        moves.append(float(np.mean([tuned - cloud for tuned, cloud in made])))
    return moves


STUDIES = {
    "synth": Study("synth", range(1, 4), TRIAL + MORE),
    "movielens-first-genre": Study("movielens-first-genre", range(1, 6), TRIAL),
    "movielens": Study("movielens", range(1, 6), TRIAL),
}


def page() -> str:
    lines = synth_page(STUDIES["synth"])
    lines += ["## ml-latest-small", ""]
    lines += [
        "Differences from `cloud`, and of the two arms, mean (sd) over 5 seeds; intervals over seeds are Student's, those over users by",
        "bootstrap of the mean over seeds. Test part.",
        "",
    ]
    lines += movielens_page(STUDIES["movielens-first-genre"], "Item and first genre")
    lines += movielens_page(STUDIES["movielens"], "Item and all genres, as in pipelines/movielens.yaml")
    return "\n".join(lines).strip("\n")


def write_page() -> None:
    """Between the page's two marks; the rest of it is written by hand."""
    begin, end = "<!-- results: scripts/studies/local_steps.py -->", "<!-- end of results -->"
    text = PAGE.read_text(encoding="utf-8")
    assert begin in text, PAGE
    before, _, rest = text.partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{page()}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="store_true", help="run nothing")
    parser.add_argument("--studies", nargs="+", choices=STUDIES, default=list(STUDIES), help="what to run; all by default")
    options = parser.parse_args()
    if not options.page:
        for name in options.studies:
            STUDIES[name].run()
    write_page()


if __name__ == "__main__":
    main()
