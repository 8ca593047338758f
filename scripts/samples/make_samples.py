#!/usr/bin/env python3
"""Makes the small logs under samples/ that the ready pipelines read: made up, but to the letter in the format of the data
sets that they stand for. The counts that an ingest must come to are taken from what is written, and stand in
samples/counts.tsv for the tests.

    python3 scripts/samples/make_samples.py

The same text every time; compressed bytes may differ with the zlib that Python uses.
"""

import gzip
import random
import zipfile
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "samples"
COUNTS: list[tuple[str, str, int]] = []


def state(pipeline: str, **numbers: int) -> None:
    """What an ingest of the pipeline must come to; `ids_x` is the number of keys of feature x."""
    COUNTS.extend((pipeline, name, value) for name, value in numbers.items())


def gzipped(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as out:
        out.write(text.encode())


def zipf(rng: random.Random, count: int) -> int:
    """A number below `count`; small ones are likelier."""
    return min(int(count ** rng.random() * 1.2) - 1, count - 1)


def mind() -> None:
    """MIND (Wu et al., ACL 2020), as in MINDsmall_train.zip: behaviors.tsv and news.tsv without headers."""
    rng = random.Random("mind")
    categories = {
        "sports": ["football_nfl", "basketball_nba", "golf"],
        "news": ["newsus", "newspolitics", "newsworld"],
        "lifestyle": ["lifestylehomeandgarden", "lifestylepets"],
        "finance": ["markets", "finance-companies"],
        "foodanddrink": ["recipes"],
        "weather": ["weathertopstories"],
    }
    titles = ['The "quiet" season', "What we know", "Café of the year: où aller?", "Five things, ranked", "It's over"]
    news = []
    for number in rng.sample(range(1000, 66_000), 160):
        category = rng.choice(list(categories))
        news.append((f"N{number}", category, rng.choice(categories[category])))
    rows = []
    for index, (item, category, subcategory) in enumerate(news):
        # Abstracts may be missing; entities are JSON with quotes in it, which this format does not quote.
        title = f"{rng.choice(titles)} {index}"
        abstract = "" if index % 9 == 4 else f'An abstract, number {index}, with "quotes".'
        entity = f'[{{"Label": "Thing {index}", "Type": "O", "WikidataId": "Q{index}", "Confidence": 1.0}}]'
        url = f"https://assets.msn.com/labs/mind/AA{index:05d}.html"
        rows.append("\t".join([item, category, subcategory, title, abstract, url, entity, "[]"]))

    impressions = []
    start = datetime(2019, 11, 9)
    for user in rng.sample(range(1, 95_000), 45):
        liked = set(rng.sample(list(categories), 2))
        level = rng.betavariate(2, 8)
        # Some users have no history.
        history = [] if user % 11 == 0 else [rng.choice(news)[0] for _ in range(rng.randint(1, 20))]
        for _ in range(rng.randint(8, 16)):
            time = start + timedelta(seconds=rng.randrange(6 * 86_400))
            shown = [news[index] for index in sorted({zipf(rng, len(news)) for _ in range(rng.randint(2, 18))})]
            rng.shuffle(shown)
            chances = [min(0.95, level * (3 if category in liked else 0.5)) for _, category, _ in shown]
            clicks = [int(rng.random() < chance) for chance in chances]
            impressions.append((time, f"U{user}", history, shown, clicks))
    rng.shuffle(impressions)
    lines = []
    for number, (time, user, history, shown, clicks) in enumerate(impressions, 1):
        # Month, day and hour without leading zeros, as in the real files.
        clock = f"{time.month}/{time.day}/{time.year} {(time.hour + 11) % 12 + 1}:{time:%M:%S %p}"
        pairs = " ".join(f"{item[0]}-{click}" for item, click in zip(shown, clicks))
        lines.append("\t".join([str(number), user, clock, " ".join(history), pairs]))

    path = FOLDER / "mind" / "MINDsmall_train.zip"
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in [("behaviors.tsv", lines), ("news.tsv", rows)]:
            entry = zipfile.ZipInfo(name, (2019, 11, 15, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, "\n".join(text) + "\n")

    samples = [(item, click) for _, _, _, shown, clicks in impressions for item, click in zip(shown, clicks)]
    # The format says no zone, so UTC is taken.
    times = [int(time.replace(tzinfo=timezone.utc).timestamp()) for time, *_ in impressions]
    state(
        "mind",
        rows=len(lines),
        samples=len(samples),
        positives=sum(click for _, click in samples),
        users=len({user for _, user, *_ in impressions}),
        groups=len(lines),
        time_sum=sum(time * len(shown) for time, (_, _, _, shown, _) in zip(times, impressions)),
        ids_item=len({item[0] for item, _ in samples}),
        ids_category=len({item[1] for item, _ in samples}),
        ids_subcategory=len({item[2] for item, _ in samples}),
        ids_history=len({item for _, _, history, _, _ in impressions for item in history}),
    )


def taobao_ad() -> None:
    """Ad Display/Click Data on Taobao.com (Alibaba, Tianchi dataset 56): raw_sample, ad_feature and user_profile."""
    rng = random.Random("taobao-ad")
    ads = []
    for adgroup in rng.sample(range(1, 846_811), 140):
        cate, campaign = rng.choice([1, 4282, 4520, 6261, 6423, 9025]), rng.randrange(1, 420_000)
        brand = "NULL" if rng.random() < 0.3 else str(rng.choice([95471, 87331, 32233, 353_787, 234_846]))
        price = rng.choice(["170.0", "9.9", "0.01", "99999999.0", "1250.0", "38.0"])
        ads.append((adgroup, cate, campaign, rng.randrange(1, 255_875), brand, price))
    profiles, rows = [], []
    for user in rng.sample(range(1, 1_141_729), 60):
        # Some users have no profile, some profiles have gaps.
        if rng.random() < 0.9:
            gender, age = rng.randint(1, 2), rng.randint(0, 6)
            consumption = rng.choice(["", "", "1", "2", "3"])
            town = rng.choice(["", "1", "2", "3", "4"])
            profiles.append(
                f"{user},{rng.randrange(97)},{rng.randrange(13)},{gender},{age},{consumption},{rng.randint(1, 3)},"
                f"{int(rng.random() < 0.05)},{town}"
            )
        level, liked = rng.betavariate(2, 9), rng.choice([1, 4282, 4520])
        for _ in range(rng.randint(30, 70)):
            ad = ads[zipf(rng, len(ads))]
            click = int(rng.random() < min(0.9, level * (2.5 if ad[1] == liked else 0.7)))
            time = 1_494_000_000 + rng.randrange(691_200)
            place = rng.choice(["430548_1007", "430539_1007"])
            rows.append((user, time, ad[0], place, 1 - click, click))
    rng.shuffle(rows)
    folder = FOLDER / "taobao-ad"
    header = "user,time_stamp,adgroup_id,pid,nonclk,clk"
    gzipped(folder / "raw_sample.csv.gz", "\n".join([header] + [",".join(map(str, row)) for row in rows]) + "\n")
    header = "adgroup_id,cate_id,campaign_id,customer,brand,price"
    gzipped(folder / "ad_feature.csv.gz", "\n".join([header] + [",".join(map(str, ad)) for ad in ads]) + "\n")
    # The last name ends with a space there.
    header = (
        "userid,cms_segid,cms_group_id,final_gender_code,age_level,pvalue_level,shopping_level,occupation,"
        "new_user_class_level "
    )
    gzipped(folder / "user_profile.csv.gz", "\n".join([header] + profiles) + "\n")

    shown = {row[2] for row in rows}
    fields = [line.split(",") for line in profiles]
    seen = {str(row[0]) for row in rows}
    state(
        "taobao-ad",
        rows=len(rows),
        samples=len(rows),
        positives=sum(row[5] for row in rows),
        users=len(seen),
        groups=0,
        time_sum=sum(row[1] for row in rows),
        ids_item=len(shown),
        ids_pid=2,
        ids_category=len({ad[1] for ad in ads if ad[0] in shown}),
        ids_campaign=len({ad[2] for ad in ads if ad[0] in shown}),
        ids_customer=len({ad[3] for ad in ads if ad[0] in shown}),
        ids_brand=len({ad[4] for ad in ads if ad[0] in shown} - {"NULL"}),
        ids_gender=len({line[3] for line in fields}),
        ids_age=len({line[4] for line in fields}),
        ids_consumption=len({line[5] for line in fields} - {""}),
        ids_shopping=len({line[6] for line in fields}),
        ids_occupation=len({line[7] for line in fields}),
        ids_city=len({line[8] for line in fields} - {""}),
        misses_gender=sum(str(row[0]) not in {line[0] for line in fields} for row in rows),
        misses_category=0,
    )


def taobao_userbehavior() -> None:
    """User Behavior Data from Taobao (Alibaba, Tianchi dataset 649), UserBehavior.csv: no header."""
    rng = random.Random("taobao-userbehavior")
    items = [(item, rng.choice([2_355_072, 4_145_813, 982_926, 1_464_116])) for item in rng.sample(range(5_163_070), 220)]
    rows = []
    for user in rng.sample(range(1, 1_018_011), 60):
        level, liked = rng.betavariate(2, 8), rng.choice(items)[1]
        for _ in range(rng.randint(30, 80)):
            item, category = items[zipf(rng, len(items))]
            is_positive = rng.random() < min(0.9, level * (2 if category == liked else 0.7))
            behaviour = rng.choice(["cart", "cart", "cart", "fav", "fav", "buy"]) if is_positive else "pv"
            rows.append((user, item, category, behaviour, 1_511_544_070 + rng.randrange(9 * 86_400)))
    # The real file keeps users together, their rows in no strict order.
    gzipped(FOLDER / "taobao-userbehavior.csv.gz", "".join(",".join(map(str, row)) + "\n" for row in rows))
    behaviours = Counter(row[3] for row in rows)
    state(
        "taobao-userbehavior",
        rows=len(rows),
        samples=len(rows),
        positives=behaviours["cart"] + behaviours["fav"] + behaviours["buy"],
        users=len({row[0] for row in rows}),
        groups=0,
        time_sum=sum(row[4] for row in rows),
        ids_item=len({row[1] for row in rows}),
        ids_category=len({row[2] for row in rows}),
    )


if __name__ == "__main__":
    mind()
    taobao_ad()
    taobao_userbehavior()
    lines = ["pipeline\tname\tvalue"] + [f"{pipeline}\t{name}\t{value}" for pipeline, name, value in COUNTS]
    (FOLDER / "counts.tsv").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
