#!/usr/bin/env python3
"""Makes samples/movielens-1m, samples/amazon-reviews and samples/amazon-hin: invented logs in the exact formats of MovieLens
1M, of Amazon's reviews (2014) and of the Amazon graph of HIN data sets, and beside each an `expected.json` that says what an
ingest by the pipeline of the same name must find in it. Nothing in them is taken from those data sets.

    python3 scripts/samples/make_movielens_amazon.py

Needs nothing but Python. Every user has a level, tastes for groups of items and some noise, so that local CTRs drift and
there is something to learn.
"""

import calendar
import gzip
import io
import json
import math
import random
import tarfile
import time
import zipfile
from pathlib import Path

from expected import SAMPLES, Expected


class Taste:
    """Who likes what: ratings from 1 to 5 of users for items that belong to groups."""

    def __init__(self, rng: random.Random, users: int, groups_of_items: list[list[int]], groups: int) -> None:
        self.rng = rng
        self.groups_of_items = groups_of_items
        self.level = [rng.gauss(0, 0.7) for _ in range(users)]
        self.liking = [[rng.gauss(0, 0.6) for _ in range(groups)] for _ in range(users)]
        self.quality = [rng.gauss(0, 0.6) for _ in groups_of_items]
        self.weights = [1 / (rank + 5) for rank in rng.sample(range(len(groups_of_items)), len(groups_of_items))]

    def rating(self, user: int, item: int) -> int:
        groups = self.groups_of_items[item]
        liking = sum(self.liking[user][group] for group in groups) / max(1, len(groups))
        score = 3.6 + self.level[user] + liking + self.quality[item] + self.rng.gauss(0, 0.8)
        return min(5, max(1, round(score)))

    def items(self, count: int) -> list[int]:
        """Different items, popular ones more often."""
        chosen: dict[int, None] = {}
        while len(chosen) < count:
            chosen[self.rng.choices(range(len(self.weights)), self.weights)[0]] = None
        return list(chosen)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# MovieLens 1M.

GENRES = (
    "Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical Mystery Romance "
    "Sci-Fi Thriller War Western"
).split()
AGES = [1, 18, 25, 35, 45, 50, 56]


def movielens() -> None:
    """`::` between fields, no header, no quoting, titles in Latin-1; the titles of some begin with a quote."""
    rng = random.Random(1)
    ids = sorted(rng.sample(range(1, 400), 150))
    genres = [sorted(rng.sample(range(len(GENRES)), rng.choice([1, 1, 2, 2, 3]))) for _ in ids]
    nouns = "Harbour Winter Été Señor Garden Lantern Zürich Railway Orchard Tide".split()
    titles = [f"{rng.choice(nouns)} of {rng.choice(nouns)}: Part {id} ({rng.randint(1931, 2000)})" for id in ids]
    titles[3] = '"A Night In" Garden (1998)'
    titles[9] = "Pâté, Le (1990)"
    movies = [
        f"{id}::{title}::{'|'.join(GENRES[genre] for genre in own)}\n" for id, title, own in zip(ids, titles, genres)
    ]
    people = [
        (
            rng.choice("MMF"),
            str(rng.choice(AGES)),
            str(rng.randint(0, 20)),
            f"{rng.randint(1000, 99999):05}" + (f"-{rng.randint(1, 9999):04}" if rng.random() < 0.05 else ""),
        )
        for _ in range(60)
    ]
    taste = Taste(rng, len(people), genres, len(GENRES))
    expected = Expected(["item", "genres", "gender", "age", "occupation", "zip"])
    ratings = []
    for user, (gender, age, occupation, zip_code) in enumerate(people):
        seconds = 956_703_932 + rng.randint(0, 30_000_000)
        for item in taste.items(20 + min(80, int(rng.lognormvariate(2.5, 0.8)))):
            # A person rates a page at a time: many ratings share their second.
            seconds += rng.choice([0, 0, 1, 7, 30, 3600])
            rating = taste.rating(user, item)
            ratings.append(f"{user + 1}::{ids[item]}::{rating}::{seconds}\n")
            features = {"item": str(ids[item]), "genres": [GENRES[genre] for genre in genres[item]]}
            features |= {"gender": gender, "age": age, "occupation": occupation, "zip": zip_code}
            expected.add(user, seconds, rating >= 4, features)
    users = [f"{user + 1}::{'::'.join(person)}\n" for user, person in enumerate(people)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, lines in {"": [], "movies.dat": movies, "ratings.dat": ratings, "users.dat": users}.items():
            info = zipfile.ZipInfo(f"ml-1m/{name}")
            info.compress_type = zipfile.ZIP_DEFLATED if name else zipfile.ZIP_STORED
            info.external_attr = (0o100644 if name else 0o40755) << 16
            archive.writestr(info, "".join(lines).encode("latin-1"))
    write(SAMPLES / "movielens-1m/ml-1m.zip", out.getvalue())
    expected.write("movielens-1m")


# Amazon.

SHELVES = ["Bakeware", "Coffee & Tea", "Knives", "Cookware", "Storage", "Small Appliances", "Wine", "Gadgets"]
BRANDS = ["Ardmore", "Brüder", "Café Bonheur", "Delfino", "O'Hara & Sons", '8" Cast', "Fjell", "Gusto"]
MIDNIGHT = calendar.timegm((2006, 1, 1, 0, 0, 0))


def code(rng: random.Random, length: int) -> str:
    return "".join(rng.choices("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=length))


def review_time(seconds: int) -> str:
    """As the files have it: `07 3, 2014`."""
    day = time.gmtime(seconds)
    return f"{day.tm_mon:02} {day.tm_mday}, {day.tm_year}"


def amazon_reviews() -> None:
    """JSON lines: reviews by item; meta with categories as lists in a list, and with brands and prices that may be missing."""
    rng = random.Random(2)
    shelves = [rng.sample(range(len(SHELVES)), rng.choice([1, 1, 1, 2])) for _ in range(70)]
    asins = ["B00" + code(rng, 7) for _ in shelves]
    meta = []
    for asin, own in zip(asins, shelves):
        title = f'The 10" {rng.choice(BRANDS)} {SHELVES[own[0]]} set'
        item = {"asin": asin, "title": title, "imUrl": f"http://example.com/{asin}.jpg"}
        if rng.random() < 0.85:
            item["price"] = rng.randint(199, 29900) / 100
        if rng.random() < 0.8:
            item["brand"] = rng.choice(BRANDS)
        item["related"] = {"also_bought": rng.sample(asins, 3), "buy_after_viewing": rng.sample(asins, 2)}
        item["salesRank"] = {"Home & Kitchen": rng.randint(1, 900_000)}
        item["categories"] = [["Home & Kitchen", "Kitchen & Dining", SHELVES[shelf]] for shelf in own]
        meta.append(item)
    # The last item has reviews, but stands in no meta.
    meta.pop()
    users = ["A" + code(rng, rng.choice([12, 13])) for _ in range(160)]
    taste = Taste(rng, len(users), shelves, len(SHELVES))
    reviews = []
    for user in range(len(users)):
        for item in taste.items(5 + min(25, int(rng.lognormvariate(1.9, 0.7)))):
            seconds = MIDNIGHT + 86_400 * rng.randint(0, 3100)
            reviews.append((item, user, seconds, taste.rating(user, item)))
    reviews.sort(key=lambda review: (asins[review[0]], review[1]))
    expected = Expected(["item", "categories", "brand"])
    expected.sums["price"] = 0
    lines = []
    for item, user, seconds, rating in reviews:
        review = {"reviewerID": users[user], "asin": asins[item]}
        if rng.random() < 0.95:
            review["reviewerName"] = rng.choice(["Ann \"Annie\" B.", "C. D.", "Éloïse", "kitchen{fan}"])
        helpful = rng.randint(0, 4)
        review |= {
            "helpful": [helpful, helpful + rng.randint(0, 2)],
            "reviewText": rng.choice(["Works.\nBought two.", "It's 5\" wide, not 6\".", "", "Good &amp; cheap"]),
            "overall": float(rating),
            "summary": rng.choice(["Fine", "Not for me", "\u2605\u2605"]),
            "unixReviewTime": seconds,
            "reviewTime": review_time(seconds),
        }
        lines.append(json.dumps(review) + "\n")
        facts = meta[item] if item < len(meta) else None
        categories = facts and [category for path in facts["categories"] for category in path]
        features = {"item": asins[item], "categories": categories, "brand": facts and facts.get("brand", "")}
        features |= {"price": None} if facts is None else {}
        expected.add(users[user], seconds, rating >= 4, features)
        expected.sums["price"] += math.log1p(facts.get("price", 0)) if facts else 0
    folder = SAMPLES / "amazon-reviews"
    write(folder / "reviews_Home_and_Kitchen_5.json.gz", gzip.compress("".join(lines).encode(), mtime=0))
    items = "".join(json.dumps(item) + "\n" for item in meta)
    write(folder / "meta_Home_and_Kitchen.json.gz", gzip.compress(items.encode(), mtime=0))
    expected.write("amazon-reviews")


def amazon_hin() -> None:
    """Numbered users and items; an item has a category or more, perhaps a brand, and things it was viewed with."""
    rng = random.Random(3)
    categories = [sorted(rng.sample(range(12), rng.choice([1, 2, 2, 3]))) for _ in range(120)]
    brands = [[rng.randrange(25)] if rng.random() < 0.9 else [] for _ in categories]
    views = [sorted(rng.sample(range(300), rng.randint(0, 5))) for _ in categories]
    taste = Taste(rng, 90, categories, 12)
    rows = []
    for user in range(90):
        for item in taste.items(8 + min(60, int(rng.lognormvariate(2.4, 0.8)))):
            rows.append((user, item, taste.rating(user, item), MIDNIGHT + 86_400 * rng.randint(-2500, 3000)))
    rng.shuffle(rows)
    rows.sort(key=lambda row: -row[1])
    expected = Expected(["item", "categories", "brands", "views"])
    for user, item, rating, seconds in rows:
        features = {"categories": categories[item], "brands": brands[item], "views": views[item]}
        keys = {name: [str(key) for key in own] or None for name, own in features.items()}
        expected.add(user, seconds, rating >= 4, {"item": str(item)} | keys)

    def pairs(lists: list[list[int]]) -> str:
        return "".join(f"{item},{other}\n" for item, own in enumerate(lists) for other in own)

    files = {
        "user_item.dat": "".join("\t".join(map(str, row)) + "\n" for row in rows),
        "item_view.dat": pairs(views),
        "item_category.dat": pairs(categories),
        "item_brand.dat": pairs(brands),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folder = tarfile.TarInfo("amazon_hin")
        folder.type = tarfile.DIRTYPE
        folder.mode = 0o755
        archive.addfile(folder)
        for name, text in files.items():
            info = tarfile.TarInfo(f"amazon_hin/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    write(SAMPLES / "amazon-hin/amazon-hin.tar.gz", gzip.compress(out.getvalue(), mtime=0))
    expected.write("amazon-hin")


movielens()
amazon_reviews()
amazon_hin()
