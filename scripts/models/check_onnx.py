#!/usr/bin/env python3
"""Exports every kind of model with plumb and holds the ONNX file against PyTorch: onnx's checker, then logits in onnxruntime.

    build/peers/bin/python scripts/models/check_onnx.py --plumb .build/release/plumb

Weights are random, ids also unknown ones, lists also empty; batches of 1 and of 1000. PyTorch computes in float64; logits must
agree to 1e-5 of their size, or of 1 or a tenth of the batch's largest where they cancel to less, as in Tests/CTRModelsTests. Ends
with an error if any does not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.torch import save_file

from make_fixtures import AGE, ARCHITECTURES, BRAND, CATEGORY, GENRES, ITEM, TAGS, USER, history, make_model
from reference import Ragged

TOLERANCE = 1e-5
MORE = {
    "one field": {"kind": "deepfm", "fields": [ITEM], "embedding_dimension": 4, "hidden_sizes": [3]},
    "one field, pnn": {"kind": "pnn", "fields": [ITEM], "embedding_dimension": 4, "hidden_sizes": [3]},
    "dense only": {"kind": "lr", "fields": [AGE], "embedding_dimension": 0, "hidden_sizes": []},
    "no hidden layer": {
        "kind": "wide-deep", "fields": [GENRES, TAGS, AGE], "embedding_dimension": 2, "hidden_sizes": [],
    },
    "dcn-v2-dice": {
        "kind": "dcn-v2", "fields": [ITEM, GENRES, TAGS, AGE, USER], "embedding_dimension": 8, "hidden_sizes": [32, 16],
        "cross_layers": 3, "activation": "dice", "dropout": 0.3,
    },
    "din, no attention layer": {
        "kind": "din", "fields": [ITEM, history(ITEM)], "embedding_dimension": 3, "hidden_sizes": [], "attention_sizes": [],
    },
    "din, wide": {
        "kind": "din", "fields": [USER, CATEGORY, ITEM, TAGS, history(CATEGORY), history(ITEM)], "embedding_dimension": 18,
        "hidden_sizes": [200, 80], "attention_sizes": [80, 40], "activation": "dice", "dropout": 0.1,
    },
    "dien-dice": {
        "kind": "dien", "fields": [BRAND, ITEM, GENRES, AGE, history(ITEM)], "embedding_dimension": 16,
        "hidden_sizes": [20, 10], "activation": "dice",
    },
}  # fmt: skip


def lists(rows, lengths):
    ids = torch.randint(0, rows + 3, (int(lengths.sum()),))
    return Ragged(ids, lengths)


def make_columns(fields, count, longest):
    """Unknown ids in every field; lists of 0 to `longest` ids, all empty for 0."""
    lengths = torch.randint(0, longest + 1, (count,))
    columns = {}
    for field in fields:
        rows = field["rows"]
        if field["kind"] == "categorical":
            column = torch.randint(0, rows + 3, (count,))
        elif field["kind"] == "multivalued":
            column = lists(rows, torch.randint(0, longest + 1, (count,)))
        elif field["kind"] == "dense":
            column = torch.randn(count).float().double()
        else:
            column = lists(next(other["rows"] for other in fields if other["name"] == field["of"]), lengths)
        columns[field["name"]] = column
    return columns


def feed_of(fields, columns, padding):
    """The graph's inputs. Histories are padded with ids that exist, which must not count."""
    feed = {}
    for field in fields:
        name, column = field["name"], columns[field["name"]]
        if isinstance(column, Ragged):
            longest = max(1, int(column.lengths.max()) + padding)
            fill = 1 if field["kind"] == "history" else 0
            padded = torch.full((len(column.lengths), longest), fill)
            padded[column.owners, column.places] = column.ids
            feed[name] = padded.numpy()
            if field["kind"] == "history":
                feed["history_length"] = column.lengths.numpy()
        elif field["kind"] == "dense":
            feed[name] = column.numpy().astype(np.float32)
        else:
            feed[name] = column.numpy()
    return feed


def largest_difference(session, model, fields, count, longest, padding):
    columns = make_columns(fields, count, longest)
    with torch.no_grad():
        expected = model(columns).numpy()
    feed = feed_of(fields, columns, padding)
    for field in fields:
        if field["kind"] == "categorical":
            # An id below 0 is unknown, too.
            feed[field["name"]] = np.where(feed[field["name"]] == 0, -1, feed[field["name"]])
    logit, probability = session.run(["logit", "probability"], feed)
    assert logit.shape == probability.shape == (count,)
    assert np.allclose(probability, torch.sigmoid(torch.tensor(logit)).numpy(), atol=1e-6)
    sizes = np.abs(expected)
    return float((np.abs(logit - expected) / np.maximum(1, np.maximum(sizes, sizes.max() / 10))).max())


def check(name, architecture, plumb, folder):
    model = make_model(architecture).eval()
    path, out = folder / "model.safetensors", folder / "model.onnx"
    tensors = {key: tensor.float().contiguous() for key, tensor in model.state_dict().items()}
    save_file(tensors, path, {"plumb.architecture": json.dumps(architecture)})
    subprocess.run([*plumb, "export", path, "--to", "onnx", "-q", "-o", out], check=True)
    onnx.checker.check_model(str(out), full_check=True)
    exported = onnx.load(str(out))
    assert json.loads(exported.metadata_props[0].value)["kind"] == architecture["kind"]
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in exported.graph.initializer}
    for key, tensor in tensors.items():
        assert np.array_equal(constants[key], tensor.numpy()), key
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(out), options, providers=["CPUExecutionProvider"])
    differences = [
        largest_difference(session, model, architecture["fields"], *case)
        for case in [(1, 0, 0), (1, 4, 0), (1, 9, 2), (3, 0, 3), (1000, 6, 0), (1000, 50, 3)]
    ]
    worst = max(differences)
    print(f"{name:24} {architecture['kind']:10} {len(exported.graph.node):4} nodes  largest difference {worst:.1e}")
    return worst <= TOLERANCE


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plumb", default=".build/release/plumb")
    arguments = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [
            check(name, architecture, arguments.plumb.split(), Path(folder))
            for name, architecture in (ARCHITECTURES | MORE).items()
        ]
    kinds = {architecture["kind"] for architecture in ARCHITECTURES.values()}
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: {len(outcomes)} models of {len(kinds)} kinds")
    sys.exit(0 if all(outcomes) else f"error: logits differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
