/// The known name that differs from `name` in the fewest letters, if that is few enough to be a slip.
func nearest(to name: String, among known: [String]) -> String? {
    let candidates = known.map { (name: $0, distance: editDistance(Array(name), Array($0))) }
    guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, name.count / 3) ? best.name : nil
}

/// Insertions, deletions and replacements that turn one word into the other (Levenshtein).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var previous = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var current = [i + 1]
        for (j, y) in b.enumerated() {
            current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (x == y ? 0 : 1)))
        }
        previous = current
    }
    return previous[b.count]
}
