#!/usr/bin/env python3
"""Times `plumb ingest` beside bsdcat, polars and DuckDB on the same log in the same run.

    make bench-ingest                       # or RUNS=9 THREADS=4, or taskset -c 2,3 make bench-ingest

Checks first that all give the same answer, then runs them in turn, prints a table and writes build/bench/ingest.json.
README.md says how to read it.
"""

import argparse
import os
import pathlib
import subprocess
import sys

import ingest_logs
import measuring
from measuring import Candidate, Failure, Result

GOAL_JOBS = ["csv.gz counts", "csv.zst counts", "csv counts", "csv.gz arrow"]
COUNT_TIMES_BSDCAT = 1.0
ARROW_TIMES_BSDCAT = 1.3
PEAK_MIB = 128

HERE = pathlib.Path(__file__).resolve().parent
PLUMB = pathlib.Path(".build/release/plumb")
BENCH = pathlib.Path("build/bench")


def candidates_of(logs: ingest_logs.Logs, out: pathlib.Path, threads: int) -> list[Candidate]:
    """Every job by every tool that can do it."""

    def plumb(job, paths, pipeline="pipelines/synth.yaml", environment=None):
        output = out / f"{job} by plumb".replace(" ", "-")
        goal = ["-o", str(output)] if job.endswith(" arrow") else ["--counts", "-o", str(output)]
        command = [str(PLUMB), "ingest", *map(str, paths), "--pipeline", pipeline, "--threads", str(threads), "-q", *goal]
        return Candidate(job, "plumb", command, output, environment or {}, same_bytes=True)

    def peer(tool, job, paths, *options, note=""):
        output = out / f"{job} by {tool}".replace(" ", "-")
        work = "arrow" if job.endswith(" arrow") else "counts"
        command = [sys.executable, str(HERE / "ingest_peers.py"), tool, work, *map(str, paths), *options]
        command += ["--threads", str(threads), "-o", str(output)]
        return Candidate(job, tool, command, output, tells_query=True, same_bytes=work == "counts", note=note)

    def bsdcat(job, paths):
        return Candidate(job, "bsdcat", ["bsdcat", *map(str, paths)], note="decompression alone, by one thread, to /dev/null")

    def all_of(job, paths, *options, unpack=True, **plumb_options):
        yield plumb(job, paths, **plumb_options)
        for tool in ["polars", "duckdb"]:
            note = "ids by Arrow's dictionary_encode" if (tool, job) == ("duckdb", "csv.gz arrow") else ""
            yield peer(tool, job, paths, *options, note=note)
        if unpack:
            yield bsdcat(job, paths)

    return [
        *all_of("csv.gz counts", [logs.csv_gz]),
        *all_of("csv.zst counts", [logs.csv_zst]),
        *all_of("csv counts", [logs.csv], unpack=False),
        *all_of("csv.gz arrow", [logs.csv_gz]),
        *all_of("csv.gz list", logs.parts_gz),
        *all_of("jsonl.gz counts", [logs.jsonl_gz], "--format", "jsonl", pipeline=str(HERE / "jsonl.yaml")),
        *all_of("quoted csv counts", [logs.quoted_csv], unpack=False),
        *all_of(
            "iso csv counts", [logs.iso_csv], "--times", "iso", unpack=False,
            environment={"PLUMB_INGEST_TIME_FORMAT": "iso8601"}),
    ]  # fmt: skip


def check(candidates: list[Candidate]) -> dict[pathlib.Path, str]:
    """Runs everything once, and fails unless all answers are the same. Returns what each output was."""
    for candidate in candidates:
        print(f"checking {candidate.job} by {candidate.tool}", flush=True)
        measuring.run(candidate)
    outputs = [(candidate.job.endswith(" arrow"), candidate.output) for candidate in candidates if candidate.output]
    command = [sys.executable, str(HERE / "ingest_check.py")]
    command += ["--counts", *(str(path) for is_arrow, path in outputs if not is_arrow)]
    command += ["--arrow", *(str(path) for is_arrow, path in outputs if is_arrow)]
    if subprocess.run(command).returncode != 0:
        raise Failure("the tools' answers differ, or cannot be read: nothing is timed")
    digests = {candidate.output: measuring.digest(candidate.output) for candidate in candidates if candidate.same_bytes}
    for _, path in outputs:
        path.unlink()
    return digests


def vocabulary_mib(log: pathlib.Path, out: pathlib.Path, threads: int) -> float:
    """The size of the keys behind the ids, as plumb writes them."""
    path = out / "vocabulary.arrows"
    command = [str(PLUMB), "ingest", str(log), "--pipeline", "pipelines/synth.yaml", "--threads", str(threads), "-q"]
    measuring.run(Candidate("vocabulary", "plumb", [*command, "--vocabulary", str(path), "-o", os.devnull], path))
    size = path.stat().st_size / (1 << 20)
    path.unlink()
    return size


def ratio(result: Result, others: list[Result]) -> float | None:
    """How many times the fastest of the others' median; none without others."""
    times = [other.median_s for other in others if other is not result]
    return result.median_s / min(times) if times else None


def table(results: list[Result], rows: int) -> str:
    """A line a tool and job. A ratio below 1 is faster."""
    head = ["job", "tool", "median s", "min", "max", "process s", "M rows/s", "peak MiB", "x bsdcat", "x best other"]
    lines = [head]
    for result in results:
        same_job = [other for other in results if other.candidate.job == result.candidate.job]
        unpacking = [other for other in same_job if other.candidate.tool == "bsdcat"]
        others = [other for other in same_job if other not in unpacking]
        ratios = [ratio(result, unpacking), None if result in unpacking else ratio(result, others)]
        lines.append(
            [result.candidate.job, result.candidate.tool]
            + [f"{value:.3f}" for value in (result.median_s, result.fastest_s, result.slowest_s, result.process_median_s)]
            + [f"{rows / result.median_s / 1e6:.1f}", f"{result.peak_mib:.0f}"]
            + ["" if value is None else f"{value:.2f}" for value in ratios]
        )
    return measuring.aligned(lines)


def goals(results: list[Result], vocabulary: float) -> list[tuple[bool, str]]:
    """Each goal, and whether it is met."""
    by = {(result.candidate.job, result.candidate.tool): result for result in results}

    def times(job: str, tool: str) -> float:
        return by[job, "plumb"].median_s / by[job, tool].median_s

    told = []
    for job, limit in [("csv.gz counts", COUNT_TIMES_BSDCAT), ("csv.gz arrow", ARROW_TIMES_BSDCAT)]:
        value = times(job, "bsdcat")
        told.append((value <= limit, f"{job}: {value:.2f} x bsdcat, at most {limit}"))
    for job in ["csv.gz counts", "csv.zst counts", "csv counts"]:
        values = {tool: times(job, tool) for tool in ["polars", "duckdb"]}
        text = " and ".join(f"{value:.2f} x {tool}" for tool, value in values.items())
        told.append((max(values.values()) < 1, f"{job}: {text}, below 1"))
    peak = max(by[job, "plumb"].peak_mib for job in GOAL_JOBS)
    text = f"peak memory in these jobs: {peak:.0f} MiB, at most {PEAK_MIB} and the vocabulary's {vocabulary:.1f}"
    return told + [(peak <= PEAK_MIB + vocabulary, text)]


def versions() -> dict[str, str]:
    """A version a tool, without importing any."""
    from importlib.metadata import version

    return {
        "plumb": measuring.version_of([str(PLUMB), "--version"]),
        "bsdcat": measuring.version_of(["bsdcat", "--version"]).removeprefix("bsdcat "),
        "polars": version("polars"),
        "duckdb": f"{version('duckdb')}, pyarrow {version('pyarrow')}",
    }


def bench(options) -> None:
    out = BENCH / "out"
    out.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    try:
        processors = measuring.pin(options.threads)
        logs = ingest_logs.Logs(BENCH / "logs")
        making = [sys.executable, str(HERE / "ingest_logs.py"), str(PLUMB), str(options.rows), str(BENCH / "logs")]
        measuring.run(Candidate("logs", "ingest_logs.py", making))
        tools = versions()
        candidates = candidates_of(logs, out, options.threads)
        digests = check(candidates)
        vocabulary = vocabulary_mib(logs.csv_gz, out, options.threads)
        results = []
        for job in dict.fromkeys(candidate.job for candidate in candidates):
            print(f"timing {job}", flush=True)
            results += measuring.interleaved([c for c in candidates if c.job == job], digests, options.runs)
    finally:
        for path in out.glob("*"):
            path.unlink()
        out.rmdir()

    print(f"\n{measuring.machine()}; load average {load:.1f} at the start")
    print("; ".join(f"{tool} {text}" for tool, text in tools.items()))
    mib = {name: path.stat().st_size / (1 << 20) for name, path in vars(logs).items() if isinstance(path, pathlib.Path)}
    print(
        f"{options.rows} rows, {ingest_logs.USERS} users: csv {mib['csv']:.0f} MiB, csv.gz {mib['csv_gz']:.0f}, "
        f"csv.zst {mib['csv_zst']:.0f}, jsonl.gz {mib['jsonl_gz']:.0f}"
    )
    where = f"on processors {','.join(map(str, processors))}" if processors else "on any processor"
    print(f"{options.threads} threads for each tool, {where}; {options.runs} runs, interleaved\n")
    print(table(results, options.rows))
    print("\nOf polars and DuckDB, `median s` is the query alone, without starting Python and importing; `process s` has both.\n")
    for met, text in goals(results, vocabulary):
        print(f"{'met   ' if met else 'missed'}  {text}")
    path = BENCH / "ingest.json"
    rows = [result.row(options.rows, "rows/s", options.threads, tools[result.candidate.tool]) for result in results]
    measuring.write_json(path, rows)
    print(f"\nwrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each tool and job")
    parser.add_argument("--threads", type=int, default=2, help="threads, and processors, of each tool")
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows of the log; the goals are for 5,000,000")
    options = parser.parse_args()
    if min(options.runs, options.threads, options.rows) < 1:
        parser.error("--runs, --threads and --rows must be at least 1")
    os.chdir(HERE.parent)
    measuring.raise_on_termination()
    try:
        bench(options)
    except (Failure, subprocess.CalledProcessError) as failure:
        sys.exit(f"bench-ingest: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
