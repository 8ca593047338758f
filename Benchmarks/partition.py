#!/usr/bin/env python3
"""Times a csv.gz's way into `plumb partition`'s store beside polars and DuckDB, and what becomes of it as logs grow.

    make bench-partition                    # or RUNS=9 THREADS=4, GROWTH=0 (nothing grows), ROWS=200000 (a trial)

Checks first that all hold the same rows in the same order, then runs them in turn, prints tables and writes
build/bench/partition.json. README.md says how to read them.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

import ingest_logs
import measuring
import partition_logs
from measuring import Candidate, Failure, Result

TIMES_BEST_OTHER = 0.6
PEAK_MIB = 256
FLAT = 1.15
ONE_USER_MEMORY = "16MiB"
# Those 16 MiB, and the 96 that docs/pipeline-file.md gives the process itself.
ONE_USER_PEAK_MIB = 112
CHECKED_MEMORY = ["64MiB", "256MiB"]
CHECKED_THREADS = [1, 2]

HERE = pathlib.Path(__file__).resolve().parent
PLUMB = pathlib.Path(".build/release/plumb")
BENCH = pathlib.Path("build/bench")
PIPELINE = pathlib.Path("pipelines/synth.yaml")
PIPELINE_LOG = "../build/synth/log.csv.gz"


def shown(rows: int) -> str:
    """As in the jobs' names: 5m, 200k."""
    for unit, name in [(1_000_000, "m"), (1_000, "k")]:
        if rows % unit == 0:
            return f"{rows // unit}{name}"
    return str(rows)


class Plumb:
    """plumb's two ways from a log to a store: a pipe of two commands, and a run in one process where the command has one."""

    def __init__(self, out: pathlib.Path):
        self.out = out
        self.has_run = self._has("run", "--until")
        self.partition_has_threads = self._has("partition", "--threads")

    @staticmethod
    def _has(command: str, option: str) -> bool:
        return option in subprocess.run([PLUMB, command, "--help"], capture_output=True, text=True, check=True).stdout

    def pipe(self, job: str, log: pathlib.Path, threads: int, memory: str | None = None) -> Candidate:
        """`plumb ingest LOG | plumb partition - -o STORE`."""
        store = self.out / f"{job} by pipe".replace(" ", "-")
        ingest = [str(PLUMB), "ingest", str(log), "--pipeline", str(PIPELINE), "--threads", str(threads), "-q"]
        partition = [str(PLUMB), "partition", "-", "--pipeline", str(PIPELINE), "-o", str(store), "-q"]
        if self.partition_has_threads:
            partition += ["--threads", str(threads)]
        if memory:
            partition += ["--memory", memory]
        return Candidate(job, "plumb pipe", ingest, store, reader=partition, same_bytes=True)

    def run(self, job: str, log: pathlib.Path, threads: int, memory: str | None = None) -> Candidate:
        """`plumb run PIPELINE --until partition -o FOLDER`."""
        folder = self.out / f"{job} by run".replace(" ", "-")
        pipeline = folder.with_suffix(".yaml")
        text = PIPELINE.read_text(encoding="utf-8")
        if text.count(PIPELINE_LOG) != 1:
            raise Failure(f"{PIPELINE} does not name {PIPELINE_LOG} once")
        pipeline.write_text(text.replace(PIPELINE_LOG, json.dumps(str(log.resolve()))), encoding="utf-8")
        command = [str(PLUMB), "run", str(pipeline), "--until", "partition", "--threads", str(threads), "-q", "-o", str(folder)]
        environment = {"PLUMB_PARTITION_MEMORY": memory} if memory else {}
        return Candidate(job, "plumb", command, folder, environment=environment, same_bytes=True, compared=folder / "store")

    def ways(self, *arguments) -> list[Candidate]:
        """Both, the one that is judged first."""
        return [*([self.run(*arguments)] if self.has_run else []), self.pipe(*arguments)]

    def judged(self, *arguments) -> Candidate:
        return self.ways(*arguments)[0]


def store_of(candidate: Candidate) -> pathlib.Path:
    return candidate.output if candidate.reader else candidate.output / "store"


def peers_of(job: str, log: pathlib.Path, out: pathlib.Path, threads: int) -> list[Candidate]:
    def peer(tool, form, name, *options, note=""):
        output = out / f"{job} by {name}".replace(" ", "-")
        command = [sys.executable, str(HERE / "partition_peers.py"), tool, form, *options, "--threads", str(threads)]
        return Candidate(job, name, [*command, "-o", str(output), str(log)], output, tells_query=True, note=note)

    unordered = "rows of one user and time in any order"
    return [
        peer("polars", "ipc", "polars ipc"),
        peer("polars", "parquet", "polars parquet"),
        peer("duckdb", "parquet", "duckdb", note=f"to parquet, {unordered}"),
        peer("duckdb", "parquet", "duckdb 256MB", "--memory", "256MB", note=f"to parquet, memory_limit 256MB, {unordered}"),
    ]


def check_script(what: str, log: pathlib.Path, *arguments: str) -> None:
    command = [sys.executable, str(HERE / "partition_check.py"), what, str(log), *arguments]
    if subprocess.run(command).returncode != 0:
        raise Failure("the answers differ, or cannot be read: nothing is timed")


def check(what: str, log: pathlib.Path, plumbs: list[Candidate], peers: list[Candidate]) -> dict[pathlib.Path, str]:
    """Runs everything once, and fails unless all answers are the same. Returns what each of plumb's outputs was."""
    for candidate in [*plumbs, *peers]:
        print(f"checking {candidate.job} by {candidate.tool}", flush=True)
        measuring.run(candidate)
    arguments = ["--store", *(str(store_of(candidate)) for candidate in plumbs)]
    for option, is_loose in [("--sorted", False), ("--loosely-sorted", True)]:
        files = [str(candidate.output) for candidate in peers if candidate.tool.startswith("duckdb") == is_loose]
        arguments += [option, *files] if files else []
    check_script(what, log, *arguments)
    if len({measuring.digest(store_of(candidate)) for candidate in plumbs}) != 1:
        raise Failure(f"{plumbs[0].job}: the pipe and the run write other stores")
    digests = {candidate.output: measuring.digest(store_of(candidate)) for candidate in plumbs}
    for candidate in [*plumbs, *peers]:
        measuring.remove(candidate.output)
    return digests


def check_settings(plumb: Plumb, log: pathlib.Path, expected: str) -> None:
    """Fails unless a store has `expected`'s bytes, whatever the threads and the memory."""
    for threads in CHECKED_THREADS:
        for memory in CHECKED_MEMORY:
            for candidate in plumb.ways("same bytes", log, threads, memory):
                measuring.run(candidate)
                if measuring.digest(store_of(candidate)) != expected:
                    raise Failure(f"{candidate.tool} writes another store with {threads} threads and {memory}")
                measuring.remove(candidate.output)
    threads, memory = " and ".join(map(str, CHECKED_THREADS)), " and ".join(CHECKED_MEMORY)
    print(f"checked: the same bytes with {threads} threads, with {memory}, and in every run", flush=True)


def fastest_polars(results: list[Result]) -> list[Result]:
    """Of polars' two forms only the faster, which tells of the other."""
    forms = sorted((result for result in results if result.candidate.tool.startswith("polars ")), key=lambda form: form.median_s)
    fast, slow = ((form, form.candidate.tool.removeprefix("polars ")) for form in forms)
    note = f"to {fast[1]}; to {slow[1]} {slow[0].median_s:.3f} s ({slow[0].process_median_s:.3f} s the whole process)"
    kept = Result(dataclasses.replace(fast[0].candidate, tool="polars", note=note), fast[0].runs)
    return [kept if result is fast[0] else result for result in results if result is not slow[0]]


def note_pipe(result: Result) -> None:
    """Tells what each of the two processes held."""
    ingest, partition = (max(peaks) for peaks in zip(*(run.peaks_mib for run in result.runs)))
    told = f"two processes; peak_mib is the sum of both peaks, at most ingest {ingest:.0f}, partition {partition:.0f}"
    result.candidate.note = "; ".join(filter(None, [result.candidate.note, told]))


def is_plumb(result: Result) -> bool:
    return result.candidate.tool.startswith("plumb")


def table(results: list[Result], items: dict[str, int]) -> str:
    """A line a tool and job. A ratio below 1 is faster."""
    lines = [["job", "tool", "median s", "min", "max", "process s", "M rows/s", "peak MiB", "x best other", "x as process"]]
    for result in results:
        others = [o for o in results if o.candidate.job == result.candidate.job and o is not result and not is_plumb(o)]
        ratios = []
        if others:
            ratios.append(result.median_s / min(other.median_s for other in others))
            ratios.append(result.process_median_s / min(other.process_median_s for other in others))
        lines.append(
            [result.candidate.job, result.candidate.tool]
            + [f"{value:.3f}" for value in (result.median_s, result.fastest_s, result.slowest_s, result.process_median_s)]
            + [f"{items[result.candidate.job] / result.median_s / 1e6:.1f}", f"{result.peak_mib:.0f}"]
            + ([f"{value:.2f}" for value in ratios] or ["", ""])
        )
    return measuring.aligned(lines)


class Growth:
    """One job a size of log, held against one of them."""

    def __init__(self, results: list[Result], items: dict[str, int], base: str):
        self.results = results
        self.items = items
        self.base = next(result for result in results if result.candidate.job == base)

    def nanoseconds(self, result: Result) -> float:
        """Time a row."""
        return result.median_s / self.items[result.candidate.job] * 1e9

    def time_ratio(self, result: Result) -> float:
        return self.nanoseconds(result) / self.nanoseconds(self.base)

    def peak_ratio(self, result: Result) -> float:
        return result.peak_mib / self.base.peak_mib

    def table(self) -> str:
        base = self.base.candidate.job.removeprefix("store ")
        lines = [["tool", "job", "median s", "min", "max", "ns a row", f"x {base}", "peak MiB", f"x {base}"]]
        for result in self.results:
            lines.append(
                [result.candidate.tool, result.candidate.job]
                + [f"{value:.3f}" for value in (result.median_s, result.fastest_s, result.slowest_s)]
                + [f"{self.nanoseconds(result):.0f}", f"{self.time_ratio(result):.2f}"]
                + [f"{result.peak_mib:.0f}", f"{self.peak_ratio(result):.2f}"]
            )
        return measuring.aligned(lines)

    def goals(self) -> list[tuple[bool, str]]:
        told = []
        for what, ratio in [("time a row", self.time_ratio), ("peak memory", self.peak_ratio)]:
            ratios = {result.candidate.job: ratio(result) for result in self.results if result is not self.base}
            text = ", ".join(f"{value:.2f} ({job})" for job, value in ratios.items())
            text = f"{what}: {text} x that of {self.base.candidate.job}, at most {FLAT}"
            told.append((max(ratios.values()) <= FLAT, text))
        largest = max(result.peak_mib for result in self.results)
        return told + [(largest <= PEAK_MIB, f"peak memory at any size: {largest:.0f} MiB, at most {PEAK_MIB}")]


def store_goals(results: list[Result]) -> list[tuple[bool, str]]:
    """Each goal of `csv.gz store`, and whether it is met."""
    ours = next(result for result in results if is_plumb(result))
    others = [result for result in results if not is_plumb(result)]
    best = min(others, key=lambda other: other.median_s)
    value = ours.median_s / best.median_s
    whole = ours.process_median_s / min(other.process_median_s for other in others)
    job, tool = ours.candidate.job, ours.candidate.tool
    time = f"{job}: {tool} {value:.2f} x {best.candidate.tool}'s query alone, at most {TIMES_BEST_OTHER}; "
    time += f"{whole:.2f} x the faster whole process"
    peak = f"{job}: peak memory of {tool} {ours.peak_mib:.0f} MiB, at most {PEAK_MIB}"
    return [(value <= TIMES_BEST_OTHER, time), (ours.peak_mib <= PEAK_MIB, peak)]


def versions() -> dict[str, str]:
    """A version a tool, without importing any."""
    from importlib.metadata import version

    return {
        "plumb": measuring.version_of([str(PLUMB), "--version"]),
        "polars": version("polars"),
        "duckdb": version("duckdb"),
    }


def bench(options) -> None:
    out = BENCH / "out"
    out.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    sizes = [options.rows // 5, options.rows, options.rows * 4, options.rows * 10] if options.growth else []
    one_user_rows = options.rows // 5
    try:
        processors = measuring.pin(options.threads)
        folder = BENCH / "logs"
        making = [sys.executable, str(HERE / "partition_logs.py"), str(PLUMB), str(folder), "--rows", str(options.rows)]
        making += ["--one-user", str(one_user_rows), "--growth", *map(str, sizes)]
        measuring.run(Candidate("logs", "partition_logs.py", making))
        log = ingest_logs.Logs(folder).csv_gz
        one_user_log = partition_logs.one_user_log(folder, one_user_rows)
        tools = versions()
        plumb = Plumb(out)

        store = "csv.gz store"
        ways, peers = plumb.ways(store, log, options.threads), peers_of(store, log, out, options.threads)
        digests = check("rows", log, ways, peers)
        check_settings(plumb, log, digests[plumb.pipe(store, log, options.threads).output])
        one_user = f"one user {shown(one_user_rows)}"
        single = plumb.judged(one_user, one_user_log, options.threads, ONE_USER_MEMORY)
        single.note = f"partition.memory {ONE_USER_MEMORY}"
        digests |= check("rows", one_user_log, [single], [])
        grown = []
        for rows in sizes:
            path = partition_logs.growth_log(folder, rows)
            grown.append((path, plumb.judged(f"store {shown(rows)}", path, options.threads)))
            digests |= check("users", path, [grown[-1][1]], [])

        items = {store: options.rows, one_user: partition_logs.one_user_samples(one_user_rows)}
        items |= {f"store {shown(rows)}": rows for rows in sizes}
        print(f"timing {store}", flush=True)
        measuring.warm(log)
        results = fastest_polars(measuring.interleaved([*ways, *peers], digests, options.runs))
        print(f"timing {one_user}", flush=True)
        measuring.warm(one_user_log)
        results += measuring.interleaved([single], digests, options.runs)
        growth = []
        for path, candidate in grown:
            print(f"timing {candidate.job}", flush=True)
            measuring.warm(path)
            growth += measuring.interleaved([candidate], digests, options.growth)
    finally:
        measuring.remove(out)

    for result in [*results, *growth]:
        if result.candidate.reader:
            note_pipe(result)
    print(f"\n{measuring.machine()}; load average {load:.1f} at the start")
    print("; ".join(f"{tool} {text}" for tool, text in tools.items()))
    print(f"{options.rows} rows, {ingest_logs.USERS} users: csv.gz {log.stat().st_size / (1 << 20):.0f} MiB")
    where = f"on processors {','.join(map(str, processors))}" if processors else "on any processor"
    print(f"{options.threads} threads for each tool, {where}; {options.runs} runs, interleaved\n")
    print(table(results, items))
    print("\nOf polars and DuckDB, `median s` is the query alone, without starting Python and importing; `process s` has both.")
    print("They sort and write; plumb also checks every field, gives ids to keys, splits each user's rows, counts train samples of")
    print("ids, writes an index and SHA-256 checksums, and waits for the disk (fsync), which they do not.")
    for result in results:
        if result.candidate.note:
            print(f"{result.candidate.job}, {result.candidate.tool}: {result.candidate.note}")
    if not plumb.has_run:
        print("skipped: plumb in one process, for this `plumb run` has no option --until; the pipe is judged in its place")
    goals = store_goals(results[:-1])
    peak = results[-1].peak_mib
    goals.append((peak <= ONE_USER_PEAK_MIB, f"one user 1m: peak memory {peak:.0f} MiB, at most {ONE_USER_PEAK_MIB}"))
    if growth:
        grown_from = Growth(growth, items, f"store {shown(options.rows)}")
        print(f"\n{options.growth} runs each, {partition_logs.ROWS_A_USER} rows a user\n\n{grown_from.table()}")
        goals += grown_from.goals()
    print()
    for met, text in goals:
        print(f"{'met   ' if met else 'missed'}  {text}")
    path = BENCH / "partition.json"
    rows = [
        result.row(items[result.candidate.job], "rows/s", options.threads, tools[result.candidate.tool.split()[0]])
        for result in [*results, *growth]
    ]
    measuring.write_json(path, rows)
    print(f"\nwrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each tool and job")
    parser.add_argument("--threads", type=int, default=2, help="threads, and processors, of each tool")
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows of the log; the goals are for 5,000,000")
    parser.add_argument("--growth", type=int, default=3, help="timed runs of logs of a fifth, 1, 4 and 10 times the rows; 0: none")
    options = parser.parse_args()
    if min(options.runs, options.threads) < 1 or options.growth < 0 or options.rows < 1_000:
        parser.error("--runs and --threads must be at least 1, --growth at least 0, --rows at least 1000")
    os.chdir(HERE.parent)
    measuring.raise_on_termination()
    try:
        bench(options)
    except (Failure, subprocess.CalledProcessError) as failure:
        sys.exit(f"bench-partition: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
