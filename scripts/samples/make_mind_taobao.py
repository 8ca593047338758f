#!/usr/bin/env python3
"""Makes samples/mind, samples/taobao-ad and samples/taobao-userbehavior: invented logs, but to the letter in the format of the
data sets of these names, and beside each an `expected.json` that says what an ingest by the pipeline of the same name must find
in it. Nothing in them is taken from those data sets.

    python3 scripts/samples/make_mind_taobao.py

Needs nothing but Python. The same text every time; compressed bytes may differ with the zlib that Python uses.
"""

import gzip
import math
import random
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from expected import SAMPLES, Expected


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

    path = SAMPLES / "mind" / "MINDsmall_train.zip"
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in [("behaviors.tsv", lines), ("news.tsv", rows)]:
            entry = zipfile.ZipInfo(name, (2019, 11, 15, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, "\n".join(text) + "\n")

    expected = Expected(["item", "category", "subcategory", "history"])
    expected.groups = len(impressions)
    for time, user, history, shown, clicks in impressions:
        # The format says no zone, so UTC is taken.
        seconds = int(time.replace(tzinfo=timezone.utc).timestamp())
        for (item, category, subcategory), click in zip(shown, clicks):
            features = {"item": item, "category": category, "subcategory": subcategory, "history": history}
            expected.add(user, seconds, click == 1, features)
    expected.write("mind")


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
    folder = SAMPLES / "taobao-ad"
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

    ad_columns = ["category", "campaign", "customer", "brand"]
    user_columns = ["gender", "age", "consumption", "shopping", "occupation", "city"]
    ads_by_id = {ad[0]: ad for ad in ads}
    profiles_by_user = {int(fields[0]): fields for fields in (line.split(",") for line in profiles)}
    expected = Expected(["item", "pid", *ad_columns, *user_columns])
    expected.sums["price"] = 0
    for user, seconds, item, place, _, click in rows:
        *ids, price = ads_by_id[item][1:]
        profile = profiles_by_user.get(user)
        features = {"item": str(item), "pid": place}
        features |= {name: "" if key == "NULL" else str(key) for name, key in zip(ad_columns, ids)}
        features |= {name: key for name, key in zip(user_columns, profile[3:] if profile else [None] * 6)}
        expected.add(user, seconds, click == 1, features)
        expected.sums["price"] += math.log1p(float(price))
    expected.write("taobao-ad")


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
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    gzipped(SAMPLES / "taobao-userbehavior/UserBehavior.csv.gz", text)
    expected = Expected(["item", "category"])
    for user, item, category, behaviour, seconds in rows:
        expected.add(user, seconds, behaviour != "pv", {"item": str(item), "category": str(category)})
    expected.write("taobao-userbehavior")


mind()
taobao_ad()
taobao_userbehavior()
