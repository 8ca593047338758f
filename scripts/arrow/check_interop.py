#!/usr/bin/env python3
"""Opens Arrow streams with pyarrow, with polars' own reader and with plumb, and compares what they see.

    python3 scripts/arrow/check_interop.py [--brief] [--plumb COMMAND] FILE...

Needs requirements.txt. Prints the views of each file: schema, number of rows, first rows (--brief: one line). With --plumb, what
`COMMAND inspect FILE` says of schema, rows and batches is compared too. Where FILE.jsonl stands beside FILE.arrows, the same
command's text form of the same samples, every row is compared with it. Exits 1 if a file does not open, fails pyarrow's full
validation, or shows two readers different names, types or values.
"""

import argparse
import csv
import datetime
import json
import math
import pathlib
import re
import struct
import subprocess
import sys

import polars as pl
import pyarrow as pa

SHOWN_ROWS = 3


def plain_type(type_):
    """A type without what polars changes of it: widths of offsets, dictionaries, which it holds as categories."""
    if pa.types.is_dictionary(type_):
        return plain_type(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return pa.utf8()
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(plain_type(type_.value_type))
    return type_


def plain(value):
    """A value that equals itself: NaN does not, and -0.0 equals 0.0, which it should not here."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    return value


def plumb_type(type_):
    """A type in plumb's words."""
    if pa.types.is_dictionary(type_):
        return f"dictionary<{type_.index_type}, {plumb_type(type_.value_type)}>"
    if pa.types.is_list(type_):
        return f"list<{plumb_type(type_.value_type)}>"
    if pa.types.is_timestamp(type_):
        return f"timestamp[{type_.unit}, {type_.tz}]"
    return {"string": "utf8", "float": "float32", "double": "float64"}.get(str(type_), str(type_))


def agrees(text, value, type_):
    """Whether a value of plumb's JSON is pyarrow's. Numbers are to agree to the last bit of their type."""
    if text is None or value is None:
        return text is None and value is None
    if pa.types.is_list(type_):
        return len(text) == len(value) and all(agrees(a, b, type_.value_type) for a, b in zip(text, value))
    if pa.types.is_timestamp(type_):
        return datetime.datetime.fromisoformat(text) == value
    if pa.types.is_floating(type_):
        form = "<f" if type_ == pa.float32() else "<d"
        return isinstance(text, float) and struct.pack(form, text) == struct.pack(form, value)
    return type(text) is type(value) and text == value


def cell(text, type_):
    """A field of plumb's CSV as the value that its JSON has; an empty one is null."""
    if text == "":
        return None
    is_text = pa.types.is_string(type_) or pa.types.is_dictionary(type_) or pa.types.is_timestamp(type_)
    return text if is_text else json.loads(text)


def check_inspection(command, path, table, batches):
    """What differs between pyarrow's view of the file and that of `plumb inspect`."""
    done = subprocess.run([command, "inspect", path], capture_output=True, text=True)
    if done.returncode != 0:
        return [f"plumb inspect: {done.stderr.strip()}"]
    lines = done.stdout.splitlines()
    faults = []
    if lines[0] != f"Arrow stream, {table.num_rows} rows in {batches} batches":
        faults.append(f"pyarrow sees {table.num_rows} rows in {batches} batches, plumb says {lines[0]}")
    about = [line[2:] for line in lines[1:] if line.startswith("  ")]
    notes = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    names = [f"{field.name}: {plumb_type(field.type)}" for field in table.schema]
    theirs = [re.sub(r" \(\w+\)$", "", line) for line in about[len(notes) :]]
    if about[: len(notes)] != [f"{key} = {notes[key]}" for key in sorted(notes)] or theirs != names:
        faults.append(f"pyarrow sees {notes}, {names}; plumb {about}")
    shown = list(csv.reader(lines[1 + len(about) :]))
    if shown[0] != table.schema.names or len(shown) - 1 != min(5, table.num_rows):
        faults.append(f"plumb shows {shown[0]} and {len(shown) - 1} rows")
    for row, (texts, values) in enumerate(zip(shown[1:], table.slice(0, 5).to_pylist())):
        for text, field in zip(texts, table.schema):
            if not agrees(cell(text, field.type), values[field.name], field.type):
                faults.append(f"row {row}, column {field.name}: pyarrow {values[field.name]!r}, plumb {text}")
    return faults


def check_text(path, table):
    """What differs between pyarrow's view of every row and plumb's text form in `path`."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    if len(rows) != table.num_rows:
        return [f"{table.num_rows} rows, {len(rows)} in {path}"]
    faults = []
    for row, (texts, values) in enumerate(zip(rows, table.to_pylist())):
        if list(texts) != table.schema.names:
            return [f"columns {table.schema.names}, in {path} {list(texts)}"]
        for field in table.schema:
            if not agrees(texts[field.name], values[field.name], field.type):
                faults.append(
                    f"row {row}, column {field.name}: pyarrow {values[field.name]!r}, plumb {texts[field.name]!r}"
                )
    print(f"{path}: plumb's text form, {len(rows)} rows")
    return faults


def check(path, brief, command):
    """What differs between the views of the file, as text."""
    with pa.ipc.open_stream(path) as stream:
        batches = list(stream)
        table = pa.Table.from_batches(batches, stream.schema)
    table.validate(full=True)
    frame = pl.read_ipc_stream(path, use_pyarrow=False)

    print(f"{path}: {table.num_rows} rows in {len(batches)} batches")
    ours, theirs = table.to_pylist(), frame.to_dicts()
    if not brief:
        for name, type_ in zip(table.schema.names, table.schema.types):
            print(f"  {name}: pyarrow {type_}, polars {frame.schema.get(name)}")
        for key, value in sorted((table.schema.metadata or {}).items()):
            print(f"  {key.decode()} = {value.decode()}")
        for row in range(min(SHOWN_ROWS, len(ours), len(theirs))):
            print(f"  pyarrow {ours[row]}\n  polars  {theirs[row]}")

    if table.schema.names != frame.columns:
        return [f"columns: {table.schema.names} and {frame.columns}"]
    faults = []
    for name, type_, other in zip(table.schema.names, table.schema.types, frame.to_arrow().schema.types):
        if plain_type(type_) != plain_type(other):
            faults.append(f"column {name}: {type_} and {other}")
    if len(ours) != len(theirs):
        faults.append(f"{len(ours)} and {len(theirs)} rows")
    for row, (a, b) in enumerate(zip(ours, theirs)):
        for name in table.schema.names:
            if plain(a[name]) != plain(b[name]):
                faults.append(f"row {row}, column {name}: {a[name]!r} and {b[name]!r}")
    if command:
        faults += check_inspection(command, path, table, len(batches))
    text = pathlib.Path(path).with_suffix(".jsonl")
    if text.exists():
        faults += check_text(text, table)
    return faults


def main():
    parser = argparse.ArgumentParser(description="Opens Arrow streams with several readers and compares what they see.")
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--plumb", metavar="COMMAND")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    failed = False
    for path in options.files:
        try:
            faults = check(path, options.brief, options.plumb)
        except Exception as error:  # The libraries raise errors of many types.
            faults = [f"does not open: {error}"]
        for fault in faults[:20]:
            print(f"{path}: error: {fault}", file=sys.stderr)
        failed = failed or bool(faults)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
