#!/usr/bin/env python3
"""Trains every model by plumb and by PyTorch on the same store, split and schedule, and writes the table of docs/models.md.

    make compare-models                      # all of it; what stands in build/models is not done again
    python scripts/baseline/compare.py --side torch --models din dien
    python scripts/baseline/compare.py --amazon-hin PATH/amazon-hin.tar.gz

amazon-hin may not stand in this repository: without `--amazon-hin` its part of the table is made of what is in build/models.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLUMB = ROOT / ".build/release/plumb"
BUILD = ROOT / "build/models"
PAGE = ROOT / "docs/models.md"
SEEDS = [1, 2, 3]
PARTS = ["validation", "test"]
METRICS = [("gauc", "GAUC"), ("auc", "AUC")]
HISTORY_LENGTH = 20
# Four standard errors of a difference of two means over seeds, as in deepfm.py.
NOISE = 4

DEEP = {"embedding_dimension": 16, "hidden_sizes": [64, 32]}
DIN = DEEP | {"kind": "din", "attention_sizes": [80, 40]}
MODELS = {
    "LR": {"kind": "lr", "embedding_dimension": 0, "hidden_sizes": []},
    "FM": {"kind": "fm", "embedding_dimension": 16, "hidden_sizes": []},
    "Wide & Deep": DEEP | {"kind": "wide-deep"},
    "DeepFM": DEEP | {"kind": "deepfm"},
    "PNN": DEEP | {"kind": "pnn"},
    "DCN v2": DEEP | {"kind": "dcn-v2", "cross_layers": 3},
    "DIN, PReLU": DIN | {"activation": "prelu"},
    "DIN, Dice": DIN | {"activation": "dice"},
    "DIEN": DEEP | {"kind": "dien"},
}
DATA = {"movielens": "ml-latest-small", "amazon-hin": "amazon-hin"}


def slug(model: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")


def run(*command: "str | Path", **environment: str) -> None:
    subprocess.run([str(word) for word in command], check=True, env=os.environ | environment)


@dataclass(frozen=True)
class Dataset:
    """A data set's folder in build/models: its pipeline file, its store, and a result a side, model and seed."""

    name: str
    archive: Path | None

    @property
    def folder(self) -> Path:
        return BUILD / self.name

    @property
    def store(self) -> Path:
        return self.folder / "run" / "store"

    @property
    def pipeline(self) -> Path:
        return self.folder / "pipeline.yaml"

    def result(self, side: str, model: str, seed: int) -> Path:
        return self.folder / side / f"{slug(model)}-{seed}.json"

    def prepare(self) -> None:
        """The repository's pipeline, with histories, and its store. Models that have no use for histories do not see them."""
        text = (ROOT / "pipelines" / f"{self.name}.yaml").read_text(encoding="utf-8")
        text = text.replace("../samples/", f"{ROOT}/samples/")
        if self.archive:
            text = re.sub(r"(?<=&archive )\S+", str(self.archive.resolve()), text)
        split = "  split: [0.7, 0.1, 0.2]\n"
        assert split in text, self.name
        text = text.replace(split, f"{split}  history: {{features: [item], length: {HISTORY_LENGTH}}}\n")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pipeline.write_text(text, encoding="utf-8")
        run(PLUMB, "run", self.pipeline, "--until", "ctr", "-q", "-o", self.store.parent)

    def features(self) -> list[str]:
        """The store's features without histories: what models see that have no use for these."""
        return [feature["name"] for feature in json.loads((self.store / "manifest.json").read_text())["features"]]

    @property
    def fingerprint(self) -> str:
        return json.loads((self.store / "manifest.json").read_text())["fingerprint"]

    def is_done(self, side: str, model: str, seed: int) -> bool:
        """Whether a result stands there, of this store and these settings."""
        path = self.result(side, model, seed)
        if not path.exists():
            return False
        told = json.loads(path.read_text())
        return told["store"] == self.fingerprint and told["settings"] == MODELS[model]

    def train_torch(self, model: str, seeds: list[int]) -> None:
        output = str(self.result("torch", model, 0)).replace("-0.json", "-{seed}.json")
        architecture = json.dumps(MODELS[model])
        run(
            sys.executable, HERE / "zoo.py", self.store, "--architecture", architecture,
            "--seeds", *map(str, seeds), "-o", output,
        )  # fmt: skip

    def train_plumb(self, model: str, seed: int) -> None:
        """`train`, then validation and test samples scored by `finetune`'s arms that tune nothing."""
        output = self.result("plumb", model, seed)
        weights, predictions = output.with_suffix(".safetensors"), output.with_suffix(".arrows")
        settings = {"activation": "relu"} | {key: value for key, value in MODELS[model].items() if key != "kind" and value}
        if MODELS[model]["kind"] not in ("din", "dien"):
            settings["features"] = self.features()
        text = self.pipeline.read_text(encoding="utf-8")
        section = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in settings.items())
        section = f"train:\n  model: {MODELS[model]['kind']}\n{section}"
        old = re.search(r"^train:\n(?:  .*\n)+", text, re.MULTILINE).group()
        kept = "".join(
            f"  {line}\n" for line in re.findall(r"(?:optimizer|learning_rate|batch_size|epochs|patience): .*", old)
        )
        pipeline = output.with_suffix(".yaml")
        pipeline.write_text(text.replace(old, section + kept), encoding="utf-8")
        account = output.with_suffix(".account")
        common = ["--pipeline", pipeline, "-q"]
        run(PLUMB, "train", self.store, *common, "--seed", seed, "--summary", account, "-o", weights)
        run(
            PLUMB, "finetune", self.store, *common, "--ctr", self.store.parent / "ctr.json", "--model", weights,
            "--arms", "item_mean,cloud", "--seed", seed, "-o", predictions,
        )  # fmt: skip
        told = json.loads(account.read_text())
        result = {
            "settings": MODELS[model], "seed": seed, "store": self.fingerprint,
            "passes": told["passes"], "best_pass": told["best_pass"], "seconds": told["seconds"],
        }  # fmt: skip
        for part in PARTS:
            metrics = output.with_suffix(f".{part}.json")
            run(PLUMB, "evaluate", predictions, *common, "--part", part, "-o", metrics)
            arms = json.loads(metrics.read_text())["arms"]
            result[part] = {key: arms["cloud"][key] for key, _ in METRICS}
            result[f"item_mean_{part}"] = {key: arms["item_mean"][key] for key, _ in METRICS}
            metrics.unlink()
        for path in (weights, predictions, account, pipeline):
            path.unlink()
        output.write_text(json.dumps(result) + "\n", encoding="utf-8")

    def results(self, side: str, model: str) -> list[dict]:
        paths = [self.result(side, model, seed) for seed in SEEDS]
        return [json.loads(path.read_text()) for path in paths if path.exists()]


def spread(values: list[float]) -> str:
    sd = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{sd}"


def noise(first: list[float], second: list[float]) -> float:
    return NOISE * (statistics.variance(first) / len(first) + statistics.variance(second) / len(second)) ** 0.5


def compared(ours: list[float], theirs: list[float]) -> list[str]:
    """Cells: plumb, PyTorch, and plumb's less PyTorch's with what seeds alone explain of it."""
    cells = [spread(values) if values else "" for values in (ours, theirs)]
    if min(len(ours), len(theirs)) < 2:
        return [*cells, ""]
    difference, limit = statistics.mean(ours) - statistics.mean(theirs), noise(ours, theirs)
    inside = abs(difference) <= limit
    return [*cells, f"{difference:+.4f}, inside {limit:.4f}" if inside else f"**{difference:+.4f}, outside {limit:.4f}**"]


def best_pass(results: list[dict]) -> str:
    return f"{statistics.mean(result['best_pass'] for result in results):.1f}"


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def table(dataset: Dataset, metric: str, title: str) -> list[str]:
    """A row a model, both parts side by side."""
    parts = list(reversed(PARTS))
    head = [title, *(f"{what}, {part}" for part in parts for what in ("plumb", "PyTorch", "difference"))]
    lines = [row(head), row(["---"] * len(head))]
    floors = [result for model in MODELS for result in dataset.results("plumb", model)][:1]
    for floor in floors:
        lines.append(row(["`item_mean`", *(c for part in parts for c in (f"{floor[f'item_mean_{part}'][metric]:.4f}", "", ""))]))
    for model in MODELS:
        sides = [dataset.results(side, model) for side in ("plumb", "torch")]
        cells = [cell for part in parts for cell in compared(*([r[part][metric] for r in side] for side in sides))]
        lines.append(row([model, *cells]))
    return lines


def page(datasets: list[Dataset]) -> str:
    lines = []
    for dataset in datasets:
        lines += [f"## {DATA[dataset.name]}", ""]
        for metric, title in METRICS:
            lines += [*table(dataset, metric, title), ""]
        passes = [
            f"{model} {' and '.join(best_pass(side) for side in sides)}"
            for model in MODELS
            if all(sides := [dataset.results(side, model) for side in ("plumb", "torch")])
        ]
        if passes:
            lines += [f"Best pass, mean over seeds, by plumb and by PyTorch: {'; '.join(passes)}.", ""]
    return "\n".join(lines).strip("\n")


def write_page(datasets: list[Dataset]) -> None:
    """Between the page's two marks; the rest of it is written by hand."""
    begin, end = "<!-- results: scripts/baseline/compare.py -->", "<!-- end of results -->"
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    tail = rest.partition(end)[2]
    PAGE.write_text(f"{head}{begin}\n\n{page(datasets)}\n\n{end}{tail}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", choices=["torch", "plumb", "both", "none"], default="both", help="what to train by")
    parser.add_argument("--models", nargs="+", choices=[slug(model) for model in MODELS], help="all by default")
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--amazon-hin", type=Path, metavar="ARCHIVE", help="the real data set, from wherever it is kept")
    parser.add_argument("--no-page", action="store_true", help="leave docs/models.md as it is")
    options = parser.parse_args()
    datasets = [Dataset(name, options.amazon_hin if name == "amazon-hin" else None) for name in DATA]
    for dataset in datasets:
        if dataset.name not in options.data or options.side == "none":
            continue
        if dataset.name == "amazon-hin" and not dataset.archive:
            print("skipped: amazon-hin, whose archive is not named (--amazon-hin)", flush=True)
            continue
        dataset.prepare()
        for model in MODELS:
            if options.models and slug(model) not in options.models:
                continue
            for side in ["torch", "plumb"]:
                missing = [seed for seed in SEEDS if not dataset.is_done(side, model, seed)]
                if options.side not in (side, "both") or not missing:
                    continue
                print(f"{dataset.name}: {model} by {side}, seeds {missing}", flush=True)
                dataset.result(side, model, 0).parent.mkdir(exist_ok=True)
                if side == "torch":
                    dataset.train_torch(model, missing)
                else:
                    for seed in missing:
                        dataset.train_plumb(model, seed)
    if not options.no_page:
        write_page(datasets)


if __name__ == "__main__":
    main()
