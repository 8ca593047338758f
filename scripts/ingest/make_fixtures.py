#!/usr/bin/env python3
"""Makes Tests/LogIngestTests/Fixtures: one small log in every filter and format that ingest reads, some that it must
refuse, oracle values for hashes and numbers, a line of JSON with its bits flipped as Python reads it, and an Arrow stream
with the texts of its values. (`make_time_fixtures.py` makes those for times.)

    python3 -m venv build/fixtures && build/fixtures/bin/pip install -r scripts/ingest/requirements.txt
    build/fixtures/bin/python scripts/ingest/make_fixtures.py

The same bytes every time, except for the 7z archives.
"""

import bz2
import datetime
import decimal
import gzip
import io
import json
import lzma
import math
import random
import struct
import subprocess
import tarfile
import zipfile
import zlib
from fractions import Fraction
from pathlib import Path

import lz4.frame
import py7zr
import pyarrow as pa
import xxhash
import zstandard

FOLDER = Path(__file__).resolve().parents[2] / "Tests/LogIngestTests/Fixtures"
ROWS = 24


def log() -> bytes:
    """Users 1 to 5, items 10 to 16, ratings 1 to 5, rising times; one item (16) is not in the side table."""
    rows = [
        f"{1 + i % 5},{10 + i * i % 7},{1 + i * 3 % 5},{1_500_000_000 + 60 * i}"
        for i in range(ROWS)
    ]
    return ("user,item,rating,time\n" + "\n".join(rows) + "\n").encode()


ITEMS = (
    'item,name,kinds,price\r\n14,"Tea, green",drink|hot,2.5\r\n10,Bread,food,1\r\n'
    '11,"The ""big"" one",(none),\r\n12,Café,drink,3.25\r\n'
).encode()


def tar(entries: dict[str, bytes]) -> bytes:
    """A tar with the two blocks of zeros at its end that it must have, and no more."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        end = archive.offset
    return out.getvalue()[: end + 1024]


def later_volume(archive: bytes) -> bytes:
    """Gives the first header the type by which GNU tar goes on with an entry of the volume before."""
    changed = bytearray(archive)
    changed[156] = ord("M")
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed[:512])
    return bytes(changed)


def zip_(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = comment
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def zip64(entries: dict[str, bytes]) -> bytes:
    """A zip whose end says everything in zip64's wide numbers."""
    plain = zip_(entries)
    count, size, start = struct.unpack("<HII", plain[-12:-2])
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, start + size, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:-22] + wide + locator + end


def marked_as_encrypted(archive: bytes) -> bytes:
    """Sets the flag "encrypted" in every header; the data stays what it is."""
    changed = bytearray(archive)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(signature)
        while start >= 0:
            changed[start + place] |= 1
            start = changed.find(signature, start + 1)
    return bytes(changed)


def last_part(archive: bytes) -> bytes:
    """Says in the end record that another part comes before."""
    return archive[:-18] + struct.pack("<HH", 1, 0) + archive[-14:]


def lzip(data: bytes) -> bytes:
    """One member as by `lzip --dictionary-size=64KiB`."""
    raw = lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}])
    return b"LZIP\x01\x10" + raw + struct.pack("<IQQ", zlib.crc32(data), len(data), 6 + len(raw) + 20)


def zstd(data: bytes, checksum: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


def lz4_(data: bytes, checksum: bool = True) -> bytes:
    return lz4.frame.compress(data, content_checksum=checksum)


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def compress(data: bytes) -> bytes:
    """LZW by the tool `compress` (Debian: ncompress); Python has no library for it."""
    return subprocess.run(["compress", "-c", "-f"], input=data, stdout=subprocess.PIPE, check=True).stdout


def float_bits(text: str) -> int:
    """Bits of the 32-bit float nearest to `text`, ties to even; rounded once, in exact arithmetic."""
    exact = Fraction(text)
    sign = 0x8000_0000 if text.startswith("-") else 0
    exact = abs(exact)
    low, high = 0, 0x7F80_0000
    value = lambda bits: Fraction(struct.unpack("<f", struct.pack("<I", bits))[0])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if value(middle) <= exact else (low, middle)
    above = value(high) if high < 0x7F80_0000 else Fraction(2) ** 128
    down, up = exact - value(low), above - exact
    return sign | (low if down < up or (down == up and low % 2 == 0) else high)


def numbers() -> str:
    random.seed(7)
    texts = [
        "0", "-0", "1", "4.0", "3.5", "+2", ".5", "5.", "1e3", "1E-3", "-1.25e+2", "0.1", "1e22", "1e23", "123456789012345678",
        "9007199254740993", "9007199254740992.5", "16777217", "16777217.0000001", "16777216.9999999", "8388608.5", "0.30000001192092896",
        "1.00000005960464477539", "1.00000005960464477540", "1.000000059604644775390625", "1e-45", "7e-46", "1.17549435e-38",
        "3.4028235e38", "2.2250738585072014e-308", "5e-324", "1e-400", "000000000000000000000000001.5", "0." + "0" * 40 + "1",
        "1" + "0" * 30, "179769313486231570000",
    ]
    for _ in range(200):
        digits = str(random.getrandbits(random.randint(1, 70)))
        point = random.randint(0, len(digits))
        texts.append(digits[:point] + "." + digits[point:] + f"e{random.randint(-30, 15)}")
        texts.append(repr(random.uniform(-1000, 1000)))
    lines = []
    for text in texts:
        double = struct.unpack("<Q", struct.pack("<d", float(text)))[0]
        lines.append(f"{text}\t{double:016x}\t{float_bits(text):08x}\n")
    return "".join(lines)


def hashes() -> str:
    keys = ["", "a", "ab", "abcd", "abcdefg", "abcdefgh", "12345678901", "item 🍵"] + ["0123456789" * n for n in (3, 4, 7, 20)]
    return "".join(f"{key}\t{xxhash.xxh64_intdigest(key.encode()):016x}\n" for key in keys)


FLIPPED_LINE = (
    r'{"id":-12.5e3,"user":{"name":"J\u00f6 \"x\"","ok":true},"tags":["é",["b\n"],null,7],"n":null}'
).encode()
FLIPPED_COLUMNS = ["id", "user.name", "tags", "n", "tags.1"]


def json_items(value) -> list[str]:
    """The items of a list that may hold lists, or the text of a value."""
    if isinstance(value, dict):
        raise ValueError("an object")
    if isinstance(value, list):
        return [text for item in value for text in json_items(item)]
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [value]


def json_field(value, keys: list[str]) -> str:
    for key in keys:
        if value is None or value == []:
            return ""
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            raise ValueError("a value on the way")
    items = json_items(value)
    if isinstance(value, list) and any("\x1f" in item for item in items):
        raise ValueError("a separator in an item")
    return "\x1f".join(items)


def json_fields(line: bytes) -> list[str]:
    """What Python's parser finds under FLIPPED_COLUMNS; an exception if the line is at fault."""

    def first_of_each(pairs):
        result = {}
        for key, value in pairs:
            result.setdefault(key, value)
        return result

    def not_json(text):
        raise ValueError(text)

    if b"\n" in line:
        raise ValueError("two lines")
    value = json.loads(
        line.decode(), object_pairs_hook=first_of_each, parse_int=str, parse_float=str, parse_constant=not_json
    )
    json.dumps(value, ensure_ascii=False).encode()  # No half surrogate pairs.
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return [json_field(value, column.split(".")) for column in FLIPPED_COLUMNS]


def json_flips() -> bytes:
    """A line, then for each flipped bit that leaves it good: byte, bit, and the fields in hexadecimal."""
    lines = [FLIPPED_LINE.decode()]
    for place in range(len(FLIPPED_LINE)):
        for bit in range(8):
            flipped = bytearray(FLIPPED_LINE)
            flipped[place] ^= 1 << bit
            try:
                fields = json_fields(bytes(flipped))
            except ValueError:
                continue
            lines.append("\t".join([str(place), str(bit)] + [field.encode().hex() for field in fields]))
    return "".join(line + "\n" for line in lines).encode()


def shortest(value: float, type_: pa.DataType) -> str:
    """The shortest decimal that reads back the same."""
    if type_ == pa.float32() and math.isfinite(value):
        same = lambda text: struct.pack("<f", float(text)) == struct.pack("<f", value)
        value = float(next(text for digits in range(1, 10) if same(text := f"{value:.{digits}g}")))
    return repr(value).removesuffix(".0")


def arrow_text(scalar: pa.Scalar) -> str:
    """What ingest makes of a value."""
    type_ = scalar.type
    if pa.types.is_dictionary(type_):
        scalar, type_ = scalar.value, type_.value_type
    if not scalar.is_valid:
        return ""
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return "\x1f".join(arrow_text(item) for item in scalar.values if item.is_valid and item.as_py() != [])
    if pa.types.is_timestamp(type_):
        return str(scalar.value * 1000 if type_.unit == "s" else scalar.value // {"ms": 1, "us": 10**3, "ns": 10**6}[type_.unit])
    if pa.types.is_floating(type_):
        return shortest(scalar.as_py(), type_)
    if pa.types.is_boolean(type_):
        return str(int(scalar.as_py()))
    return str(scalar.as_py())


def arrow_records() -> dict[str, bytes]:
    """A stream whose columns called `skip …` ingest passes over, and the other columns' texts in hexadecimal."""
    texts = ["a", "", None, "tab\tline\n", "ü€😀, longer than twelve bytes", "b"]
    integers = {
        f"{sign}int{bits}": pa.array(
            [2 ** (bits - (not sign)) - 1, -(2 ** (bits - 1)) if not sign else 0, None, 1, 10, 7], getattr(pa, f"{sign}int{bits}")()
        )
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    }
    days = pa.array([datetime.date(2020, 1, 1 + i) for i in range(6)])
    columns = {
        "skip date": days,
        **integers,
        "skip decimal": pa.array([decimal.Decimal("1.5")] * 6),
        "bool": pa.array([True, False, None, True, True, False]),
        "skip binary": pa.array([b"\xff"] * 6),
        "skip views": pa.array([b"a binary longer than twelve bytes"] * 6, pa.binary_view()),
        "half": pa.array([0.5, -2.5, None, 65504, 0, 1], pa.float16()),
        "float": pa.array([0.1, -2.5, None, 1e20, 100000, 1e-45], pa.float32()),
        "double": pa.array([0.1, -0.0, None, 1e300, -math.inf, 123], pa.float64()),
        "skip struct": pa.array([{"a": 1, "b": "x", "c": None}] * 6),
        "skip struct of code": pa.StructArray.from_arrays([pa.array(["p", "q", "p"] * 2).dictionary_encode()], ["code"]),
        "utf8": pa.array(texts),
        "skip map": pa.array([[("a", 1)], [], None, [], [], []], pa.map_(pa.utf8(), pa.int8())),
        "large_utf8": pa.array(texts, pa.large_utf8()),
        "skip durations": pa.array([[1], [], None, [2, 3], [], []], pa.list_(pa.duration("s"))),
        "utf8_view": pa.array(texts, pa.string_view()),
        "skip runs": pa.RunEndEncodedArray.from_arrays([2, 6], ["a", "b"]),
        "nothing": pa.nulls(6),
        "skip nothing": pa.nulls(6),
        "skip fixed": pa.array([[1, 2]] * 6, pa.list_(pa.int8(), 2)),
        "seconds": pa.array([0, -1, None, 4102444799, 951782399, 1], pa.timestamp("s", "UTC")),
        "milliseconds": pa.array([0, -1, None, 1709251199999, 1, 1], pa.timestamp("ms", "UTC")),
        "microseconds": pa.array([0, -1, None, 1709251199999999, 1000, 999], pa.timestamp("us", "Europe/Berlin")),
        "nanoseconds": pa.array([0, -1, None, 1709251199999999999, -1000000, -1000001], pa.timestamp("ns")),
        "skip list views": pa.array([[1], [], None, [2, 3], [], []], pa.list_view(pa.int8())),
        "list": pa.array([[1, 2], [], None, [None, 3], [4], [-5]], pa.list_(pa.int32())),
        "lists": pa.array([[["a"], []], [], None, [None], [["b", None]], [["c"] * 2, ["d"]]], pa.large_list(pa.list_(pa.utf8()))),
        "skip days": days.dictionary_encode(),
        "code": pa.array(["x", "y", None, "x", "long text in a dictionary", "y"]).dictionary_encode(),
        "codes": pa.ListArray.from_arrays(
            pa.array([0, 1, 1, 3, 3, 3, 3], pa.int32()), pa.array(["p", "q", "p"]).dictionary_encode()
        ),
        "skip month": pa.array([pa.scalar((1, 2, 3), pa.month_day_nano_interval())] * 6),
    }
    batch = pa.record_batch(list(columns.values()), names=list(columns))
    batches = [batch.slice(0, 4), batch.slice(4, 0), batch.slice(4, 2)]
    out = io.BytesIO()
    with pa.ipc.new_stream(out, batch.schema) as writer:
        for part in batches:
            writer.write_batch(part)
    wanted = [name for name in columns if not name.startswith("skip ")]
    lines = ["\t".join(wanted)]
    for row in range(6):
        lines.append("\t".join(arrow_text(batch.column(name)[row]).encode().hex() for name in wanted))
    return {"records.arrows": out.getvalue(), "records.tsv": "".join(line + "\n" for line in lines).encode()}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    plain = log()
    lines = plain.splitlines(keepends=True)
    entries = {"logs/log.csv": plain, "tables/items.csv": ITEMS}
    archive = tar({"log.csv": plain})
    files = {
        "log.csv": plain,
        "items.csv": ITEMS,
        "log.csv.gz": gz(plain),
        "members.csv.gz": gz(b"".join(lines[:9])) + gz(b"".join(lines[9:])),
        "log.csv.bz2": bz2.compress(plain),
        "log.csv.xz": lzma.compress(plain, lzma.FORMAT_XZ),
        "log.csv.lzma": lzma.compress(plain, lzma.FORMAT_ALONE),
        "log.csv.lz": lzip(plain),
        "log.csv.zst": zstd(plain),
        "unchecked.csv.zst": zstd(plain, checksum=False),
        "log.csv.lz4": lz4_(plain),
        "unchecked.csv.lz4": lz4_(plain, checksum=False),
        "log.csv.Z": compress(plain),
        "log.tar": archive,
        "one.tar.gz": gz(archive),
        "one.tar.bz2": bz2.compress(archive),
        "one.tar.xz": lzma.compress(archive, lzma.FORMAT_XZ),
        "one.tar.lzma": lzma.compress(archive, lzma.FORMAT_ALONE),
        "one.tar.lz": lzip(archive),
        "one.tar.zst": zstd(archive),
        "one.tar.lz4": lz4_(archive),
        "one.tar.Z": compress(archive),
        "log.tar.gz": gz(tar(entries)),
        "log.tar.zst": zstd(tar(entries)),
        "volume.tar": later_volume(archive),
        "nested.tar.gz": gz(tar({"log.csv": gz(plain)})),
        "twice.csv.gz": gz(gz(plain)),
        "twice.csv.bz2": bz2.compress(bz2.compress(plain)),
        "bomb.csv.bz2": bz2.compress(b"\n" * (66 << 20)),
        "one.zip": zip_({"log.csv": plain}),
        "part.zip": last_part(zip_({"log.csv": plain})),
        "log.zip": zip_(entries),
        "names.zip": zip_({"журнал/log.csv": plain}),
        "names.tar": tar({"журнал/log.csv": plain}),
        "zip64.zip": zip64(entries),
        "comment.zip": zip_(entries, comment=b"a comment"),
        "stored.zip": zip_({"log.zip": zip_(entries), "more.csv": plain}, zipfile.ZIP_STORED),
        "nested.zip": zip_({"log.csv": zip_({"log.csv": plain})}),
        "encrypted.zip": marked_as_encrypted(zip_({"log.csv": plain})),
        "numbers.tsv": numbers().encode(),
        "hashes.tsv": hashes().encode(),
        "json-flips.tsv": json_flips(),
        **arrow_records(),
    }
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
    for name, password, content in (
        ("log.7z", None, entries),
        ("one.7z", None, {"log.csv": plain}),
        ("encrypted.7z", "secret", entries),
    ):
        with py7zr.SevenZipFile(FOLDER / name, "w", password=password) as archive:
            for path, data in content.items():
                archive.writestr(data, path)


if __name__ == "__main__":
    main()
