#!/usr/bin/env python3
"""Makes the oracle of ingest's times: Tests/LogIngestTests/Fixtures/times.tsv, by Python's datetime and zoneinfo, and
beside it the zone files that it was made with, so that the tests do not change with a machine's time zone data.

    python3 -m venv build/fixtures && build/fixtures/bin/pip install -r scripts/ingest/requirements.txt
    build/fixtures/bin/python scripts/ingest/make_time_fixtures.py

The same bytes every time. Columns: format (`iso8601` or a pattern), zone (empty: not set), text, milliseconds since
1970-01-01 UTC (empty: must be refused).
"""

import importlib.resources
import random
import re
import shutil
import zoneinfo
from datetime import datetime, timedelta, timezone
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "Tests/LogIngestTests/Fixtures"
EPOCH = datetime(1970, 1, 1)
MIND = "%m/%d/%Y %I:%M:%S %p"

# Zones with the years whose changes are tried: wars, decrees, the present rules, and far beyond the files' last change.
ZONES = {
    "America/New_York": [1883, 1918, 1942, 1945, 1974, 1987, 2006, 2007, 2019, 2037, 2038, 2100, 2500, 9998],
    "Europe/Berlin": [1893, 1916, 1945, 1947, 1980, 1996, 2024, 2399, 2400, 5000],
    "Asia/Shanghai": [1901, 1919, 1940, 1941, 1942, 1945, 1946, 1947, 1948, 1949, 1986, 1987, 1988, 1989, 1990, 1991, 2030],
    "Australia/Lord_Howe": [1981, 1985, 1986, 2000, 2008, 2023, 2050, 3333],
    "Europe/Dublin": [1916, 1968, 1971, 2023, 2060],
    "America/Nuuk": [2010, 2023, 2024, 2040],
    "Pacific/Apia": [1892, 2010, 2011, 2012, 2020],
    "Africa/Casablanca": [1950, 1978, 2018, 2019, 2030, 2086, 2090],
    "Asia/Kolkata": [1941, 1945, 2020],
}


def milliseconds(moment: datetime) -> int:
    """Of a time with or without a zone, floored. Python's `fold` 0 is our rule: skipped times are later by the gap, of
    times shown twice the first is meant."""
    offset = moment.utcoffset() or timedelta(0)
    return (moment.replace(tzinfo=None) - EPOCH - offset) // timedelta(milliseconds=1)


def changes(zone: zoneinfo.ZoneInfo, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
    """The changes of a year: the moment in UTC, the offsets before and after."""

    def offset(moment: datetime) -> timedelta:
        return moment.replace(tzinfo=timezone.utc).astimezone(zone).utcoffset()

    found = []
    low = datetime(year, 1, 1)
    while low < datetime(year, 12, 31):
        high = low + timedelta(days=1)
        before, after = offset(low), offset(high)
        if before != after:
            a, b = low, high
            while b - a > timedelta(seconds=1):
                middle = a + timedelta(seconds=(b - a) // timedelta(seconds=2))
                a, b = (middle, b) if offset(middle) == before else (a, middle)
            found.append((b, before, after))
        low = high
    return found


def zone_cases() -> list[tuple[str, str, str, int | None]]:
    cases = []
    for name, years in ZONES.items():
        zone = zoneinfo.ZoneInfo(name)
        walls = {datetime(1850, 6, 1, 12), datetime(2019, 11, 12, 2, 14, 46), datetime(2019, 7, 1), datetime(9999, 7, 1)}
        for year in years:
            for moment, before, after in changes(zone, year):
                first, last = sorted((moment + before, moment + after))
                second = timedelta(seconds=1)
                walls |= {first - second, first, first + (last - first) / 2, last - second, last}
        for wall in sorted(wall.replace(microsecond=0) for wall in walls):
            expected = milliseconds(wall.replace(tzinfo=zone))
            cases.append(("iso8601", name, wall.isoformat(), expected))
    return cases


def iso_cases() -> list[tuple[str, str, str, int | None]]:
    cases = []
    texts = [
        "2019-11-12", "20191112", "2019-11-12T02:14", "20191112T0214", "2019-11-12T02:14:46", "2019-11-12 02:14:46",
        "20191112T021446", "20191112 021446", "2019-11-12T02:14:46.5", "2019-11-12T02:14:46,25",
        "2019-11-12T02:14:46.999999", "20191112T021446.125", "1969-12-31T23:59:59.999", "1969-12-31T23:59:59.999999",
        "1969-12-31T23:59:58.0005", "0001-01-01T00:00:00", "0001-01-01", "9999-12-31T23:59:59.999999", "1900-02-28",
        "2000-02-29", "2024-02-29T12:00:00", "1582-10-10", "1600-02-29", "0004-02-29", "2019-11-12T02:14:46Z",
        "2019-11-12T02:14Z", "2019-11-12T02:14:46+08:00", "2019-11-12T02:14:46+0800", "2019-11-12T02:14:46+08",
        "2019-11-12 02:14:46.123456-03:30", "20191112T021446-0330", "20191112T021446Z", "2019-11-12T02:14:46-00:00",
        "2019-11-12T02:14:46+23:59", "2019-11-12T02:14:46-23:59", "0001-01-02T00:00:00+08:00", "9999-12-31T00:00:00-08:00",
    ]  # fmt: skip
    for text in texts:
        cases.append(("iso8601", "", text, milliseconds(datetime.fromisoformat(text))))
        if not re.search(r"(Z|[+-]\d\d(:?\d\d)?)$", text[10:]):
            wall = datetime.fromisoformat(text)
            for zone, minutes in (("+08:00", 480), ("-0330", -210), ("+14", 840)):
                expected = milliseconds(wall) - minutes * 60_000
                in_range = milliseconds(datetime.min) <= expected <= milliseconds(datetime.max)
                cases.append(("iso8601", zone, text, expected if in_range else None))
    # A written offset wins over the zone.
    cases.append(("iso8601", "+08:00", "2019-11-12T02:14:46-05:00", milliseconds(datetime(2019, 11, 12, 7, 14, 46))))
    # ISO 8601 and POSIX, not Python: the end of a day, leap seconds.
    cases.append(("iso8601", "", "2019-12-31T24:00:00", milliseconds(datetime(2020, 1, 1))))
    cases.append(("iso8601", "", "2016-12-31T23:59:60.5Z", milliseconds(datetime(2017, 1, 1, 0, 0, 0, 500_000))))
    bad = [
        "x", "2019", "2019-11", "201911", "2019-1-12", "2019-11-1", "2019-13-01", "2019-00-01", "2019-11-00", "2019-11-31",
        "2019-02-29", "1900-02-29", "2100-02-29", "2019-11-12T", "2019-11-12T2:14:46", "2019-11-12T02:60:00",
        "2019-11-12T02:14:61", "2019-11-12T25:00:00", "2019-11-12T24:00:01", "2019-11-12T02:14:46.", "2019-11-12T02:14:46x",
        "2019-11-12T02:14:46+24:00", "2019-11-12T02:14:46+8", "2019-11-12T02:14:46+08:0",
        "2019-11-12T02:14:46+", "2019-11-12T02:14:46 ", " 2019-11-12T02:14:46", "2019/11/12",
        "0000-01-01", "10000-01-01", "-2019-11-12", "+2019-11-12", "２019-11-12", "2019-W46-2T", "2019-316T00:00",
        "2019-11-12T02:14:4", "2019-11-12T02:1", "12-11-2019", "11/12/2019 2:14:46 PM", "1573524886",
    ]  # fmt: skip
    for text in bad:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            cases.append(("iso8601", "", text, None))
        else:
            raise SystemExit(f"Python reads {text}")
    return cases


def pattern_cases() -> list[tuple[str, str, str, int | None]]:
    texts = {
        MIND: [
            "11/12/2019 2:14:46 PM", "11/9/2019 12:00:00 AM", "11/9/2019 12:00:00 PM", "1/2/2019 1:59:59 am", "02/29/2020 01:02:03 Pm",
            "11/12/2019  2:14:46   PM", "2/29/2019 1:00:00 AM", "13/1/2019 1:00:00 AM", "0/1/2019 1:00:00 AM",
            "11/12/2019 0:14:46 AM", "11/12/2019 13:14:46 PM", "11/12/2019 2:14:46", "11/12/2019 2:14:46 XM",
            "11/12/19 2:14:46 PM", "11/12/2019 2:14:46 PM ", "11/12/2019 2:60:46 PM", "11/12/2019 2:14:46PM", "",
        ],
        "%d.%m.%Y %H:%M": ["12.11.2019 02:14", "1.2.2019 2:04", "31.4.2019 00:00", "12.11.2019 24:30", "12-11-2019 02:14"],
        "%Y%m%d%H%M%S": ["20191112021446", "20190230000000", "2019111202144x"],
        "%d/%b/%Y:%H:%M:%S %z": [
            "12/Nov/2019:02:14:46 +0800", "12/nov/2019:02:14:46 -0330", "12/NOV/2019:02:14:46 Z", "12/Nob/2019:02:14:46 +0800",
            "12/Nov/2019:02:14:46 0800",
        ],
        "%a, %d %b %Y %H:%M:%S": ["Tue, 12 Nov 2019 02:14:46", "Sat, 29 Feb 2020 00:00:00", "Tux, 12 Nov 2019 02:14:46"],
        "%A, %B %d, %Y": ["Tuesday, November 12, 2019", "saturday, MAY 2, 2020", "Wednesday, January 1, 1800", "Tuesday, Novembe 12, 2019"],
        "%a %b %d %H:%M:%S %Y": ["Tue Nov 12 02:14:46 2019", "Sun Mar  1 02:14:46 2020"],
        "%y%m%d": ["191112", "680101", "690101", "991231", "000229"],
        "%Y-%j": ["2019-316", "2020-366", "2019-365", "2019-1", "2019-0", "2019-367"],
        "%FT%T.%f": ["2019-11-12T02:14:46.5", "2019-11-12T02:14:46.000999", "1969-12-31T23:59:59.9999", "2019-11-12T02:14:46."],
        "%D %H": ["11/12/19 23", "1/2/03 4"],
        "%Y年%m月%d日 %H时": ["2019年11月12日 2时", "2019年11月12月 2时"],
        "100%% %Y-%m-%d": ["100% 2019-11-12", "100 2019-11-12"],
    }  # fmt: skip
    cases = []
    for pattern, examples in texts.items():
        python = pattern.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%D", "%m/%d/%y")
        for text in examples:
            try:
                moment = datetime.strptime(text, python)
            except ValueError:
                moment = None
            cases.append((pattern, "", text, None if moment is None else milliseconds(moment)))
            if moment is not None and moment.tzinfo is None:
                zoned = moment.replace(tzinfo=zoneinfo.ZoneInfo("America/New_York"))
                cases.append((pattern, "America/New_York", text, milliseconds(zoned)))
    random.seed(11)
    for _ in range(60):
        moment = EPOCH + timedelta(seconds=random.randrange(-(10**10), 10**10))
        hour = moment.strftime("%I").lstrip("0")
        text = f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S %p}"
        assert datetime.strptime(text, MIND) == moment
        cases.append((MIND, "", text, milliseconds(moment)))
    return cases


def main() -> None:
    # The package's data, whatever the machine has.
    zoneinfo.reset_tzpath(to=[])
    folder = FOLDER / "zoneinfo"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ZONES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        source = importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
        (folder / name).write_bytes(source.read_bytes())
    lines = [
        f"{format_}\t{zone}\t{text}\t{'' if expected is None else expected}\n"
        for format_, zone, text, expected in iso_cases() + zone_cases() + pattern_cases()
    ]
    (FOLDER / "times.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
