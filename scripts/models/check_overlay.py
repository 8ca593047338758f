#!/usr/bin/env python3
"""Lays an overlay over its cloud model with Python's safetensors and PyTorch, as docs/files.md says: the checksum must be the model's,
ids must rise, every tensor must have a place, and the result must load into PyTorch's model of the same architecture.

    python3 scripts/models/check_overlay.py MODEL.safetensors OVERLAY.safetensors
"""

import json
import struct
import sys

from safetensors import safe_open

from reference import build, is_table


def checksum(data: bytes) -> str:
    number = 0xCBF29CE484222325
    for byte in data:
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return f"{number:016x}"


def main() -> None:
    model_path, overlay_path = sys.argv[1:]
    with open(model_path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    text = header.pop("__metadata__")["plumb.architecture"]
    model = build(json.loads(text))
    with safe_open(model_path, framework="pt") as file:
        state = {name: file.get_tensor(name) for name in header}
    with safe_open(overlay_path, framework="pt") as file:
        metadata = file.metadata()
        overlay = {name: file.get_tensor(name) for name in file.keys()}

    dense = [name for name in header if not is_table(model, name)]
    dense.sort(key=lambda name: ".running_" in name)
    numbers = b"".join(state[name].numpy().astype("<f4").tobytes() for name in dense)
    assert metadata["plumb.overlay"] == "1"
    assert metadata["plumb.cloud"] == checksum(text.encode() + numbers), "made for another model"

    rows = 0
    for name, values in overlay.items():
        if name.endswith(".ids"):
            assert (values[1:] > values[:-1]).all() and values[0] > 0, name
            rows += len(values)
        elif is_table(model, name):
            ids = overlay[name.rsplit(".", 1)[0] + ".ids"]
            state[name][ids] = values
        else:
            assert not state[name].equal(values), f"{name} has not moved"
            state[name] = values
    model.load_state_dict(state, strict=True)
    print(f"{overlay_path}: {len(overlay)} tensors, {rows} rows over {model_path}")


if __name__ == "__main__":
    main()
