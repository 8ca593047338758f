#!/usr/bin/env python3
"""Brings a DeepFM of deepctr-torch into plumb by a map and holds the logits of both against each other.

    build/peers/bin/python scripts/models/check_import.py --plumb .build/release/plumb

The library's model gets random weights; its state dict goes through `plumb import`, the model through `plumb export` to ONNX,
which onnxruntime scores: 1000 samples, every logit to 1e-5. Also with ids in another order, by their keys.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import torch
from safetensors.torch import save_file

# At its import the library asks PyPI for its newest version. No check should need the network.
sys.modules["requests"] = types.ModuleType("requests")
import deepctr_torch  # noqa: E402
from deepctr_torch.inputs import SparseFeat, VarLenSparseFeat  # noqa: E402
from deepctr_torch.models import DeepFM  # noqa: E402

TOLERANCE = 1e-5
USERS, ITEMS, GENRES, LONGEST, DIMENSION, SAMPLES = 50, 200, 10, 6, 8, 1000
MAP = Path(__file__).parent / "maps/deepctr-torch-deepfm.yaml"
ARCHITECTURE = {
    "kind": "deepfm",
    "fields": [
        {"name": "user", "kind": "categorical", "rows": USERS + 1},
        {"name": "item", "kind": "categorical", "rows": ITEMS + 1},
        {"name": "genres", "kind": "multivalued", "rows": GENRES},
    ],
    "embedding_dimension": DIMENSION,
    "hidden_sizes": [16, 8],
}


def make_model():
    columns = [
        SparseFeat("user", USERS, embedding_dim=DIMENSION),
        SparseFeat("movie_id", ITEMS, embedding_dim=DIMENSION),
        VarLenSparseFeat(SparseFeat("genres", GENRES, embedding_dim=DIMENSION), maxlen=LONGEST, combiner="mean"),
    ]
    model = DeepFM(columns, columns, dnn_hidden_units=(16, 8), task="binary").eval()
    for tensor in model.state_dict().values():
        tensor.normal_(0, 0.4)
    return model


def logits_of(model, user, item, genres):
    """The library's score before its sigmoid."""
    with torch.no_grad():
        probability = model.double()(torch.tensor(np.column_stack([user, item, genres])).double())[:, 0]
    return torch.logit(probability).numpy()


def imported_logits(plumb, folder, map_path, options, feed):
    """The logits of the same samples after import and export."""
    (folder / "architecture.json").write_text(json.dumps(ARCHITECTURE))
    model, graph = folder / "model.safetensors", folder / "model.onnx"
    subprocess.run(
        [*plumb, "import", folder / "state.safetensors", "--map", map_path, "-q", "-o", model]
        + ["--architecture", folder / "architecture.json", *options],
        check=True,
    )
    subprocess.run([*plumb, "export", model, "-q", "-o", graph], check=True)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    return session.run(["logit"], feed)[0]


def compare(name, actual, expected):
    worst = float((np.abs(actual - expected) / np.maximum(1, np.abs(expected))).max())
    print(f"{name}: {len(expected)} logits of deviation {expected.std():.2f}, largest difference {worst:.1e}")
    return worst <= TOLERANCE


def write_vocabulary(path, keys):
    """A vocabulary as ingest writes it: these keys have the ids 1, 2, …"""
    schema = pa.schema(
        [("feature", pa.utf8()), ("key", pa.utf8()), ("id", pa.uint32()), ("count", pa.int64())],
        metadata={"plumb.features": json.dumps(["item"])},
    )
    count = len(keys)
    columns = [["item"] * count, keys, list(range(1, count + 1)), [1] * count]
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema)]
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=schema))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plumb", default=".build/release/plumb")
    plumb = parser.parse_args().plumb.split()
    logging.disable()
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    model = make_model()
    user, item = random.integers(0, USERS, SAMPLES), random.integers(0, ITEMS, SAMPLES)
    lengths = random.integers(0, LONGEST + 1, SAMPLES)
    genres = np.where(np.arange(LONGEST) < lengths[:, None], random.integers(1, GENRES, (SAMPLES, LONGEST)), 0)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        save_file(model.state_dict(), folder / "state.safetensors")
        expected = logits_of(model, user, item, genres)
        feed = {"user": user + 1, "item": item + 1, "genres": genres}
        outcomes = [compare("deepfm by the map", imported_logits(plumb, folder, MAP, [], feed), expected)]

        # Row i there is of the item `m<i>`; in the vocabulary the items stand in another order.
        (folder / "items.txt").write_text("".join(f"m{row}\n" for row in range(ITEMS)))
        order = random.permutation(ITEMS)
        write_vocabulary(folder / "vocabulary.arrows", [f"m{row}" for row in order])
        by_keys = MAP.read_text().replace("tensors:", "tensors:\n" + "".join(
            f"  {ours}: [{theirs}.weight, keys: items.txt]\n"
            for ours, theirs in [
                ("fields.item.embedding", "embedding_dict.movie_id"),
                ("fields.item.weight", "linear_model.embedding_dict.movie_id"),
            ]
        ), 1)  # fmt: skip
        (folder / "by-keys.yaml").write_text(by_keys)
        feed["item"] = np.argsort(order)[item] + 1
        options = ["--vocabulary", folder / "vocabulary.arrows"]
        outcomes.append(
            compare("items by their keys", imported_logits(plumb, folder, folder / "by-keys.yaml", options, feed), expected)
        )
    print(f"deepctr-torch {deepctr_torch.__version__}, torch {torch.__version__}")
    sys.exit(0 if all(outcomes) else f"error: logits differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
