"""The log that the ingest benchmark reads, in every form: `plumb synth`'s rows from one seed.

    python Benchmarks/ingest_logs.py .build/release/plumb 5000000 FOLDER

A process of its own for the benchmark, whose memory would otherwise show in what it measures.
"""

import filecmp
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator

import measuring

USERS = 50_000
SEED = 1
PARTS = 8


class Logs:
    """The same rows, file by file. The parts each have the header; in `quoted_csv` every field, the header's too, is in quotes; in
    `iso_csv` times are as 2024-01-01T00:00:00."""

    def __init__(self, folder: pathlib.Path):
        self.csv = folder / "log.csv"
        self.csv_gz = folder / "log.csv.gz"
        self.csv_zst = folder / "log.csv.zst"
        self.parts_gz = [folder / f"part-{index}.csv.gz" for index in range(PARTS)]
        self.jsonl_gz = folder / "log.jsonl.gz"
        self.quoted_csv = folder / "quoted.csv"
        self.iso_csv = folder / "iso.csv"


def make_log(folder: pathlib.Path, plumb: str, rows: str) -> Logs:
    """`csv`, made anew, and `csv_gz`. If the log is the same to the byte, all its other forms stay; else they go."""
    folder.mkdir(parents=True, exist_ok=True)
    logs = Logs(folder)
    fresh = folder / "fresh.csv"
    try:
        settings = ["--rows", rows, "--users", str(USERS), "--seed", str(SEED)]
        subprocess.run([plumb, "synth", *settings, "-o", fresh, "-q"], check=True)
        if not (logs.csv.exists() and filecmp.cmp(fresh, logs.csv, shallow=False)):
            for old in [logs.csv, logs.csv_gz, logs.csv_zst, *logs.parts_gz, logs.jsonl_gz, logs.quoted_csv, logs.iso_csv]:
                old.unlink(missing_ok=True)
            fresh.rename(logs.csv)
    finally:
        fresh.unlink(missing_ok=True)
    _keep(logs.csv_gz, lambda: _compress(["gzip", "-6", "-n"], logs.csv, logs.csv_gz))
    return logs


def make_forms(logs: Logs) -> None:
    """The log's other forms, where they are missing."""
    _keep(logs.csv_zst, lambda: _compress(["zstd", "-q", "-3"], logs.csv, logs.csv_zst))
    for index, part in enumerate(logs.parts_gz):
        _keep(part, lambda: _derive(part, _part(logs.csv, index), gzip=True))
    _keep(logs.jsonl_gz, lambda: _derive(logs.jsonl_gz, _json_lines(logs.csv), gzip=True))
    _keep(logs.quoted_csv, lambda: _derive(logs.quoted_csv, _quoted(logs.csv)))
    _keep(logs.iso_csv, lambda: _derive(logs.iso_csv, _iso(logs.csv)))


def _keep(path: pathlib.Path, make_file) -> None:
    if not path.exists():
        print(f"making {path.name}", file=sys.stderr)
        make_file()


def _compress(command: list[str], source: pathlib.Path, target: pathlib.Path) -> None:
    """What is under its own name is whole."""
    partial = target.with_name(target.name + ".partial")
    try:
        with open(source, "rb") as bytes_, open(partial, "wb") as packed:
            subprocess.run([*command, "-c"], stdin=bytes_, stdout=packed, check=True)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def _derive(target: pathlib.Path, chunks: Iterator[bytes], gzip: bool = False) -> None:
    plain = target.with_name(target.name + ".plain")
    try:
        with open(plain, "wb") as file:
            file.writelines(chunks)
        if gzip:
            _compress(["gzip", "-6", "-n"], plain, target)
        else:
            plain.rename(target)
    finally:
        plain.unlink(missing_ok=True)


def _chunks(path: pathlib.Path) -> Iterator[bytes]:
    """The file in pieces of whole lines."""
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk + file.readline()


def _part(source: pathlib.Path, index: int) -> Iterator[bytes]:
    """The header, and the rows that begin in the part's share of the file."""
    size = source.stat().st_size
    with open(source, "rb") as file:
        header = file.readline()
        rows = file.tell()
        start, end = (rows + (size - rows) * place // PARTS for place in (index, index + 1))
        # From one byte before, so that a line which begins at the very start is not skipped.
        file.seek(start - 1)
        file.readline()
        yield header
        while file.tell() < end:
            yield file.readline()


def _json_lines(source: pathlib.Path) -> Iterator[bytes]:
    for index, chunk in enumerate(_chunks(source)):
        lines = chunk.splitlines()
        if index == 0:
            names = lines.pop(0).split(b",")
            form = b"{" + b",".join(b'"%s":%%s' % name for name in names) + b"}\n"
        yield b"".join(form % tuple(line.split(b",")) for line in lines)


def _quoted(source: pathlib.Path) -> Iterator[bytes]:
    for chunk in _chunks(source):
        yield b'"' + chunk[:-1].replace(b",", b'","').replace(b"\n", b'"\n"') + b'"\n'


def _iso(source: pathlib.Path) -> Iterator[bytes]:
    clock = [b"T%02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60) for second in range(86_400)]
    days: dict[int, bytes] = {}
    for index, chunk in enumerate(_chunks(source)):
        lines = chunk.splitlines()
        if index == 0:
            header = lines.pop(0)
            time_column = header.split(b",").index(b"time")
            yield header + b"\n"
        rows = []
        for line in lines:
            fields = line.split(b",")
            day, second = divmod(int(fields[time_column]), 86_400)
            if day not in days:
                days[day] = time.strftime("%Y-%m-%d", time.gmtime(day * 86_400)).encode()
            fields[time_column] = days[day] + clock[second]
            rows.append(b",".join(fields) + b"\n")
        yield b"".join(rows)


if __name__ == "__main__":
    measuring.raise_on_termination()
    make_forms(make_log(pathlib.Path(sys.argv[3]), sys.argv[1], sys.argv[2]))
