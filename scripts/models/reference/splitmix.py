"""The generator that all of plumb's randomness comes from: Sources/CTRModels/SplitMix64.swift, SplitMix64+Shuffle.swift."""

INCREMENT, MASK = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF


def mix(z):
    """The last three lines of SplitMix64's next (Steele, Lea and Flood 2014), modulo 2^64, of an int or an array of uint64."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class SplitMix64:
    """A stream of 64 bits a number, of a seed or of a name under a seed."""

    def __init__(self, seed: int, name: str | None = None):
        self.state = seed
        if name is not None:
            hash_ = 0xCBF29CE484222325  # FNV-1a
            for byte in name.encode():
                hash_ = ((hash_ ^ byte) * 0x100000001B3) & MASK
            self.state ^= SplitMix64(hash_).next()

    def next(self) -> int:
        self.state = (self.state + INCREMENT) & MASK
        return mix(self.state)

    def shuffle(self, elements: list) -> None:
        """Fisher and Yates, as plumb does it."""
        for left in range(len(elements), 1, -1):
            pick = (self.next() * left) >> 64
            elements[left - 1], elements[pick] = elements[pick], elements[left - 1]
