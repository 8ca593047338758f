public import CTRModels

/// How a model's tensors are made from those of another library's state dict.
///
/// A rule's pattern names one tensor of ours, or with one `*` a family: `fields.*.embedding`. A rule without `*` wins
/// over those with it. What `*` stands for is put in place of every `*` in the rule's sources, by the name that `names`
/// gives it there.
///
///     let map = WeightMap(rules: [
///         .init("bias", .init(.tensor("out.bias"))),
///         .init("fields.*.embedding", .init(.tensor("embedding_dict.*.weight"), [.init(.insertZeroRow)])),
///     ])
///     let faults = map.faults(for: architecture, from: file.tensors)
///     let model = try map.model(architecture, from: file, refuse: wrap, order: { _, _, _ in [] })
public struct WeightMap: Sendable, Hashable {
    /// One line of the map.
    public struct Rule: Sendable, Hashable {
        /// Which of our tensors it makes.
        public var pattern: String
        /// How.
        public var expression: WeightExpression
        /// Where it stands.
        public var place: MapPlace?

        /// A rule.
        public init(_ pattern: String, _ expression: WeightExpression, place: MapPlace? = nil) {
            self.pattern = pattern
            self.expression = expression
            self.place = place
        }
    }

    /// The rules.
    public var rules: [Rule]
    /// Patterns of source tensors that are left alone, any number of `*` in each.
    public var ignored: [String]
    /// What our names between the dots are called at the source.
    public var names: [String: String]

    /// A map.
    public init(rules: [Rule], ignored: [String] = [], names: [String: String] = [:]) {
        self.rules = rules
        self.ignored = ignored
        self.names = names
    }

    /// A file of keys, for a feature's rows: for each of a table's ids the source's row, nil for one without.
    public typealias Order<Failure: Error> =
        (_ file: String, _ feature: String, _ rows: Int) throws(Failure) -> [Int?]

    /// Everything that keeps the map from making a model of `architecture`, which is valid, from tensors of these names
    /// and shapes: rules that make nothing or the same twice, tensors of ours that no rule makes, source tensors that
    /// are missing, left over, of a type that is not floating point or of a shape that does not fit. No data is read;
    /// what `keys` files hold is not looked at.
    public func faults(for architecture: Architecture, from tensors: [SafetensorsTensor]) -> [ExchangeError] {
        var faults: [ExchangeError] = []
        let sources = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
        let targets = architecture.tensors
        var used = Set<String>()
        var makes = Set<String>()
        for target in targets {
            do throws(ExchangeError) {
                guard let (rule, match) = try rule(for: target.name) else {
                    throw ExchangeError(.tensor, "no rule makes '\(target.name)' \(target.shape)")
                }
                makes.insert(rule.pattern)
                let made = try WeightEvaluation<ExchangeError>(
                    target: target.shape, most: Self.most(for: target.shape, from: tensors),
                    feature: Architecture.fieldName(of: target.name),
                    source: match.map { names[$0] ?? $0 }, hasValues: false,
                    refuse: { $0 },
                    load: { name, place throws(ExchangeError) in
                        used.insert(name)
                        guard let source = sources[name] else {
                            throw ExchangeError(.tensor, "the state dict has no tensor '\(name)'", at: place)
                        }
                        guard source.type?.isFloatingPoint == true else {
                            throw ExchangeError(
                                .tensor,
                                "the state dict's tensor '\(name)' is of type \(source.typeName), "
                                    + "which cannot be used", at: place)
                        }
                        return WeightTensor(shape: source.shape, values: nil)
                    },
                    order: { _, _, rows throws(ExchangeError) in Array(repeating: nil, count: rows) }
                ).tensor(rule.expression)
                guard made.shape == target.shape else {
                    throw ExchangeError(
                        .tensor, "'\(target.name)' has shape \(target.shape), and this makes \(made.shape)",
                        at: rule.place)
                }
            } catch {
                faults.append(error)
            }
        }
        for rule in rules where !makes.contains(rule.pattern) {
            let isShadowed = targets.contains { rule.pattern.match($0.name) != nil }
            if isShadowed && rule.pattern.contains("*") { continue }
            faults.append(
                ExchangeError(.map, "the model has no tensor '\(rule.pattern)' to be made", at: rule.place))
        }
        let left = tensors.map(\.name).filter { name in
            !used.contains(name) && !ignored.contains { $0.matchesAll(of: name) }
        }
        for name in left.sorted() {
            faults.append(
                ExchangeError(.tensor, "nothing uses the state dict's tensor '\(name)', and `ignore` does not name it"))
        }
        return faults
    }

    /// The model that the map makes, one tensor in memory beside it at a time. `faults` has found none.
    ///
    /// - Parameters:
    ///   - refuse: makes the caller's error of what is wrong with map or weights.
    ///   - order: reads a file of keys.
    /// - Throws: if a number is not finite, if row 0 of a table does not come out as zeros, and what file and `order`
    ///   throw.
    public func model<Failure>(
        _ architecture: Architecture, from file: SafetensorsReader<Failure>,
        refuse: (ExchangeError) -> Failure, order: Order<Failure>
    ) throws(Failure) -> CTRModel {
        try withoutActuallyEscaping(refuse) { refuse throws(Failure) in
            try withoutActuallyEscaping(order) { order throws(Failure) in
                var place: MapPlace?
                return try CTRModel(
                    architecture: architecture,
                    refuse: { refuse(ExchangeError(.tensor, $0.message, at: place)) },
                    values: { name, shape throws(Failure) in
                        let found: (rule: Rule, match: String?)?
                        do throws(ExchangeError) { found = try rule(for: name) } catch { throw refuse(error) }
                        guard let (rule, match) = found else {
                            throw refuse(ExchangeError(.tensor, "no rule makes '\(name)'"))
                        }
                        place = rule.place
                        let made = try WeightEvaluation<Failure>(
                            target: shape, most: Self.most(for: shape, from: file.tensors),
                            feature: Architecture.fieldName(of: name),
                            source: match.map { names[$0] ?? $0 }, hasValues: true,
                            refuse: refuse,
                            load: { name, place throws(Failure) in
                                guard let tensor = file.tensor(name) else {
                                    throw refuse(
                                        ExchangeError(.tensor, "the state dict has no tensor '\(name)'", at: place))
                                }
                                return WeightTensor(
                                    shape: tensor.shape,
                                    values: try file.floats(of: tensor, elements: 0..<tensor.count))
                            }, order: order
                        ).tensor(rule.expression)
                        let values = made.values ?? []
                        if let number = values.first(where: { !$0.isFinite }) {
                            throw refuse(ExchangeError(.tensor, "'\(name)' holds \(number)", at: rule.place))
                        }
                        return values
                    })
            }
        }
    }

    /// The most numbers of a tensor on the way to one of this shape: twice what it and the whole state dict have, so
    /// that no map asks for much more memory than model and weights do.
    private static func most(for target: [Int], from tensors: [SafetensorsTensor]) -> Int {
        func bounded(_ count: Int?) -> Int { min(count ?? .max, 1 << 40) }
        return 2 * tensors.reduce(bounded(WeightTensor.count(target))) { bounded($0 + bounded($1.count)) }
    }

    /// The rule that makes a tensor, and what its `*` stands for.
    private func rule(for name: String) throws(ExchangeError) -> (rule: Rule, match: String?)? {
        if let rule = rules.first(where: { $0.pattern == name }) { return (rule, nil) }
        let matching = rules.compactMap { rule in rule.pattern.match(name).map { (rule: rule, match: $0) } }
        guard let first = matching.first else { return nil }
        if matching.count > 1 {
            throw ExchangeError(
                .map, "'\(first.rule.pattern)' and '\(matching[1].rule.pattern)' both make '\(name)'",
                at: matching[1].rule.place)
        }
        return (first.rule, first.match)
    }
}

extension Architecture {
    /// Names and shapes of a model's tensors, in its order.
    fileprivate var tensors: [(name: String, shape: [Int])] { CTRModel.tensorShapes(of: self) }

    /// The field whose table a tensor is; nil if it is none: `item` of `fields.item.embedding`.
    fileprivate static func fieldName(of tensor: String) -> String? {
        ["fields.*.embedding", "fields.*.weight"].lazy.compactMap { $0.match(tensor) }.first
    }
}

extension String {
    /// What the one `*` of this pattern stands for in `name`; nil if it does not match or has none.
    func match(_ name: String) -> String? {
        guard let star = firstIndex(of: "*") else { return nil }
        let (before, after) = (self[..<star], self[index(after: star)...])
        guard name.utf8.count > before.utf8.count + after.utf8.count, name.hasPrefix(before), name.hasSuffix(after)
        else { return nil }
        return String(name.dropFirst(before.count).dropLast(after.count))
    }

    /// Whether this pattern, any number of `*` in it, matches all of `name`.
    func matchesAll(of name: String) -> Bool {
        let parts = split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return self == name }
        guard name.hasPrefix(parts[0]) else { return false }
        var rest = name.dropFirst(parts[0].count)
        for part in parts[1..<parts.count - 1] {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}

extension Substring {
    /// Where `part` first stands; an empty one stands at the start.
    fileprivate func firstRange(of part: String) -> Range<Index>? {
        var start = startIndex
        while true {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            if start == endIndex { return nil }
            start = index(after: start)
        }
    }
}
