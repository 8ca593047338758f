#!/usr/bin/env python3
"""Opens models with Python's safetensors and loads them into PyTorch's model of the same architecture: every tensor must be there,
none besides, of its shape, finite, and tables' row 0 zeros.

    python3 scripts/models/check_model.py MODEL.safetensors...
"""

import json
import sys

from safetensors import safe_open

from reference import build, is_table


def main() -> None:
    for path in sys.argv[1:]:
        with safe_open(path, framework="pt") as file:
            architecture = json.loads(file.metadata()["plumb.architecture"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        model = build(architecture)
        model.load_state_dict(tensors, strict=True)
        assert all(tensor.isfinite().all() for tensor in tensors.values()), path
        assert not any(tensor[0].any() for name, tensor in tensors.items() if is_table(model, name)), path
        numbers = sum(tensor.numel() for tensor in tensors.values())
        print(f"{path}: {architecture['kind']}, {len(tensors)} tensors, {numbers} numbers")


if __name__ == "__main__":
    main()
