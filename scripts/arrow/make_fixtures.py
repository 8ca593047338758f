#!/usr/bin/env python3
"""Writes the Arrow streams that Tests/ArrowStreamTests reads, made by pyarrow and polars.

    python3 scripts/arrow/make_fixtures.py

NAME.arrows is a stream, NAME.jsonl beside it what ArrowTextEncoder has to make of it, byte for byte: written here from the
values that went in, without our code. unsupported/ has streams with a column `x` that is not read.
Made with Python 3.11 and the versions in requirements.txt; the same versions give the same bytes.
"""

import datetime
import decimal
import json
import math
import pathlib

import numpy as np
import polars as pl
import pyarrow as pa

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ArrowStreamTests" / "Fixtures"
UTC = "UTC"


# What the text should be.


def timestamp(ticks, unit, zone):
    milliseconds = {"s": ticks * 1000, "ms": ticks, "us": ticks // 1000, "ns": ticks // 1_000_000}[unit]
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)
    return time.isoformat(timespec="milliseconds") + ("Z" if zone else "")


def shortest(value, type_):
    """The double that prints as the shortest text of a single: halves are held as singles, too."""
    if not math.isfinite(value):
        return None
    return float(value) if pa.types.is_float64(type_) else float(str(np.float32(value)))


def plain(scalar):
    """An Arrow scalar as what JSON shows."""
    type_ = scalar.type
    if not scalar.is_valid:
        return None
    if pa.types.is_dictionary(type_):
        return plain(scalar.value)
    if pa.types.is_timestamp(type_):
        return timestamp(scalar.value, type_.unit, type_.tz)
    if pa.types.is_floating(type_):
        return shortest(scalar.as_py(), type_)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return [plain(item) for item in scalar.values]
    return scalar.as_py()


def write_expected(name, batches):
    with open(FOLDER / f"{name}.jsonl", "w", encoding="utf-8", newline="\n") as file:
        for batch in batches:
            for row in range(batch.num_rows):
                values = {field: plain(batch.column(i)[row]) for i, field in enumerate(batch.schema.names)}
                file.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n")


# Streams.


def write(name, batches, schema=None, **options):
    """A stream by pyarrow: buffers aligned to 8 bytes."""
    with pa.ipc.new_stream(FOLDER / f"{name}.arrows", batches[0].schema if schema is None else schema,
                           options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    write_expected(name, batches)


def write_polars(name, frame, **options):
    """A stream by polars: buffers aligned to 64 bytes, text as views unless told otherwise."""
    frame.write_ipc_stream(FOLDER / f"{name}.arrows", **options)
    write_expected(name, frame.to_arrow().to_batches())


def write_unsupported(name, array):
    batch = pa.record_batch([array], names=["x"])
    with pa.ipc.new_stream(FOLDER / "unsupported" / f"{name}.arrows", batch.schema) as writer:
        writer.write_batch(batch)


TEXT = ["a", "", None, 'quote " comma , backslash \\', "line\nfeed\ttab\x01", "ü€😀, longer than twelve bytes"]


def every_type():
    integers = {f"{sign}int{bits}": pa.array([2 ** (bits - (not sign)) - 1, -2 ** (bits - 1) if not sign else 0, None, 1,
                                              2, 3], getattr(pa, f"{sign}int{bits}")())
                for sign in ("", "u") for bits in (8, 16, 32, 64)}
    columns = {
        **integers,
        "bool": pa.array([True, False, None, True, True, False]),
        "half": pa.array(np.array([0.1, -2.5, 6e-8, 65504, np.inf, 0], np.float16)),
        "float": pa.array([0.1, -2.5, None, 1e20, math.nan, 1e-45], pa.float32()),
        "double": pa.array([0.1, -0.0, None, 1e300, -math.inf, 5e-324], pa.float64()),
        "utf8": pa.array(TEXT),
        "nothing": pa.nulls(6),
        "seconds": pa.array([0, -1, None, 4102444799, 951782399, 1], pa.timestamp("s", UTC)),
        "milliseconds": pa.array([0, -1, None, 1709251199999, 1, 1], pa.timestamp("ms", UTC)),
        "microseconds": pa.array([0, -1, None, 1709251199999999, 1, 1], pa.timestamp("us", "Europe/Berlin")),
        "nanoseconds": pa.array([0, -1, None, 1709251199999999999, 1, 1], pa.timestamp("ns")),
        "list": pa.array([[1, 2], [], None, [None, 3], [4], []], pa.list_(pa.uint32())),
        "lists": pa.array([[["a"], []], [], None, [None], [["b", None]], [["c"] * 3]], pa.list_(pa.list_(pa.utf8()))),
        "dictionary": pa.array(["x", "y", None, "x", "z", "y"]).dictionary_encode(),
    }
    return pa.record_batch(list(columns.values()), names=list(columns))


def large_types():
    return pa.record_batch({
        "large_utf8": pa.array(TEXT, pa.large_utf8()),
        "utf8_view": pa.array(TEXT, pa.string_view()),
        "large_list": pa.array([[1.5], [], None, [2, 3], [], [4]], pa.large_list(pa.float32())),
        "list of views": pa.array([["a", "longer than twelve"], [], None, [""], [], [None]], pa.list_(pa.string_view())),
        "uint64 codes": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 0, 0], pa.uint64()), pa.array([7, 9])),
        "codes in lists": pa.ListArray.from_arrays(
            pa.array([0, 1, 1, 3, 3, 3, 3], pa.int32()), pa.array(["p", "q", "p"]).dictionary_encode()),
    })


def codes(values, indices):
    return pa.record_batch([pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(values))], names=["code"])


def compressible(rows=120):
    """Long enough that compression pays; `noise` does not, and is stored as it is."""
    generator = np.random.default_rng(7)
    return pa.record_batch({
        "rising": pa.array(range(rows), pa.int64()),
        "constant": pa.array([0.5] * rows, pa.float32()),
        "text": pa.array([f"user number {i % 7}" for i in range(rows)]),
        "noise": pa.array(generator.integers(0, 256, rows), pa.uint8()),
        "odd": pa.array([None if i % 2 else i for i in range(rows)], pa.uint16()),
    })


def polars_frame():
    return pl.DataFrame({
        "text": TEXT,
        "int": pl.Series([1, None, -3, 4, 5, 6], dtype=pl.Int16),
        "float": pl.Series([0.1, None, -2.5, 3, 4, 5], dtype=pl.Float32),
        "bool": [True, None, False, True, True, False],
        "time": pl.Series([0, None, 1709251199999, 1, 2, 3], dtype=pl.Datetime("ms", UTC)),
        "naive": pl.Series([0, None, 1709251199999999, 1, 2, 3], dtype=pl.Datetime("us")),
        "list": pl.Series([[1, 2], [], None, [None], [3], []], dtype=pl.List(pl.UInt32)),
        "texts": pl.Series([["a", "longer than twelve"], [], None, [None], [""], ["b"]], dtype=pl.List(pl.String)),
        "category": pl.Series(["x", None, "y", "x", "z", "z"], dtype=pl.Categorical),
        "enum": pl.Series(["train", None, "test", "test", "train", "train"],
                          dtype=pl.Enum(["train", "validation", "test"])),
        "nothing": pl.Series([None] * 6, dtype=pl.Null),
    })


def samples(text, list_):
    """A sample stream as a person might write one."""
    def field(name, type_, **notes):
        return pa.field(name, type_, metadata={f"plumb.{key}": value for key, value in notes.items()})

    schema = pa.schema([
        field("user", text, role="user"),
        field("time", pa.timestamp("ms", UTC), role="time"),
        field("label", pa.float32(), role="label"),
        field("part", text, role="part"),
        field("item", pa.uint32(), role="item", kind="categorical", encoding="dictionary"),
        field("tags", list_(pa.uint32()), role="feature", kind="multivalued", encoding="hash", hash_size="50"),
        field("age", pa.float32(), role="feature", kind="dense"),
    ], metadata={"plumb.stream": "samples", "plumb.format": "1"})
    rows = [["ann", 10, 1, "train", 3, [1, 50], 0.5], ["ann", 11, 0, "test", 4, [], 1.5],
            ["a name longer than twelve", 5, 1, "train", 3, [7], -1]]
    return pa.record_batch([pa.array(values, type_) for values, type_ in zip(zip(*rows), schema.types)], schema=schema)


def grouped_samples():
    """A sample stream whose rows belong to impression lists; the column need neither stand in our place nor bear our name."""
    batch = samples(pa.utf8(), pa.list_)
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns["time"] = pa.array([10, 10, 11], pa.timestamp("ms", UTC))
    columns["user"] = pa.array(["ann"] * 3)
    columns["part"] = pa.array(["train", "train", "test"])
    field = pa.field("impression", pa.int64(), metadata={"plumb.role": "group"})
    groups = pa.array([70_000_000_000, 70_000_000_000, -1])
    return pa.record_batch([*columns.values(), groups], schema=batch.schema.append(field))


def main():
    for old in [*FOLDER.glob("**/*.arrows"), *FOLDER.glob("*.jsonl")]:
        old.unlink()
    (FOLDER / "unsupported").mkdir(parents=True, exist_ok=True)

    types = every_type()
    write("pyarrow-types", [types])
    write("pyarrow-types-v4", [types], metadata_version=pa.ipc.MetadataVersion.V4)
    write("pyarrow-types-legacy-framing", [types], use_legacy_format=True)
    write("pyarrow-types-lz4", [types], compression="lz4")
    write("pyarrow-types-zstd", [types], compression="zstd")
    write("pyarrow-slices", [types.slice(1, 2), types.slice(3, 0), types.slice(3, 3)])
    write("pyarrow-large-types", [large_types()])
    write("pyarrow-large-slice", [large_types().slice(3, 2)])
    write("pyarrow-compressible-lz4", [compressible()], compression="lz4")
    write("pyarrow-compressible-zstd", [compressible(), compressible().slice(0, 9)], compression="zstd")
    write("pyarrow-no-batches", [], types.schema)
    write("pyarrow-no-rows", [types.slice(0, 0)])
    write("pyarrow-no-columns", [], pa.schema([]))

    growing = [codes(["a", "b"], [0, 1]), codes(["a", "b", "c"], [2, None]), codes(["a", "b", "c", "d"], [3, 0])]
    write("pyarrow-dictionary-delta", growing, emit_dictionary_deltas=True)
    write("pyarrow-dictionary-replacement", [codes(["a", "b"], [0, 1]), codes(["c"], [0, 0]), codes(["d", None], [0, 1])])

    write_polars("polars", polars_frame())
    write_polars("polars-oldest", polars_frame(), compat_level=pl.CompatLevel.oldest())
    write_polars("polars-lz4", polars_frame(), compression="lz4")
    write_polars("polars-zstd", polars_frame(), compression="zstd")
    write_polars("polars-no-rows", polars_frame().clear())

    write("pyarrow-samples", [samples(pa.utf8(), pa.list_)])
    write("pyarrow-samples-groups", [grouped_samples()])
    write("pyarrow-samples-large", [samples(pa.large_utf8(), pa.large_list)])
    write("pyarrow-samples-views", [samples(pa.string_view(), pa.list_)], compression="zstd")

    write_unsupported("decimal", pa.array([decimal.Decimal("1.5")]))
    write_unsupported("date", pa.array([datetime.date(2020, 1, 1)]))
    write_unsupported("struct", pa.array([{"a": 1}]))
    write_unsupported("binary", pa.array([b"\xff"]))
    write_unsupported("map", pa.array([[("a", 1)]], pa.map_(pa.utf8(), pa.int8())))
    write_unsupported("list_of_duration", pa.array([[1]], pa.list_(pa.duration("s"))))
    write_unsupported("run_end_encoded", pa.RunEndEncodedArray.from_arrays([1], ["a"]))


if __name__ == "__main__":
    main()
