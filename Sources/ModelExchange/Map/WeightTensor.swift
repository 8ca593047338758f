/// A tensor on its way: its shape, and its numbers, row-major, unless only the shape is wanted.
struct WeightTensor {
    var shape: [Int]
    var values: [Float]?

    /// Numbers in a row, along the first dimension.
    var rowWidth: Int { shape.dropFirst().reduce(1, *) }

    /// The tensor after a step. Throws a message without the tensor's name.
    func applying(_ action: WeightExpression.Step.Action) throws(ExchangeError) -> WeightTensor {
        switch action {
        case .transpose:
            guard shape.count == 2 else { throw fault("only a matrix can be transposed") }
            return transposed()
        case .rows(let from, let to):
            guard let count = shape.first else { throw fault("a single number has no rows") }
            let rows = try range(from, to, of: count, "rows")
            return WeightTensor(
                shape: [rows.count] + shape.dropFirst(),
                values: values.map { Array($0[rows.lowerBound * rowWidth..<rows.upperBound * rowWidth]) })
        case .columns(let from, let to):
            guard shape.count >= 2, let width = shape.last else { throw fault("only a matrix has columns") }
            let columns = try range(from, to, of: width, "columns")
            return WeightTensor(
                shape: shape.dropLast() + [columns.count],
                values: values.map { values in
                    stride(from: 0, to: values.count, by: max(1, width)).flatMap { start in
                        values[start + columns.lowerBound..<start + columns.upperBound]
                    }
                })
        case .dropRow(let row):
            let row = try index(row)
            var result = self
            result.shape[0] -= 1
            result.values?.removeSubrange(row * rowWidth..<(row + 1) * rowWidth)
            return result
        case .zeroRow(let row):
            let row = try index(row)
            var result = self
            result.values?.replaceSubrange(
                row * rowWidth..<(row + 1) * rowWidth, with: repeatElement(0, count: rowWidth))
            return result
        case .insertZeroRow:
            guard !shape.isEmpty else { throw fault("a single number has no rows") }
            var result = self
            result.shape[0] += 1
            result.values?.insert(contentsOf: repeatElement(0, count: rowWidth), at: 0)
            return result
        case .reshape(let shape):
            guard let count = Self.count(shape), count == self.shape.reduce(1, *) else {
                throw fault("its numbers do not fill the shape \(shape)")
            }
            return WeightTensor(shape: shape, values: values)
        case .repeated(let times):
            guard let first = shape.first, Self.count([times] + shape) != nil else {
                throw fault("it cannot be repeated \(times) times")
            }
            return WeightTensor(
                shape: [first * times] + shape.dropFirst(),
                values: values.map { $0.isEmpty ? [] : Array(repeatElement($0, count: times).joined()) })
        case .keys: preconditionFailure("the order of rows is not this tensor's to know")
        }
    }

    /// Rows in another order, zeros for those without one.
    func ordered(by rows: [Int?]) -> WeightTensor {
        WeightTensor(
            shape: [rows.count] + shape.dropFirst(),
            values: values.map { values in
                var result: [Float] = []
                result.reserveCapacity(rows.count * rowWidth)
                for row in rows {
                    if let row {
                        result += values[row * rowWidth..<(row + 1) * rowWidth]
                    } else {
                        result += repeatElement(0, count: rowWidth)
                    }
                }
                return result
            })
    }

    /// Tensors one below the other.
    static func concatenation(_ parts: [WeightTensor]) throws(ExchangeError) -> WeightTensor {
        let rest = parts[0].shape.dropFirst()
        guard parts.allSatisfy({ !$0.shape.isEmpty && $0.shape.dropFirst() == rest }) else {
            throw ExchangeError(.tensor, "\(shapes(parts)) do not fit below each other")
        }
        let values = parts.compactMap(\.values)
        return WeightTensor(
            shape: [parts.reduce(0) { $0 + $1.shape[0] }] + rest,
            values: values.count == parts.count ? Array(values.joined()) : nil)
    }

    /// Matrices side by side.
    static func columnConcatenation(_ parts: [WeightTensor]) throws(ExchangeError) -> WeightTensor {
        guard parts.allSatisfy({ $0.shape.count == 2 && $0.shape[0] == parts[0].shape[0] }) else {
            throw ExchangeError(.tensor, "\(shapes(parts)) do not fit beside each other")
        }
        return try concatenation(parts.map { $0.transposed() }).transposed()
    }

    /// The sum of tensors of one shape.
    static func sum(_ parts: [WeightTensor]) throws(ExchangeError) -> WeightTensor {
        guard parts.allSatisfy({ $0.shape == parts[0].shape }) else {
            throw ExchangeError(.tensor, "\(shapes(parts)) cannot be added: their shapes differ")
        }
        var result = parts[0]
        for part in parts.dropFirst() {
            guard let values = part.values else { continue }
            for index in values.indices { result.values?[index] += values[index] }
        }
        return result
    }

    /// The product of a shape's sizes; nil if it is no shape or too large: see `extent`.
    static func count(_ shape: [Int]) -> Int? {
        guard let extent = extent(shape) else { return nil }
        return shape.contains(0) ? 0 : extent
    }

    /// The product of a shape's sizes but those that are 0, beside which no other may be large either; nil if it is no
    /// shape or if that is more than 2⁴².
    static func extent(_ shape: [Int]) -> Int? {
        var extent = 1
        for size in shape where size != 0 {
            let (product, overflow) = extent.multipliedReportingOverflow(by: size)
            guard size > 0, !overflow, product <= 1 << 42 else { return nil }
            extent = product
        }
        return extent
    }

    private func transposed() -> WeightTensor {
        let (rows, columns) = (shape[0], shape[1])
        return WeightTensor(
            shape: [columns, rows],
            values: values.map { values in
                [Float](unsafeUninitializedCapacity: values.count) { result, count in
                    for column in 0..<columns {
                        for row in 0..<rows {
                            result.initializeElement(at: column * rows + row, to: values[row * columns + column])
                        }
                    }
                    count = values.count
                }
            })
    }

    private func range(_ from: Int, _ to: Int?, of count: Int, _ what: String) throws(ExchangeError) -> Range<Int> {
        let to = to ?? count
        let (lower, upper) = (from < 0 ? from + count : from, to < 0 ? to + count : to)
        guard lower >= 0, lower <= upper, upper <= count else {
            throw fault("it has no \(what) \(from) to \(to)")
        }
        return lower..<upper
    }

    private func index(_ row: Int) throws(ExchangeError) -> Int {
        let index = row < 0 ? row + (shape.first ?? 0) : row
        guard index >= 0, index < shape.first ?? 0 else { throw fault("it has no row \(row)") }
        return index
    }

    private func fault(_ message: String) -> ExchangeError {
        ExchangeError(.tensor, "of a tensor of shape \(shape): \(message)")
    }

    private static func shapes(_ parts: [WeightTensor]) -> String {
        "tensors of shapes " + parts.map { "\($0.shape)" }.joined(separator: " and ")
    }
}
