"""Times whole commands beside each other, and keeps what came of it.

Every run is a process of its own, from its start to its end. The peak memory that a system reports of a process is never less than
that of the process that started it, so this module, and what imports it, keeps to the standard library: some 23 MiB.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import time

_MIB = 1 << 20
_RSS_UNIT = 1 if sys.platform == "darwin" else 1 << 10


class Failure(Exception):
    """A command failed, or gave a wrong answer: there is nothing to time."""


@dataclasses.dataclass
class Candidate:
    """One tool's way to do one job."""

    job: str
    tool: str
    command: list[str]
    output: pathlib.Path | None = None
    """What it writes; removed before every run."""
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    tells_query: bool = False
    """Whether its standard output is `{"query_s": …}`: the seconds of the work alone, without starting Python and importing."""
    same_bytes: bool = False
    """Whether its output is the same in every run, to the byte."""
    note: str = ""


@dataclasses.dataclass
class Run:
    """What one run took."""

    process_s: float
    query_s: float | None
    peak_mib: float

    @property
    def judged_s(self) -> float:
        """The better figure: of a library that is called from Python, its work alone."""
        return self.process_s if self.query_s is None else self.query_s


@dataclasses.dataclass
class Result:
    """All runs of a candidate."""

    candidate: Candidate
    runs: list[Run]

    @property
    def median_s(self) -> float:
        return statistics.median(run.judged_s for run in self.runs)

    @property
    def fastest_s(self) -> float:
        return min(run.judged_s for run in self.runs)

    @property
    def slowest_s(self) -> float:
        return max(run.judged_s for run in self.runs)

    @property
    def process_median_s(self) -> float:
        return statistics.median(run.process_s for run in self.runs)

    @property
    def peak_mib(self) -> float:
        return max(run.peak_mib for run in self.runs)

    def row(self, items: int, unit: str, threads: int, version: str) -> dict:
        """The row of build/bench/NAME.json. The rate is `items` over the median, in `unit`."""
        notes = [self.candidate.note] if self.candidate.note else []
        row = {
            "job": self.candidate.job,
            "tool": self.candidate.tool,
            "threads": threads,
            "median_s": round(self.median_s, 4),
            "runs_s": [round(run.judged_s, 4) for run in self.runs],
            "rate": round(items / self.median_s),
            "unit": unit,
            "peak_mib": round(self.peak_mib, 1),
            "items": items,
            "process_median_s": round(self.process_median_s, 4),
            "version": version,
        }
        if self.candidate.tells_query:
            notes.insert(0, "median_s and runs_s are the query alone, process_median_s the whole process")
        return row | {"note": "; ".join(notes)}


def run(candidate: Candidate) -> Run:
    """One run. Whatever ends it early takes the process with it."""
    if candidate.output:
        candidate.output.unlink(missing_ok=True)
    os.sync()  # Nobody waits for what another left to be written.
    output = subprocess.PIPE if candidate.tells_query else subprocess.DEVNULL
    start = time.perf_counter()
    process = subprocess.Popen(
        candidate.command, stdin=subprocess.DEVNULL, stdout=output, env=os.environ | candidate.environment
    )
    try:
        text = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    if process.returncode != 0:
        raise Failure(f"{candidate.job}, {candidate.tool}: exit status {process.returncode}: {' '.join(candidate.command)}")
    if candidate.output and not candidate.output.exists():
        raise Failure(f"{candidate.job}, {candidate.tool}: nothing was written to {candidate.output}")
    query = json.loads(text)["query_s"] if candidate.tells_query else None
    return Run(seconds, query, usage.ru_maxrss * _RSS_UNIT / _MIB)


def digest(path: pathlib.Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def interleaved(candidates: list[Candidate], digests: dict[pathlib.Path, str], runs: int) -> list[Result]:
    """Runs all of a job's candidates in turn, so that what else the machine does hits them alike; every other round goes backwards.
    An output that should have `digests`' bytes and has others is a failure."""
    results = [Result(candidate, []) for candidate in candidates]
    for round_ in range(runs):
        for result in results if round_ % 2 == 0 else reversed(results):
            candidate = result.candidate
            result.runs.append(run(candidate))
            if candidate.same_bytes and digest(candidate.output) != digests[candidate.output]:
                raise Failure(f"{candidate.job}, {candidate.tool}: another answer than in the checked run")
    return results


def write_json(path: pathlib.Path, rows: list[dict]) -> None:
    """A list, a row a line, all or nothing."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n", encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def version_of(command: list[str]) -> str:
    """The first line that a command says of its version."""
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return text.strip().splitlines()[0]


def pin(threads: int) -> list[int] | None:
    """Keeps this process and all that it starts on the first so many of its processors; nothing where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))[:threads]
    if len(processors) < threads:
        raise Failure(f"{threads} threads are asked for, and {len(processors)} processors are there")
    os.sched_setaffinity(0, processors)
    return processors


def machine() -> str:
    """The processor's name and what else it does."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    except OSError:
        if sys.platform == "darwin":
            model = version_of(["sysctl", "-n", "machdep.cpu.brand_string"])
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"


def raise_on_termination() -> None:
    """Makes SIGTERM end things as an error does, so that nothing half-written stays."""

    def stop(number, _):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
