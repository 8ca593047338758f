#!/usr/bin/env python3
"""Holds what `plumb ingest` makes of real logs against what polars reads in the same raw files by its own means: every row and
every column, ids decoded by the vocabulary file, in row order; the keys' counts; and `--counts` per user.

    build/peers/bin/python scripts/ingest/check_polars.py --plumb .build/release/plumb \\
        [--amazon-hin amazon-hin.tar.gz] [--taobao UserBehavior.csv.gz]

ml-latest-small and the samples are always compared; data sets that cannot stand in the repository where their files are given,
by these flags or by the variables AMAZON_HIN and TAOBAO. ml-latest-small is also written anew by polars and pyarrow as zstd
CSV, JSON lines, an Arrow stream and `.dat` files in a zip, which must give the same samples.
"""

import argparse
import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

REPOSITORY = Path(__file__).resolve().parents[2]
PIPELINES = REPOSITORY / "pipelines"
SAMPLES = REPOSITORY / "samples"


@dataclass
class Ingested:
    """Samples as plumb wrote them, and its vocabulary: feature, key, id, count."""

    samples: pa.Table
    vocabulary: pl.DataFrame


class Plumb:
    """The command, and a folder for what it reads and writes."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder

    def pipeline(self, name: str, text: str) -> Path:
        """A pipeline file of that text, in which relative paths start at `pipelines/`."""
        file = self.folder / f"{name}.yaml"
        file.write_text(text.replace("../samples/", f"{SAMPLES}/"))
        return file

    def ingest(self, pipeline: Path) -> Ingested:
        samples, vocabulary = self.folder / "samples.arrows", self.folder / "vocabulary.arrows"
        self.run(pipeline, "-o", samples, "--vocabulary", vocabulary)
        return Ingested(pa.ipc.open_stream(samples).read_all(), pl.read_ipc_stream(vocabulary))

    def counts(self, pipeline: Path) -> pl.DataFrame:
        counts = self.folder / "counts.csv"
        self.run(pipeline, "--counts", "-o", counts)
        return pl.read_csv(counts)

    def run(self, pipeline: Path, *arguments: str | Path) -> None:
        subprocess.run([self.path, "ingest", "--pipeline", pipeline, "-q", *arguments], check=True)


def decoded(ingested: Ingested) -> pl.DataFrame:
    """The samples with keys in the place of ids; null for id 0, times in milliseconds."""
    columns = {}
    for name in ingested.samples.column_names:
        column = ingested.samples[name].combine_chunks()
        own = ingested.vocabulary.filter(pl.col("feature") == name)
        if own["id"].to_list() != list(range(1, len(own) + 1)):
            sys.exit(f"the ids of {name} do not count from 1")
        keys = pa.array([None, *own["key"]], pa.string())
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("ms")).cast(pa.int64())
        elif pa.types.is_list(column.type):
            column = pa.ListArray.from_arrays(column.offsets, keys.take(column.values))
        elif len(own):
            column = keys.take(column)
        columns[name] = pl.Series(name, column)
    return pl.DataFrame(columns)


def compare(plumb: Plumb, pipeline: Path, theirs: pl.DataFrame) -> None:
    """`theirs` has the sample stream's columns: a key or null, a list of keys, or a number a row."""
    ingested = plumb.ingest(pipeline)
    ours = decoded(ingested)
    if ours.columns != theirs.columns or ours.height != theirs.height:
        sys.exit(f"plumb has {ours.height} rows of {ours.columns}, polars {theirs.height} of {theirs.columns}")
    for name in ours.columns:
        left, right = ours[name], theirs[name]
        if left.dtype == pl.Float32:
            # Rounded once from the same double; only its logarithm may differ in the last place.
            same = ((left - right.cast(pl.Float32)).abs() <= 1e-6 * right.abs()).fill_null(False)
        else:
            same = left.eq_missing(right)
        if not same.all():
            row = same.arg_min()
            sys.exit(f"row {row}, column {name}: plumb has {left[row]!r}, polars {right[row]!r}")
    keys = 0
    for (name,), own in ingested.vocabulary.group_by("feature", maintain_order=True):
        keys += own.height
        compare_keys(own, theirs[name])
    counts = theirs.group_by("user", maintain_order=True).agg(
        samples=pl.len().cast(pl.Int64), positives=pl.col("label").sum().cast(pl.Int64)
    )
    if not plumb.counts(pipeline).equals(counts):
        sys.exit("plumb ingest --counts and polars count users' samples differently")
    print(
        f"{pipeline.stem}: {ours.height} rows, {len(ours.columns)} columns ({', '.join(ours.columns)}), {keys} keys and "
        f"{counts.height} users alike"
    )


def compare_keys(own: pl.DataFrame, column: pl.Series) -> None:
    """A feature's vocabulary stands in order of first appearance, with the rows that each key is in."""
    values = column.explode() if column.dtype == pl.List else column
    order = values.drop_nulls().unique(maintain_order=True)
    once = column.list.unique().explode() if column.dtype == pl.List else column
    counts = once.drop_nulls().value_counts(name="count")
    counted = pl.DataFrame({"key": order}).join(counts, left_on="key", right_on=column.name, how="left", maintain_order="left")
    if not own["key"].equals(order) or own["count"].to_list() != counted["count"].to_list():
        sys.exit(f"plumb and polars have other keys of {column.name}, or count them differently")


def roles(user: pl.Expr, seconds: pl.Expr, positive: pl.Expr) -> list[pl.Expr]:
    """The columns that every sample has."""
    return [
        user.alias("user"),
        (seconds.cast(pl.Int64) * 1000).alias("time"),
        positive.cast(pl.Float32).alias("label"),
    ]


def lists(column: str) -> pl.Expr:
    """A joined column of lists: empty where there is no row."""
    return pl.col(column).fill_null([])


def csv(data: bytes, columns: list[str] | None = None, separator: str = ",") -> pl.LazyFrame:
    """A CSV file whose fields stay text."""
    return pl.scan_csv(
        io.BytesIO(data), has_header=columns is None, new_columns=columns, separator=separator, infer_schema=False
    )


# Data sets, as polars reads them.


def movielens() -> pl.DataFrame:
    with zipfile.ZipFile(SAMPLES / "ml-latest-small.zip") as archive:
        ratings, movies = (csv(archive.read(f"ml-latest-small/{name}.csv")) for name in ("ratings", "movies"))
    genres = pl.when(pl.col("genres") != "(no genres listed)").then(pl.col("genres").str.split("|"))
    return (
        ratings.join(movies.with_columns(genres), on="movieId", how="left", maintain_order="left")
        .select(
            *roles(
                pl.col("userId").cast(pl.Int64), pl.col("timestamp"), pl.col("rating").cast(pl.Float64) >= 4
            ),
            pl.col("movieId").alias("item"),
            lists("genres"),
        )
        .collect()
    )


def amazon_hin(path: Path) -> pl.DataFrame:
    with tarfile.open(path) as archive:
        tables = {Path(member.name).stem: archive.extractfile(member).read() for member in archive if member.isfile()}
    frame = csv(tables["user_item"], ["user", "item", "rating", "time"], separator="\t")
    features = {"categories": "item_category", "brands": "item_brand", "views": "item_view"}
    for feature, table in features.items():
        side = csv(tables[table], ["item", feature]).group_by("item", maintain_order=True).agg(pl.col(feature))
        frame = frame.join(side, on="item", how="left", maintain_order="left")
    return frame.select(
        *roles(pl.col("user").cast(pl.Int64), pl.col("time"), pl.col("rating").cast(pl.Int64) >= 4),
        pl.col("item"),
        *map(lists, features),
    ).collect()


def amazon_reviews() -> pl.DataFrame:
    folder = SAMPLES / "amazon-reviews"
    reviews, meta = (
        pl.read_ndjson(gzip.decompress((folder / f"{name}.json.gz").read_bytes()), infer_schema_length=None)
        for name in ("reviews_Home_and_Kitchen_5", "meta_Home_and_Kitchen")
    )
    meta = meta.select(
        "asin", pl.col("categories").list.eval(pl.element().explode()), "brand", pl.col("price").fill_null(0).log1p()
    )
    return reviews.join(meta, on="asin", how="left", maintain_order="left").select(
        *roles(pl.col("reviewerID"), pl.col("unixReviewTime"), pl.col("overall") >= 4),
        pl.col("asin").alias("item"),
        lists("categories"),
        pl.col("brand"),
        pl.col("price").fill_null(0),
    )


def taobao(path: Path) -> pl.DataFrame:
    return (
        csv(gzip.decompress(path.read_bytes()), ["user", "item", "category", "behaviour", "time"])
        .select(
            *roles(
                pl.col("user").cast(pl.Int64), pl.col("time"), pl.col("behaviour").is_in(["cart", "fav", "buy"])
            ),
            pl.col("item"),
            pl.col("category"),
        )
        .collect()
    )


# ml-latest-small in other formats.


def rewritten(folder: Path) -> dict[str, str]:
    """Writes ml-latest-small anew in each format; gives the sources' lines of a pipeline file, by format."""
    with zipfile.ZipFile(SAMPLES / "ml-latest-small.zip") as archive:
        tables = {name: pl.read_csv(archive.read(f"ml-latest-small/{name}.csv")) for name in ("ratings", "movies")}
    nested = {name: table for name, table in tables.items()}
    nested["movies"] = tables["movies"].with_columns(pl.col("genres").str.split("|"))
    with_times = nested | {"ratings": tables["ratings"].with_columns(pl.from_epoch("timestamp").dt.cast_time_unit("ms"))}
    for name in tables:
        text = tables[name].write_csv().encode()
        with pa.output_stream(folder / f"{name}.csv.zst", compression="zstd") as stream:
            stream.write(text)
        with pa.output_stream(folder / f"{name}.json.gz", compression="gzip") as stream:
            stream.write(nested[name].write_ndjson().encode())
        with_times[name].write_ipc_stream(folder / f"{name}.arrows")
    with zipfile.ZipFile(folder / "ml.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            lines = table.select(pl.concat_str(pl.all().cast(pl.String), separator="::")).to_series()
            archive.writestr(f"ml/{name}.dat", ("\n".join(lines) + "\n").encode("latin-1", "replace"))
    dat = 'format: csv, delimiter: "::", quote: none, columns'
    return {
        "zstd CSV": "".join(f"    {name}: {{path: {folder}/{name}.csv.zst, format: csv}}\n" for name in tables),
        "JSON lines": "".join(f"    {name}: {{path: {folder}/{name}.json.gz, format: jsonl}}\n" for name in tables),
        "Arrow": "".join(f"    {name}: {{path: {folder}/{name}.arrows, format: arrow}}\n" for name in tables),
        "dat": "".join(
            f"    {name}: {{path: {folder}/ml.zip, entry: ml/{name}.dat, {dat}: [{', '.join(table.columns)}]}}\n"
            for name, table in tables.items()
        ),
    }


def compare_formats(plumb: Plumb) -> None:
    original = (PIPELINES / "movielens.yaml").read_text()
    expected = plumb.ingest(plumb.pipeline("movielens", original))
    for form, sources in rewritten(plumb.folder).items():
        text = re.sub(r"  sources:\n.*?(?=  log:)", lambda _: f"  sources:\n{sources}", original, flags=re.DOTALL)
        if form in ("JSON lines", "Arrow"):
            # Genres are lists there.
            text = text.replace('      separator: "|"\n', "")
        if form == "Arrow":
            text = text.replace("unix-seconds", "unix-milliseconds")
        got = plumb.ingest(plumb.pipeline("rewritten", text))
        if not got.samples.equals(expected.samples) or not got.vocabulary.equals(expected.vocabulary):
            sys.exit(f"ml-latest-small as {form} gives other samples than the original")
        print(f"ml-latest-small as {form}: the same {got.samples.num_rows} samples")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plumb", type=Path, default=REPOSITORY / ".build/release/plumb")
    parser.add_argument("--amazon-hin", type=Path, default=os.environ.get("AMAZON_HIN") or None)
    parser.add_argument("--taobao", type=Path, default=os.environ.get("TAOBAO") or None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plumb = Plumb(arguments.plumb.resolve(), Path(folder))

        def of(name: str) -> str:
            return (PIPELINES / f"{name}.yaml").read_text()

        compare(plumb, plumb.pipeline("movielens", of("movielens")), movielens())
        compare(plumb, plumb.pipeline("amazon-reviews", of("amazon-reviews")), amazon_reviews())
        for name, sample, read, given in [
            ("amazon-hin", "amazon-hin/amazon-hin.tar.gz", amazon_hin, arguments.amazon_hin),
            ("taobao-userbehavior", "taobao-userbehavior/UserBehavior.csv.gz", taobao, arguments.taobao),
        ]:
            compare(plumb, plumb.pipeline(f"{name}, our sample", of(name)), read(SAMPLES / sample))
            if given:
                text = of(name).replace(f"../samples/{sample}", str(given.resolve()))
                compare(plumb, plumb.pipeline(name, text), read(given))
            else:
                print(f"{name}: not compared, the real data set is not given")
        compare_formats(plumb)


main()
