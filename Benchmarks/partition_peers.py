"""One job of the partition benchmark by polars or DuckDB, in a process of its own.

    python Benchmarks/partition_peers.py polars ipc --threads 2 -o sorted.arrow log.csv.gz
    python Benchmarks/partition_peers.py duckdb parquet --memory 256MB --threads 2 -o sorted.parquet log.csv.gz

All rows of a log, sorted by user and time, in one file. Both tools are told all types, so neither guesses, and neither compresses,
which is what takes them least. polars keeps rows of one user and time in the log's order; DuckDB is not asked to. Prints the
seconds of the query alone, without imports.
"""

import argparse
import json
import time

COLUMNS = ["user", "item", "category", "time", "click"]


def polars_query(options) -> float:
    import os

    os.environ["POLARS_MAX_THREADS"] = str(options.threads)
    import polars as pl

    schema = {name: pl.Int64 for name in COLUMNS} | {"click": pl.Int8}
    start = time.perf_counter()
    rows = pl.scan_csv(options.log, schema=schema).sort("user", "time", maintain_order=True)
    sink = rows.sink_ipc if options.form == "ipc" else rows.sink_parquet
    sink(options.output, compression="uncompressed", engine="streaming")
    return time.perf_counter() - start


def duckdb_query(options) -> float:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {options.threads}")
    connection.execute(f"SET temp_directory = '{options.output}.temporary'")
    if options.memory:
        connection.execute(f"SET memory_limit = '{options.memory}'")
    types = {name: "BIGINT" for name in COLUMNS} | {"click": "TINYINT"}
    table = f"read_csv('{options.log}', header = true, auto_detect = false, delim = ',', quote = '\"', columns = {types})"
    start = time.perf_counter()
    connection.execute(
        f"COPY (SELECT * FROM {table} ORDER BY user, time) TO '{options.output}' (FORMAT parquet, COMPRESSION uncompressed)"
    )
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", choices=["polars", "duckdb"])
    parser.add_argument("form", choices=["ipc", "parquet"])
    parser.add_argument("log")
    parser.add_argument("--memory", help="DuckDB's limit; by default its own")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("-o", "--output", required=True)
    options = parser.parse_args()
    if (options.tool, options.form) == ("duckdb", "ipc"):
        parser.error("duckdb writes parquet only")
    query = polars_query if options.tool == "polars" else duckdb_query
    print(json.dumps({"query_s": query(options)}))


main()
