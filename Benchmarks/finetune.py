#!/usr/bin/env python3
"""Times `plumb finetune`, a model a user, beside PyTorch's on the same samples in the same run.

    make bench-finetune                    # or RUNS=5, or taskset -c 2,3 make bench-finetune

Checks first that all come to the same scores, then runs them in turn, prints a table and writes build/bench/finetune.json.
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
from measuring import Candidate, Failure, counted

LEAST_RATE = 45_000
TIMES_PYTORCH = 5.0
LARGE_TABLE = 1.1
FLAT_MEMORY = 1.15
SCORES_APART = 1e-5
THREADS = [1, 2]
ROWS = {"20k": 20_000, "1m": 1_000_000}
CHECKED = {"20k": 200, "1m": 20}
"""Users that the scores of all tools are compared for; plumb's, whoever is timed, are of all users."""
COPIED = {"20k": 100, "1m": 10}
"""Users that PyTorch is timed for where it copies the whole model."""
BLOCKS = [16, 32, 64, 128]
SLOW_SHARE = 0.7
"""What in the first round comes to less than this share of its tool's best, with as many threads, is run no more."""
SAMPLES, TESTS = 100, 10
FLOPS = 2 * (32 * 64 + 64 * 32 + 32) * (3 * SAMPLES + TESTS)
"""A user's multiplications and additions in linear layers: forward for all samples, backward twice that for those tuned on."""

HERE = pathlib.Path(__file__).resolve().parent
PLUMB = pathlib.Path(".build/release/plumb")
BENCH = pathlib.Path("build/bench")

PIPELINE = """
name: finetune-benchmark
ingest:
  sources: {{log: {{path: {log}, format: csv}}}}
  user: user
  time: time
  time_format: unix-seconds
  label: click
  features: {{item: {{hash_size: {rows}}}, category: {{hash_size: 1000}}}}
partition: {{split: [last, 0, {tests}]}}
train:
  {{model: wide-deep, embedding_dimension: 16, hidden_sizes: [64, 32], activation: relu, optimizer: adam, learning_rate: 0.001,
    batch_size: 1024, epochs: 1}}
finetune:
  {{arms: [finetuned], optimizer: sgd, learning_rate: 0.1, epochs: 1, batch_size: 32, single_class: tune}}
"""


@dataclasses.dataclass
class Job:
    """So many users, and a size of the item table."""

    name: str
    users: int
    rows: str
    folder: pathlib.Path

    @property
    def pipeline(self) -> pathlib.Path:
        return self.folder / "pipeline.yaml"

    @property
    def store(self) -> pathlib.Path:
        return self.folder / "run" / "store"

    @property
    def model(self) -> pathlib.Path:
        return self.folder / "model.safetensors"

    @property
    def predictions(self) -> pathlib.Path:
        return self.folder / "predictions.arrows"

    def prepare(self, logs: pathlib.Path) -> None:
        """The store, its global CTR, and a cloud model of one pass."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = json.dumps(str((logs / f"users-{self.users}.csv").resolve()))
        self.pipeline.write_text(PIPELINE.format(log=log, rows=ROWS[self.rows], tests=TESTS), encoding="utf-8")
        settings = ["--pipeline", str(self.pipeline), "-q"]
        run = [str(PLUMB), "run", str(self.pipeline), "--until", "ctr", "-q", "-o", str(self.store.parent)]
        measuring.run(Candidate(self.name, "plumb", run))
        train = [str(PLUMB), "train", str(self.store), *settings, "-o", str(self.model)]
        measuring.run(Candidate(self.name, "plumb", train))

    def plumb(self, threads: int) -> Candidate:
        """Writes predictions, and beside them its timings, which are what it leaves."""
        timings = self.folder / "timings.json"
        command = [str(PLUMB), "finetune", str(self.store), "--pipeline", str(self.pipeline), "--threads", str(threads), "-q"]
        command += ["--ctr", str(self.store.parent / "ctr.json"), "--model", str(self.model)]
        return Candidate(self.name, "plumb", [*command, "--timings", str(timings), "-o", str(self.predictions)], timings)

    def peer(self, command: str, *arguments: str) -> Candidate:
        output = self.folder / "torch.json"
        call = [sys.executable, str(HERE / "finetune_peers.py"), command, str(self.store), "--weights", str(self.model)]
        return Candidate(self.name, "torch", [*call, "-o", str(output), *arguments], output)


def check(job: Job) -> None:
    """The scores of all tools from the same cloud model, the same samples in the same order."""
    digests = set()
    for threads in THREADS:
        told = measuring.told_by(job.plumb(threads))
        if told["users"] != job.users or told["tuned"] != job.users:
            raise Failure(f"{job.name}: plumb tuned {told['tuned']} of {told['users']} users, {job.users} are in the log")
        digests.add(measuring.digest(job.predictions))
    if len(digests) > 1:
        raise Failure(f"{job.name}: plumb's predictions depend on the number of threads")
    count = min(CHECKED[job.rows], job.users)
    told = measuring.told_by(job.peer("check", "--predictions", str(job.predictions), "--users", str(count)))
    apart = ", ".join(f"{name} {value:.1e}" for name, value in told["apart"].items())
    text = f"{job.name}: test logits of {told['users']} users, whose sd is {told['spread']:.3f} and which tuning moved by up to "
    text += f"{told['moved']:.2f} of that: apart from torch-loop's by {apart} of it"
    if not (all(value <= SCORES_APART for value in told["apart"].values()) and SCORES_APART < told["moved"]):
        raise Failure(text)
    print(f"checked: {text}", flush=True)


@dataclasses.dataclass
class Entrant:
    """One tool, in one way, with some threads, at one job, and what came of it."""

    job: Job
    tool: str
    threads: int
    candidate: Candidate
    how: str = ""
    rates: list[float] = dataclasses.field(default_factory=list)
    """Users a second, a run."""
    peaks_mib: list[float] = dataclasses.field(default_factory=list)
    note: str = ""

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def gflops(self) -> float:
        return FLOPS * self.rate / 1e9

    def run(self) -> None:
        done = measuring.run(self.candidate)
        told = json.loads(self.candidate.output.read_text())
        self.peaks_mib.append(done.peak_mib)
        self.rates.append(told["users"] / told["seconds"])
        if self.tool == "plumb":
            micros = told["user_microseconds"]
            self.note = f"a user takes {micros['p50']:.1f} µs (median), {micros['p99']:.1f} µs (99 %) of a thread"
        else:
            self.note = "; ".join(([self.how] if self.how else []) + [f"{told['users']} of the users timed"])

    def row(self, versions: dict[str, str], peak: dict[int, float]) -> dict:
        """The row of finetune.json; times are of all the job's users."""
        return {
            "job": self.job.name,
            "tool": self.tool,
            "threads": self.threads,
            "median_s": round(self.job.users / self.rate, 4),
            "runs_s": [round(self.job.users / rate, 4) for rate in self.rates],
            "rate": round(self.rate),
            "unit": "users/s",
            "peak_mib": round(max(self.peaks_mib), 1),
            "items": self.job.users,
            "gflops": round(self.gflops, 1),
            "sgemm_share": round(self.gflops / peak[self.threads], 3),
            "version": versions["plumb" if self.tool == "plumb" else "torch"],
            "note": self.note,
        }


def entrants_of(job: Job, only_plumb: bool) -> list[Entrant]:
    made = [Entrant(job, "plumb", threads, job.plumb(threads)) for threads in THREADS]
    for threads in [] if only_plumb else THREADS:
        few = ["--way", "loop", "--users", str(COPIED[job.rows]), "--threads", str(threads)]
        made.append(Entrant(job, "torch-loop", threads, job.peer("time", *few)))
        for way in ["vmap", "bmm"]:
            for block in BLOCKS:
                ways = [("--threads", "PyTorch's threads")] + ([("--workers", "a block a thread")] if threads > 1 else [])
                for flag, how in ways:
                    candidate = job.peer("time", "--way", way, "--block", str(block), flag, str(threads))
                    how = f"blocks of {block} users" + (f", {how}" if threads > 1 else "")
                    made.append(Entrant(job, f"torch-{way}", threads, candidate, how))
    return made


def bests(entrants: list[Entrant]) -> list[Entrant]:
    """Each tool's fastest way with each number of threads."""
    best: dict[tuple[str, int], Entrant] = {}
    for e in entrants:
        kept = best.setdefault((e.tool, e.threads), e)
        if e.rate > kept.rate:
            best[e.tool, e.threads] = e
    return list(best.values())


def time_job(job: Job, runs: int, only_plumb: bool = False) -> list[Entrant]:
    """All in turn, every other round backwards; after the first round without what is far behind."""
    print(f"timing {job.name}", flush=True)
    running = entrants_of(job, only_plumb)
    for round_ in range(runs):
        for entrant in running if round_ % 2 == 0 else reversed(running):
            entrant.run()
        if round_ == 0:
            best = {(e.tool, e.threads): e.rate for e in bests(running)}
            running = [e for e in running if e.rate >= SLOW_SHARE * best[e.tool, e.threads]]
    return bests(running)


def ours(entrants: list[Entrant]) -> Entrant:
    return max((e for e in entrants if e.tool == "plumb"), key=lambda entrant: entrant.rate)


def best_peer(entrants: list[Entrant]) -> Entrant | None:
    return max((e for e in entrants if e.tool != "plumb"), key=lambda entrant: entrant.rate, default=None)


def table(results: list[list[Entrant]], peak: dict[int, float]) -> str:
    lines = [["job", "tool", "threads", "users/s", "min", "max", "GFLOP/s", "of sgemm", "peak MiB", "x best PyTorch"]]
    for entrants in results:
        peer = best_peer(entrants)
        for e in entrants:
            lines.append(
                [e.job.name, e.tool, str(e.threads)]
                + [f"{value:.0f}" for value in (e.rate, min(e.rates), max(e.rates))]
                + [f"{e.gflops:.1f}", f"{e.gflops / peak[e.threads]:.0%}", f"{max(e.peaks_mib):.0f}"]
                + [f"{e.rate / peer.rate:.2f}" if peer else ""]
            )
    return measuring.aligned(lines)


def goals(results: list[list[Entrant]]) -> list[tuple[bool, str]]:
    told = []
    plumbs = {entrants[0].job.name: ours(entrants) for entrants in results}
    for entrants in results:
        name, plumb, peer = entrants[0].job.name, ours(entrants), best_peer(entrants)
        if not peer:
            continue
        rate = f"{name}: {plumb.rate:.0f} users/s with {counted(plumb.threads)}"
        told.append((plumb.rate >= LEAST_RATE, f"{rate}, at least {LEAST_RATE}"))
        value, by = plumb.rate / peer.rate, f"{peer.tool}, {counted(peer.threads)}"
        told.append((value >= TIMES_PYTORCH, f"{name}: {value:.2f} x the best PyTorch ({by}), at least {TIMES_PYTORCH}"))
    small, large = plumbs["finetune 20k"], plumbs["finetune 1m"]
    value = small.rate / large.rate
    told.append((value <= LARGE_TABLE, f"a user with 1m items takes {value:.2f} x one with 20k, at most {LARGE_TABLE}"))
    for name, plumb in plumbs.items():
        if plumb.job.rows == "20k" and plumb is not small:
            most = {e.job.name: max(max(o.peaks_mib) for o in r if o.tool == "plumb") for r in results for e in r}
            value = most[name] / most["finetune 20k"]
            text = f"{name}: peak memory {most[name]:.0f} MiB, {value:.2f} x that of {small.job.users} users"
            told.append((value <= FLAT_MEMORY, f"{text}, at most {FLAT_MEMORY}"))
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
        jobs = [Job(f"finetune {rows}", 1_000, rows, out / rows) for rows in ROWS]
        jobs += [Job(f"finetune {users} users", users, "20k", out / f"users-{users}") for users in [10_000, options.most_users]]
        making = [sys.executable, str(HERE / "finetune_logs.py"), str(logs), "--users", *{str(job.users): 0 for job in jobs}]
        measuring.run(Candidate("logs", "finetune_logs.py", making))
        for job in jobs:
            job.prepare(logs)
            check(job)
        peak = {threads: measuring.sgemm_peak(threads, out) for threads in THREADS}
        results = [time_job(job, options.runs, only_plumb=job.users > 10_000) for job in jobs]
        peak = {threads: max(before, measuring.sgemm_peak(threads, out)) for threads, before in peak.items()}
        print(f"\n{measuring.machine()}; load average {load:.1f} at the start")
        print("; ".join(f"{tool} {text}" for tool, text in versions.items()))
        print(", ".join(f"sgemm {gflops:.0f} GFLOP/s with {counted(threads)}" for threads, gflops in peak.items()))
        print(f"{SAMPLES} samples tuned on and {TESTS} scored a user, 1 pass of SGD in batches of 32; {options.runs} runs, interleaved\n")
        print(table(results, peak))
        print("\nplumb reads the store and writes predictions on the clock; PyTorch has samples, and their order, in memory.")
        for e in (e for entrants in results for e in entrants):
            print(f"{e.job.name}, {e.tool}, {counted(e.threads)}: {e.note}")
        print()
        for met, text in goals(results):
            print(f"{'met   ' if met else 'missed'}  {text}")
        path = BENCH / "finetune.json"
        measuring.write_json(path, [e.row(versions, peak) for entrants in results for e in entrants])
        print(f"\nwrote {path}")
    finally:
        measuring.remove(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each tool and job")
    parser.add_argument("--most-users", type=int, default=100_000, help="users of the job for memory, which plumb alone does")
    options = parser.parse_args()
    if options.runs < 1 or options.most_users <= 10_000:
        parser.error("--runs must be at least 1, --most-users more than 10000")
    os.chdir(HERE.parent)
    measuring.raise_on_termination()
    try:
        bench(options)
    except (Failure, subprocess.CalledProcessError) as failure:
        sys.exit(f"bench-finetune: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
