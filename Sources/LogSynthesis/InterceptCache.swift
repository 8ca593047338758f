/// The intercepts of users met lately: one place for each user id's last bits, and never more than 2^17 of them.
struct InterceptCache {
    static let mostEntries = 1 << 17

    private struct Entry {
        // No user has the id 0.
        var user = 0
        var intercept = 0.0
    }

    private let population: SyntheticPopulation
    private var entries: [Entry]

    /// Places held.
    var capacity: Int { entries.count }

    init(_ population: SyntheticPopulation) {
        self.population = population
        var capacity = 1
        while capacity <= population.settings.users && capacity < Self.mostEntries { capacity *= 2 }
        entries = [Entry](repeating: Entry(), count: capacity)
    }

    /// A user's intercept.
    @inline(__always)
    mutating func intercept(ofUser user: Int) -> Double {
        let place = user & (entries.count &- 1)
        if entries[place].user == user { return entries[place].intercept }
        let intercept = population.intercept(ofUser: user)
        entries[place] = Entry(user: user, intercept: intercept)
        return intercept
    }
}
