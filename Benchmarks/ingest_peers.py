"""One job of the ingest benchmark by polars or DuckDB, in a process of its own.

    python Benchmarks/ingest_peers.py polars counts --threads 2 -o counts.csv log.csv.gz

`counts` is each user's samples and positive ones; `arrow` all rows, typed, with items and categories as ids of a dictionary. Both
tools are told all types, so neither guesses. Prints the seconds of the query alone; what comes before (imports) and, for counts,
after (sorting and writing them) is not in it.
"""

import argparse
import json
import time

COLUMNS = ["user", "item", "category", "time", "click"]
CATEGORICAL = ["item", "category"]


def polars_query(options) -> float:
    import os

    os.environ["POLARS_MAX_THREADS"] = str(options.threads)
    import polars as pl

    schema = {name: pl.Int64 for name in COLUMNS} | {"click": pl.Int8}
    if options.times == "iso":
        schema["time"] = pl.String

    def scan():
        if options.format == "jsonl":
            # Its reader of JSON knows no Int8.
            return pl.scan_ndjson(options.logs, schema=schema | {"click": pl.Int64})
        return pl.scan_csv(options.logs, schema=schema)

    start = time.perf_counter()
    if options.job == "arrow":
        # Faster than a schema of categories, and than writing categories instead of their ids.
        schema |= {name: pl.String for name in CATEGORICAL}
        ids = scan().with_columns(pl.col(CATEGORICAL).cast(pl.Categorical).to_physical())
        ids.sink_ipc(options.output, compression="uncompressed", engine="streaming")
        return time.perf_counter() - start
    columns = [pl.len().alias("samples"), pl.col("click").sum().alias("positives")]
    if options.times == "iso":
        # Told the form, it is two to five times as fast as by a schema of times.
        columns.append(pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms").max())
    counts = scan().group_by("user").agg(columns).collect(engine="streaming")
    seconds = time.perf_counter() - start
    counts.select("user", "samples", "positives").sort("user").write_csv(options.output)
    return seconds


def duckdb_query(options) -> float:
    import duckdb
    import pyarrow as pa
    import pyarrow.ipc

    connection = duckdb.connect()
    connection.execute(f"SET threads = {options.threads}")
    pa.set_cpu_count(options.threads)
    types = {name: "BIGINT" for name in COLUMNS} | {"click": "TINYINT"}
    if options.times == "iso":
        types["time"] = "TIMESTAMP"
    if options.format == "jsonl":
        table = f"read_json({options.logs}, format = 'newline_delimited', columns = {types})"
    else:
        table = f"read_csv({options.logs}, header = true, auto_detect = false, delim = ',', quote = '\"', columns = {types})"

    start = time.perf_counter()
    if options.job == "arrow":
        # DuckDB has no ids in order of appearance; Arrow's own dictionaries are the shortest way to them.
        rows = connection.sql(f"SELECT * FROM {table}").to_arrow_table()
        for name in CATEGORICAL:
            rows = rows.set_column(rows.schema.get_field_index(name), name, rows[name].dictionary_encode())
        with pa.ipc.new_file(options.output, rows.schema) as file:
            file.write_table(rows)
        return time.perf_counter() - start
    latest = ", max(time)" if options.times == "iso" else ""
    counts = connection.sql(
        f"SELECT user, count(*) AS samples, sum(click)::BIGINT AS positives{latest} FROM {table} GROUP BY user"
    ).to_arrow_table()
    seconds = time.perf_counter() - start
    import pyarrow.csv

    counts = counts.select(["user", "samples", "positives"]).sort_by("user")
    pa.csv.write_csv(counts, options.output, pa.csv.WriteOptions(quoting_style="none"))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", choices=["polars", "duckdb"])
    parser.add_argument("job", choices=["counts", "arrow"])
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--format", choices=["csv", "jsonl"], default="csv")
    parser.add_argument("--times", choices=["unix", "iso"], default="unix")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("-o", "--output", required=True)
    options = parser.parse_args()
    query = polars_query if options.tool == "polars" else duckdb_query
    print(json.dumps({"query_s": query(options)}))


main()
