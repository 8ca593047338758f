/// A sum of doubles that carries its rounding error along (Neumaier 1974): exact to about one unit in the last place of the
/// sum of magnitudes, however many terms there are.
struct CompensatedSum {
    private var sum = 0.0
    private var error = 0.0

    /// The sum so far.
    var value: Double { sum + error }

    /// Adds a finite term.
    mutating func add(_ term: Double) {
        let total = sum + term
        error += abs(sum) >= abs(term) ? (sum - total) + term : (term - total) + sum
        sum = total
    }
}
