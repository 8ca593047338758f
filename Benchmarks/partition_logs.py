"""The logs that the partition benchmark reads: the ingest benchmark's, smaller and larger ones, and one of a single user.

    python Benchmarks/partition_logs.py .build/release/plumb FOLDER --rows 5000000 --one-user 1000000 --growth 1000000 5000000

All but the first are packed while they are made, so that their plain text is never on the disk, and kept for the next run of the
benchmark. A process of its own, as ingest_logs.py is.
"""

import argparse
import contextlib
import gzip
import pathlib
import random
import subprocess
import sys
from collections.abc import Iterator

import ingest_logs
import measuring

SEED = 1
ROWS_A_USER = 100
SMALL_USERS = 1_000
SMALL_ROWS_A_USER = 20
SINGLE_USER = SMALL_USERS + 1
"""The key of the single user; those of the small ones are below."""
CHUNK_BYTES = 1 << 20


def growth_log(folder: pathlib.Path, rows: int) -> pathlib.Path:
    return folder / f"growth-{rows}.csv.gz"


def one_user_log(folder: pathlib.Path, rows: int) -> pathlib.Path:
    return folder / f"one-user-{rows}.csv.gz"


def one_user_samples(rows: int) -> int:
    """All rows of that log."""
    return rows + SMALL_USERS * SMALL_ROWS_A_USER


def make_growth(path: pathlib.Path, plumb: str, rows: int) -> None:
    with _synth(plumb, rows, max(rows // ROWS_A_USER, 1), SEED) as log:
        _keep(path, _chunks(log))


def make_one_user(path: pathlib.Path, plumb: str, rows: int) -> None:
    """One user's rows and those of small users, in no order, with times in whole minutes: many rows of one time, where the other
    logs have next to none and are in order before anything sorts them."""
    small_rows = SMALL_USERS * SMALL_ROWS_A_USER
    with _synth(plumb, rows, 1, SEED) as single, _synth(plumb, small_rows, SMALL_USERS, SEED + 1) as small:
        _keep(path, _shuffled(single, small))


@contextlib.contextmanager
def _synth(plumb: str, rows: int, users: int, seed: int) -> Iterator[subprocess.Popen]:
    """A log's text on standard output. What is not read is not made."""
    command = [plumb, "synth", "--rows", str(rows), "--users", str(users), "--seed", str(seed), "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        yield process


def _require_whole(process: subprocess.Popen) -> None:
    """Fails unless the process whose output was read to the end says that this was all of it."""
    if process.wait() != 0:
        raise measuring.Failure(f"exit status {process.returncode}: {' '.join(process.args)}")


def _chunks(log: subprocess.Popen) -> Iterator[bytes]:
    while chunk := log.stdout.read(CHUNK_BYTES):
        yield chunk
    _require_whole(log)


def _shuffled(single: subprocess.Popen, small: subprocess.Popen) -> Iterator[bytes]:
    header = small.stdout.readline()
    single.stdout.readline()
    lines = [_by_minute(line) for line in small.stdout]
    lines += [_by_minute(line, SINGLE_USER) for line in single.stdout]
    _require_whole(small)
    _require_whole(single)
    random.Random(SEED).shuffle(lines)
    yield header + b"".join(lines)


def _by_minute(line: bytes, user: int | None = None) -> bytes:
    key, item, category, time, click = line.split(b",")
    return b"%b,%b,%b,%d,%b" % (key if user is None else b"%d" % user, item, category, int(time) // 60 * 60, click)


def _keep(path: pathlib.Path, chunks: Iterator[bytes]) -> None:
    """Packs the log, unless the one that is there begins alike: another `plumb synth` may make others."""
    first = next(chunks)
    if path.exists():
        with gzip.open(path) as kept:
            if kept.read(len(first)) == first:
                return
    print(f"making {path.name}", file=sys.stderr)
    partial = path.with_name(path.name + ".partial")
    try:
        with open(partial, "wb") as packed:
            with subprocess.Popen(["gzip", "-1", "-n", "-c"], stdin=subprocess.PIPE, stdout=packed) as process:
                process.stdin.write(first)
                process.stdin.writelines(chunks)
            _require_whole(process)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plumb")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", required=True)
    parser.add_argument("--one-user", type=int, required=True)
    parser.add_argument("--growth", type=int, nargs="*", default=[])
    options = parser.parse_args()
    measuring.raise_on_termination()
    try:
        ingest_logs.make_log(options.folder, options.plumb, options.rows)
        make_one_user(one_user_log(options.folder, options.one_user), options.plumb, options.one_user)
        for rows in options.growth:
            make_growth(growth_log(options.folder, rows), options.plumb, rows)
    except measuring.Failure as failure:
        sys.exit(f"partition_logs: {failure}")


if __name__ == "__main__":
    main()
