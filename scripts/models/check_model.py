#!/usr/bin/env python3
"""Opens models with Python's safetensors and checks that every tensor is there, finite and of its architecture's shape.

    python3 scripts/models/check_model.py MODEL.safetensors...
"""

import json
import sys

import numpy as np
from safetensors import safe_open


def main() -> None:
    for path in sys.argv[1:]:
        with safe_open(path, framework="numpy") as model:
            architecture = json.loads(model.metadata()["plumb.architecture"])
            tensors = {name: model.get_tensor(name) for name in model.keys()}
        dimension = architecture["embedding_dimension"]
        for field in architecture["fields"]:
            rows = field["rows"] or 1
            embedding = tensors.get(f"fields.{field['name']}.embedding")
            assert dimension == 0 or embedding.size == rows * dimension, field
            assert tensors[f"fields.{field['name']}.weight"].size == rows, field
        assert all(np.isfinite(tensor).all() for tensor in tensors.values())
        numbers = sum(tensor.size for tensor in tensors.values())
        print(f"{path}: {architecture['kind']}, {len(tensors)} tensors, {numbers} numbers")


if __name__ == "__main__":
    main()
