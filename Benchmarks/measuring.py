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
import shutil
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
    """What it writes, a file or a folder; removed before every run, and after every timed one."""
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    tells_query: bool = False
    """Whether its standard output is `{"query_s": …}`: the seconds of the work alone, without starting Python and importing."""
    same_bytes: bool = False
    """Whether its output is the same in every run, to the byte."""
    compared: pathlib.Path | None = None
    """What of the output that holds for, if not for all of it."""
    note: str = ""
    reader: list[str] | None = None
    """A second command, which reads what the first writes: a pipe, from the start of the first to the end of the later."""


@dataclasses.dataclass
class Run:
    """What one run took."""

    process_s: float
    query_s: float | None
    peaks_mib: list[float]
    """A figure a process."""

    @property
    def peak_mib(self) -> float:
        """Of a pipe the sum, as if both held their most at once."""
        return sum(self.peaks_mib)

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
    """One run. Whatever ends it early takes its processes with it."""
    if candidate.output:
        remove(candidate.output)
    os.sync()  # Nobody waits for what another left to be written.
    processes: list[subprocess.Popen] = []
    start = time.perf_counter()
    try:
        _start(candidate, processes)
        text = processes[-1].stdout.read() if candidate.tells_query else b""
        peaks = [_wait(process) for process in processes]
        seconds = time.perf_counter() - start
    except BaseException:
        for process in processes:
            _stop(process)
        raise
    failed = [f"exit status {p.returncode}: {' '.join(map(str, p.args))}" for p in processes if p.returncode != 0]
    if failed:
        raise Failure(f"{candidate.job}, {candidate.tool}: {'; '.join(failed)}")
    if candidate.output and not candidate.output.exists():
        raise Failure(f"{candidate.job}, {candidate.tool}: nothing was written to {candidate.output}")
    query = json.loads(text)["query_s"] if candidate.tells_query else None
    return Run(seconds, query, peaks)


def told_by(candidate: Candidate) -> dict:
    """One run, and the JSON that it wrote."""
    run(candidate)
    return json.loads(candidate.output.read_text())


def sgemm_peak(threads: int, folder: pathlib.Path) -> float:
    """GFLOP/s of the best large product of PyTorch's or numpy's."""
    path = folder / "peak.json"
    peers = pathlib.Path(__file__).resolve().parent / "train_peers.py"
    command = [sys.executable, str(peers), "peak", "--threads", str(threads), "-o", str(path)]
    return told_by(Candidate("peak", "torch", command, path, {"OPENBLAS_NUM_THREADS": str(threads)}))["gflops"]


def _start(candidate: Candidate, processes: list[subprocess.Popen]) -> None:
    """Starts one process, or the two of a pipe, and adds each to `processes` once it runs."""
    environment = os.environ | candidate.environment
    goal = subprocess.PIPE if candidate.tells_query else subprocess.DEVNULL
    if candidate.reader is None:
        processes.append(subprocess.Popen(candidate.command, stdin=subprocess.DEVNULL, stdout=goal, env=environment))
        return
    writer = subprocess.Popen(candidate.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)
    processes.append(writer)
    with writer.stdout as pipe:  # With it closed here, the writer learns when the reader is gone.
        processes.append(subprocess.Popen(candidate.reader, stdin=pipe, stdout=goal, env=environment))


def _wait(process: subprocess.Popen) -> float:
    """Waits for the end, and returns the most memory that the process held, in MiB."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * _RSS_UNIT / _MIB


def _stop(process: subprocess.Popen) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def remove(path: pathlib.Path) -> None:
    """Removes a file, or a folder and all in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def digest(path: pathlib.Path) -> str:
    """SHA-256 of a file; of a folder, over the names and digests of all files in it."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if not file.is_dir())
        lines = "".join(f"{digest(file)}  {file.relative_to(path)}\n" for file in files)
        return hashlib.sha256(lines.encode()).hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def warm(path: pathlib.Path) -> None:
    """Reads a file, so that no run is the first to wait for the disk."""
    with open(path, "rb", buffering=0) as file:
        while file.read(_MIB):
            pass


def interleaved(candidates: list[Candidate], digests: dict[pathlib.Path, str], runs: int) -> list[Result]:
    """Runs all of a job's candidates in turn, so that what else the machine does hits them alike; every other round goes backwards.
    An output that should have `digests`' bytes and has others is a failure."""
    results = [Result(candidate, []) for candidate in candidates]
    for round_ in range(runs):
        for result in results if round_ % 2 == 0 else reversed(results):
            candidate = result.candidate
            result.runs.append(run(candidate))
            if candidate.same_bytes and digest(candidate.compared or candidate.output) != digests[candidate.output]:
                raise Failure(f"{candidate.job}, {candidate.tool}: another answer than in the checked run")
            if candidate.output:
                remove(candidate.output)
    return results


def counted(threads: int) -> str:
    return "1 thread" if threads == 1 else f"{threads} threads"


def aligned(lines: list[list[str]], left: int = 2) -> str:
    """A table of cells, its first line the head: so many columns to the left, the others to the right, and an empty line where
    the first column changes."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text, group = [], None
    for line in lines:
        if group is not None and line[0] != group:
            text.append("")
        group = line[0]
        cells = [cell.ljust(width) if index < left else cell.rjust(width) for index, (cell, width) in enumerate(zip(line, widths))]
        text.append("  ".join(cells).rstrip())
    return "\n".join(text)


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
