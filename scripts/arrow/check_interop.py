#!/usr/bin/env python3
"""Opens Arrow streams with pyarrow and with polars' own reader, and compares what they see.

    python3 scripts/arrow/check_interop.py [--brief] FILE...

Needs requirements.txt. Prints both views of each file: schema, number of rows, first rows (--brief: one line). Exits 1 if a file does not open,
fails pyarrow's full validation, or shows the two readers different names, types or values.
"""

import math
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


def check(path, brief):
    """What differs between the two views of the file, as text."""
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
    return faults


def main(arguments):
    brief = "--brief" in arguments
    paths = [argument for argument in arguments if argument != "--brief"]
    if not paths:
        sys.exit(__doc__)
    failed = False
    for path in paths:
        try:
            faults = check(path, brief)
        except Exception as error:  # Both libraries raise errors of many types.
            faults = [f"does not open: {error}"]
        for fault in faults[:20]:
            print(f"{path}: error: {fault}", file=sys.stderr)
        failed = failed or bool(faults)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
