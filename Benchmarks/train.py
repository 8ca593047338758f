#!/usr/bin/env python3
"""Times the steps of `plumb train` beside PyTorch's on the same samples in the same run.

    make bench-train                       # or RUNS=5, or taskset -c 2,3 make bench-train

Checks first that both sides compute the same, then runs them in turn, prints a table and writes build/bench/train.json.
README.md says how to read it.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys

import measuring
from measuring import Candidate, Failure

TIMES_PYTORCH = {"deepfm": 3.0, "din": 2.5}
LARGE_TABLE = 1.15
MEMORY_MIB = 64
CHECK_STEPS = 5
WEIGHTS_APART = 1e-3
LOSS_APART = 0.01
PLUMB_PASSES = 3
STEPS = 60
SLOW_SHARE = 0.7
"""A candidate of PyTorch's that in the first round comes to less than this share of the best one is run no more."""
SAMPLES = {"deepfm": 327_680, "din": 64_000}
ROWS = {"20k": 20_000, "1m": 1_000_000}
THREADS = [1, 2]
LOGS = {"deepfm": ["deepfm"], "din": ["din-full", "din-real"]}

HERE = pathlib.Path(__file__).resolve().parent
PLUMB = pathlib.Path(".build/release/plumb")
BENCH = pathlib.Path("build/bench")

PIPELINE = """
name: train-benchmark
ingest:
  sources: {{log: {{path: {log}, format: csv}}}}
  user: user
  time: time
  time_format: unix-seconds
  label: click
  features: {{{features}}}
partition: {{split: [1, 0, 0]{history}}}
train: {{model: {model}, {sizes}, activation: relu, optimizer: adam, learning_rate: 0.001, batch_size: {batch}, epochs: {passes}}}
"""
TABLES = {
    "deepfm": {"item": None, "category": 1_000, "shop": 5_000, "city": 300, "hour": 24},
    "din": {"item": None, "category": 1_000},
}
SIZES = {
    "deepfm": "embedding_dimension: 16, hidden_sizes: [256, 128, 64]",
    "din": "embedding_dimension: 18, attention_sizes: [80, 40], hidden_sizes: [200, 80]",
}
HISTORY = {"deepfm": "", "din": ", history: {features: [item, category], length: 50}"}
BATCH = {"deepfm": 1024, "din": 256}


@dataclasses.dataclass
class Job:
    """A model, a log and a size of the item table."""

    name: str
    model: str
    log: str
    rows: str
    folder: pathlib.Path

    @property
    def pipeline(self) -> pathlib.Path:
        return self.folder / "pipeline.yaml"

    @property
    def store(self) -> pathlib.Path:
        return self.folder / "run" / "store"

    @property
    def start(self) -> pathlib.Path:
        return self.folder / "start.safetensors"

    def prepare(self, logs: pathlib.Path) -> None:
        """The store, and the weights that plumb starts with: those after steps too small to be seen."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tables = {name: size or ROWS[self.rows] for name, size in TABLES[self.model].items()}
        text = PIPELINE.format(
            log=json.dumps(str((logs / f"{self.log}.csv").resolve())),
            features=", ".join(f"{name}: {{hash_size: {size}}}" for name, size in tables.items()),
            history=HISTORY[self.model], model=self.model, sizes=SIZES[self.model], batch=BATCH[self.model],
            passes=PLUMB_PASSES,
        )  # fmt: skip
        self.pipeline.write_text(text, encoding="utf-8")
        command = [str(PLUMB), "run", str(self.pipeline), "--until", "partition", "-q", "-o", str(self.store.parent)]
        measuring.run(Candidate(self.name, "plumb", command))
        self.train(self.start, "--epochs", "1", "--learning-rate", "1e-30")

    def train(self, output: pathlib.Path, *arguments: str) -> dict:
        """One run of plumb's, and its account."""
        candidate = self.plumb(1, output, *arguments)
        measuring.run(candidate)
        return json.loads(candidate.output.read_text())

    def plumb(self, threads: int, model: pathlib.Path, *arguments: str) -> Candidate:
        account = model.with_suffix(".json")
        command = [str(PLUMB), "train", str(self.store), "--pipeline", str(self.pipeline), "--threads", str(threads)]
        command += ["-q", "--summary", str(account), "-o", str(model), *arguments]
        return Candidate(self.name, "plumb", command, account)

    def peer(self, command: str, output: pathlib.Path, *arguments: str) -> Candidate:
        call = [sys.executable, str(HERE / "train_peers.py"), command, str(self.store), "--model", self.model]
        call += ["--weights", str(self.start), "-o", str(output), *arguments]
        return Candidate(self.name, "torch", call, output)


def jobs_of(models: list[str], out: pathlib.Path) -> list[Job]:
    jobs = []
    for model in models:
        for log in LOGS[model]:
            for rows in ROWS:
                name = f"train {model} {rows}" + (", real lengths" if log == "din-real" else "")
                jobs.append(Job(name, model, log, rows, out / f"{log}-{rows}"))
    return jobs


def check(model: str, logs: pathlib.Path, out: pathlib.Path) -> None:
    """Steps over all samples of a small store at once, so that their order is nothing: both sides must come to the same weights."""
    job = Job(f"check {model}", model, f"{model}-check", "20k", out / f"{model}-check")
    job.prepare(logs)
    trained = job.folder / "trained.safetensors"
    job.train(trained, "--epochs", str(CHECK_STEPS), "--batch-size", "1000000")
    steps = ["--steps", str(CHECK_STEPS), "--trained", str(trained)]
    told = measuring.told_by(job.peer("check", job.folder / "check.json", *steps))
    text = f"{told['apart']:.1e} of their way apart at most ({told['apart_most']})"
    if told["apart"] > WEIGHTS_APART:
        raise Failure(f"{model}: after {CHECK_STEPS} steps from the same weights plumb's and PyTorch's are {text}")
    losses = ", ".join(f"{loss:.5f}" for loss in told["losses"])
    print(f"checked: {model}: {CHECK_STEPS} steps over {told['samples']} samples, losses {losses}: weights {text}", flush=True)


def check_pass(job: Job) -> None:
    """A whole pass in minibatches, whose order is each side's own: the mean losses must be nearly the same."""
    ours = passes_of(job.train(job.folder / "pass.safetensors", "--epochs", "1"))[0]["loss"]
    how = ["--style", "tuned", "--optimizer", "sparse-adam", "--batch", str(BATCH[job.model])]
    theirs = measuring.told_by(job.peer("time", job.folder / "pass-torch.json", *how))["loss"]
    text = f"mean loss of a pass {ours:.4f} by plumb, {theirs:.4f} by PyTorch"
    if not abs(ours - theirs) < LOSS_APART:
        raise Failure(f"{job.name}: {text}")
    print(f"checked: {job.name}: {text}", flush=True)


def passes_of(account: dict) -> list[dict]:
    """What `plumb train --summary` tells of each pass: `train_seconds`, those of its steps, and `loss`."""
    return account["epochs"]


@dataclasses.dataclass
class Entrant:
    """One tool, in one style, with some threads, at one job, and what came of it."""

    job: Job
    tool: str
    threads: int
    candidate: Candidate
    rates: list[float] = dataclasses.field(default_factory=list)
    """Samples a second, a run."""
    peaks_mib: list[float] = dataclasses.field(default_factory=list)
    flops: float = 0
    items: int = 0
    note: str = ""

    @property
    def is_plumb(self) -> bool:
        return self.tool == "plumb"

    @property
    def is_tuned(self) -> bool:
        return self.tool.endswith(" tuned")

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    def gflops(self) -> float:
        """Of linear layers alone, by real lengths of histories; backward takes twice as much as forward."""
        return 3 * self.flops * self.rate / 1e9

    def run(self) -> None:
        done = measuring.run(self.candidate)
        told = json.loads(self.candidate.output.read_text())
        self.peaks_mib.append(done.peak_mib)
        if self.is_plumb:
            passes = passes_of(told)
            self.items = told["train_samples"]
            self.rates.append(self.items / statistics.median(one["train_seconds"] for one in passes))
        else:
            self.items, self.flops = told["store_samples"], told["flops"]
            self.rates.append(told["samples"] / told["seconds"])
            self.note = f"{told['samples']} of the samples timed"
            if told["history_length"]:
                self.note += f"; histories of {told['history_length']:.1f} on average, padded to 50"

    def row(self, versions: dict[str, str], peak: dict[int, float]) -> dict:
        """The row of train.json; times are of one pass over the job's samples."""
        return {
            "job": self.job.name,
            "tool": self.tool.replace(" ", "-"),
            "threads": self.threads,
            "median_s": round(self.items / self.rate, 4),
            "runs_s": [round(self.items / rate, 4) for rate in self.rates],
            "rate": round(self.rate),
            "unit": "samples/s",
            "peak_mib": round(max(self.peaks_mib), 1),
            "items": self.items,
            "gflops": round(self.gflops(), 1),
            "sgemm_share": round(self.gflops() / peak[self.threads], 3),
            "version": versions["plumb" if self.is_plumb else "torch"],
            "note": self.note,
        }


def entrants_of(job: Job, steps: int) -> list[Entrant]:
    made = []
    for threads in THREADS:
        made.append(Entrant(job, "plumb", threads, job.plumb(threads, job.folder / "trained.safetensors")))
    for style, suffix in [("plain", ""), ("tuned", " tuned")]:
        for optimizer in ["adam", "sparse-adam"]:
            for threads in THREADS:
                how = ["--style", style, "--optimizer", optimizer, "--threads", str(threads)]
                how += ["--batch", str(BATCH[job.model]), "--steps", str(steps)]
                candidate = job.peer("time", job.folder / "torch.json", *how)
                made.append(Entrant(job, f"torch-{optimizer}{suffix}", threads, candidate))
    return made


def time_job(job: Job, options) -> list[Entrant]:
    """All in turn, every other round backwards; after the first without those that are far behind."""
    print(f"timing {job.name}", flush=True)
    entrants = entrants_of(job, options.steps)
    running = entrants
    for round_ in range(options.runs):
        for entrant in running if round_ % 2 == 0 else reversed(running):
            entrant.run()
        if round_ == 0:
            running = [e for e in entrants if e.is_plumb or e.rate >= SLOW_SHARE * best(entrants, e.is_tuned).rate]
    for entrant in entrants:
        entrant.flops = next(other.flops for other in entrants if other.flops)
    return entrants


def best(entrants: list[Entrant], is_tuned: bool) -> Entrant:
    """The fastest of PyTorch's in a style."""
    return max((e for e in entrants if not e.is_plumb and e.is_tuned == is_tuned), key=lambda entrant: entrant.rate)


def ours(entrants: list[Entrant]) -> Entrant:
    return max((e for e in entrants if e.is_plumb), key=lambda entrant: entrant.rate)


def table(results: list[list[Entrant]], peak: dict[int, float]) -> str:
    lines = [["job", "tool", "threads", "samples/s", "min", "max", "GFLOP/s", "of sgemm", "peak MiB", "x best plain", "x best tuned"]]
    for entrants in results:
        plain, tuned = best(entrants, False), best(entrants, True)
        for e in entrants:
            lines.append(
                [e.job.name, e.tool, str(e.threads)]
                + [f"{value:.0f}" for value in (e.rate, min(e.rates), max(e.rates))]
                + [f"{e.gflops():.1f}", f"{e.gflops() / peak[e.threads]:.0%}", f"{max(e.peaks_mib):.0f}"]
                + [f"{e.rate / plain.rate:.2f}", f"{e.rate / tuned.rate:.2f}"]
            )
    return measuring.aligned(lines)


def goals(results: list[list[Entrant]]) -> list[tuple[bool, str]]:
    told = []
    by_rows: dict[tuple[str, str], float] = {}
    for entrants in results:
        job, plumb = entrants[0].job, ours(entrants)
        by_rows[job.log, job.rows] = plumb.rate
        for other, style in [(best(entrants, False), "plain"), (best(entrants, True), "tuned")]:
            value, least = plumb.rate / other.rate, TIMES_PYTORCH[job.model]
            name = f"{other.tool}, {measuring.counted(other.threads)}"
            told.append((value >= least, f"{job.name}: {value:.2f} x the best {style} PyTorch ({name}), at least {least}"))
        model_mib = job.start.stat().st_size / (1 << 20)
        limit = 3 * model_mib + MEMORY_MIB
        peak = max(max(e.peaks_mib) for e in entrants if e.is_plumb)
        text = f"{job.name}: peak memory {peak:.0f} MiB, at most {limit:.0f}: model {model_mib:.0f}, Adam's state {2 * model_mib:.0f}"
        told.append((peak <= limit, f"{text}, and {MEMORY_MIB}"))
    for log in dict.fromkeys(log for log, _ in by_rows):
        value = by_rows[log, "20k"] / by_rows[log, "1m"]
        told.append((value <= LARGE_TABLE, f"{log}: a step with 1m items takes {value:.2f} x one with 20k, at most {LARGE_TABLE}"))
    return told


def bench(options) -> None:
    from importlib.metadata import version

    out = BENCH / "out"
    out.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    versions = {"plumb": measuring.version_of([str(PLUMB), "--version"]), "torch": version("torch")}
    try:
        measuring.pin(max(THREADS))
        logs = out / "logs"
        making = [sys.executable, str(HERE / "train_logs.py"), str(logs), "--samples", str(SAMPLES["deepfm"])]
        measuring.run(Candidate("logs", "train_logs.py", [*making, "--history-samples", str(SAMPLES["din"])]))
        jobs = jobs_of(options.models, out)
        for model in options.models:
            check(model, logs, out)
        for job in jobs:
            job.prepare(logs)
            check_pass(job)
        peak = {threads: measuring.sgemm_peak(threads, out) for threads in THREADS}
        results = [time_job(job, options) for job in jobs]
        peak = {threads: max(before, measuring.sgemm_peak(threads, out)) for threads, before in peak.items()}
        print(f"\n{measuring.machine()}; load average {load:.1f} at the start")
        print("; ".join(f"{tool} {text}" for tool, text in versions.items()))
        print(", ".join(f"sgemm {gflops:.0f} GFLOP/s with {measuring.counted(threads)}" for threads, gflops in peak.items()))
        print(f"batches of {BATCH['deepfm']} (DeepFM) and {BATCH['din']} (DIN); {options.runs} runs, interleaved\n")
        print(table(results, peak))
        print("\n`plain`: a table a field, optimisers by their defaults; `tuned`: one table, fused steps. Histories are padded to 50 by")
        print("PyTorch; GFLOP/s are of linear layers, by real lengths, forward and backward, on both sides.")
        for job, entrants in zip(jobs, results):
            print(f"{job.name}: PyTorch: {next(e.note for e in entrants if e.note)}")
        print()
        for met, text in goals(results):
            print(f"{'met   ' if met else 'missed'}  {text}")
        path = BENCH / "train.json"
        measuring.write_json(path, [e.row(versions, peak) for entrants in results for e in entrants])
        print(f"\nwrote {path}")
    finally:
        measuring.remove(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each tool and job")
    parser.add_argument("--models", nargs="+", choices=list(LOGS), default=list(LOGS))
    parser.add_argument("--steps", type=int, default=STEPS, help="steps that PyTorch is timed for")
    options = parser.parse_args()
    if min(options.runs, options.steps) < 1:
        parser.error("--runs and --steps must be at least 1")
    os.chdir(HERE.parent)
    measuring.raise_on_termination()
    try:
        bench(options)
    except (Failure, subprocess.CalledProcessError) as failure:
        sys.exit(f"bench-train: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
