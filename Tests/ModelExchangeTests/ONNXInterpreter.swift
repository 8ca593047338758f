import Foundation

/// Runs an ONNX graph by the operators' public definitions, slowly and in double: what `ONNXModel` writes is held
/// against it where no onnxruntime is. Knows only the operators and forms that are written; traps or throws on others.
struct ONNXInterpreter {
    struct Tensor {
        var shape: [Int]
        var values: [Double]

        init(_ shape: [Int], _ values: [Double]) {
            precondition(shape.reduce(1, *) == values.count)
            (self.shape, self.values) = (shape, values)
        }

        var integers: [Int] { values.map { Int($0) } }
    }

    struct Unknown: Error { var what: String }

    private struct Node {
        var type: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [String: ProtobufDecoder] = [:]

        init(_ message: ProtobufDecoder) throws {
            (inputs, outputs, type) = (message.texts(1), message.texts(2), message.text(4))
            for attribute in try message.messages(5) { attributes[attribute.text(1)] = attribute }
        }

        func integer(_ name: String) -> Int? { attributes[name]?.integer(3) }
    }

    let model: ProtobufDecoder
    let constants: [String: Tensor]
    let inputs: [String]
    let outputs: [String]
    private let nodes: [Node]

    init(_ bytes: [UInt8]) throws {
        model = try ProtobufDecoder(bytes[...])
        let graph = try model.message(7)
        nodes = try graph.messages(1).map { try Node($0) }
        inputs = try graph.messages(11).map { $0.text(1) }
        outputs = try graph.messages(12).map { $0.text(1) }
        var constants: [String: Tensor] = [:]
        for tensor in try graph.messages(5) {
            let data = Array(tensor.bytes(9)[0])
            let values: [Double]
            switch tensor.integer(2) {
            case 1:
                values = stride(from: 0, to: data.count, by: 4).map { start in
                    Double(Float(bitPattern: data[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }))
                }
            case 7:
                values = stride(from: 0, to: data.count, by: 8).map { start in
                    Double(Int64(bitPattern: data[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }))
                }
            default: throw Unknown(what: "data type")
            }
            constants[tensor.text(8)] = Tensor(tensor.integers(1), values)
        }
        self.constants = constants
    }

    func run(_ feed: [String: Tensor]) throws -> [String: Tensor] {
        var values = constants.merging(feed) { _, new in new }
        try run(nodes, &values)
        return values
    }

    private func run(_ nodes: [Node], _ values: inout [String: Tensor]) throws {
        for node in nodes {
            precondition(values[node.outputs[0]] == nil, "a value is made twice")
            let inputs = try node.inputs.map { name in
                guard let value = values[name] else { throw Unknown(what: "value \(name)") }
                return value
            }
            let results = try node.type == "Scan" ? scan(node, inputs, values) : [apply(node, inputs)]
            for (name, result) in zip(node.outputs, results) { values[name] = result }
        }
    }

    private func scan(_ node: Node, _ inputs: [Tensor], _ outer: [String: Tensor]) throws -> [Tensor] {
        guard let body = try node.attributes["body"]?.message(6) else { throw Unknown(what: "body") }
        let names = try body.messages(11).map { $0.text(1) }
        let result = try body.messages(12)[0].text(1)
        let steps = try body.messages(1).map { try Node($0) }
        var state = inputs[0]
        for step in 0..<inputs[1].shape[0] {
            var values = outer
            values[names[0]] = state
            for (name, sequence) in zip(names.dropFirst(), inputs.dropFirst()) {
                let size = sequence.shape.dropFirst().reduce(1, *)
                values[name] = Tensor(
                    Array(sequence.shape.dropFirst()), Array(sequence.values[step * size..<(step + 1) * size]))
            }
            try run(steps, &values)
            guard let next = values[result] else { throw Unknown(what: "state") }
            state = next
        }
        return [state]
    }

    private func apply(_ node: Node, _ x: [Tensor]) throws -> Tensor {
        switch node.type {
        case "Identity", "Cast": return x[0]
        case "Greater": return broadcast(x[0], x[1]) { $0 > $1 ? 1 : 0 }
        case "Less": return broadcast(x[0], x[1]) { $0 < $1 ? 1 : 0 }
        case "And": return broadcast(x[0], x[1]) { $0 * $1 }
        case "Max": return broadcast(x[0], x[1]) { max($0, $1) }
        case "Add": return broadcast(x[0], x[1], +)
        case "Sub": return broadcast(x[0], x[1], -)
        case "Mul": return broadcast(x[0], x[1], *)
        case "Div": return broadcast(x[0], x[1], /)
        case "PRelu": return broadcast(x[0], x[1]) { $0 < 0 ? $0 * $1 : $0 }
        case "Sum": return x.dropFirst().reduce(x[0]) { broadcast($0, $1, +) }
        case "Where":
            // A number that is not taken must not count, not even an infinite one.
            let chosen = broadcast(x[0], x[1]) { $0 != 0 ? $1 : .nan }
            return broadcast(chosen, x[2]) { $0.isNaN ? $1 : $0 }
        case "Sqrt": return map(x[0]) { $0.squareRoot() }
        case "Reciprocal": return map(x[0]) { 1 / $0 }
        case "Relu": return map(x[0]) { max(0, $0) }
        case "Sigmoid": return map(x[0]) { 1 / (1 + exp(-$0)) }
        case "Tanh": return map(x[0]) { tanh($0) }
        case "Shape":
            let (start, end) = (node.integer("start") ?? 0, node.integer("end") ?? x[0].shape.count)
            return Tensor([end - start], x[0].shape[start..<end].map(Double.init))
        case "Range":
            let values = Array(stride(from: x[0].values[0], to: x[1].values[0], by: x[2].values[0]))
            return Tensor([values.count], values)
        case "Reshape":
            let known = x[1].integers.filter { $0 >= 0 }.reduce(1, *)
            return Tensor(x[1].integers.map { $0 < 0 ? x[0].values.count / known : $0 }, x[0].values)
        case "Unsqueeze":
            var shape = x[0].shape
            shape.insert(1, at: x[1].integers[0])
            return Tensor(shape, x[0].values)
        case "Squeeze":
            var shape = x[0].shape
            if x.count > 1 { shape.remove(at: x[1].integers[0]) } else { shape.removeAll { $0 == 1 } }
            return Tensor(shape, x[0].values)
        case "Expand":
            return broadcast(x[0], Tensor(x[1].integers, Array(repeating: 0, count: x[1].integers.reduce(1, *))), +)
        case "Transpose":
            let order = node.attributes["perm"]?.integers(8) ?? []
            return pick(x[0], shape: order.map { x[0].shape[$0] }) { place in
                var source = place
                for (target, axis) in order.enumerated() { source[axis] = place[target] }
                return source
            }
        case "Concat": return concat(x, axis: node.integer("axis") ?? 0)
        case "Gather":
            let (axis, rank) = (node.integer("axis") ?? 0, x[1].shape.count)
            let shape = x[0].shape[..<axis] + x[1].shape + x[0].shape[(axis + 1)...]
            return pick(x[0], shape: Array(shape)) { place in
                var flat = 0
                for (index, size) in zip(place[axis..<axis + rank], x[1].shape) { flat = flat * size + index }
                return Array(place[..<axis]) + [x[1].integers[flat]] + place[(axis + rank)...]
            }
        case "Slice":
            let (axis, start) = (x[3].integers[0], x[1].integers[0])
            var shape = x[0].shape
            shape[axis] = min(shape[axis], x[2].integers[0]) - start
            return pick(x[0], shape: shape) { place in
                var source = place
                source[axis] += start
                return source
            }
        case "ReduceSum":
            let axis = x[1].integers[0]
            var shape = x[0].shape
            shape[axis] = 1
            var result = Tensor(shape, Array(repeating: 0, count: shape.reduce(1, *)))
            forEachPlace(x[0].shape) { index, place in
                var target = place
                target[axis] = 0
                result.values[flat(target, shape)] += x[0].values[index]
            }
            if node.integer("keepdims") == 0 { result.shape.remove(at: axis) }
            return result
        case "Softmax":
            guard node.integer("axis") == 1, x[0].shape.count == 2 else { throw Unknown(what: "Softmax") }
            var result = x[0]
            let width = x[0].shape[1]
            for row in 0..<x[0].shape[0] {
                let values = x[0].values[row * width..<(row + 1) * width]
                let powers = values.map { exp($0 - (values.max() ?? 0)) }
                for column in 0..<width { result.values[row * width + column] = powers[column] / powers.reduce(0, +) }
            }
            return result
        case "MatMul": return matMul(x[0], x[1])
        case "Gemm":
            guard node.integer("transB") == 1 else { throw Unknown(what: "Gemm") }
            return gemm(x[0], x[1], x.count > 2 ? x[2] : nil)
        case "GRU":
            guard node.integer("linear_before_reset") == 1, x.count == 4 else { throw Unknown(what: "GRU") }
            return gru(x[0], x[1], x[2], x[3])
        default: throw Unknown(what: "operator \(node.type)")
        }
    }

    // MARK: Operators

    private func map(_ x: Tensor, _ function: (Double) -> Double) -> Tensor { Tensor(x.shape, x.values.map(function)) }

    private func broadcast(_ a: Tensor, _ b: Tensor, _ function: (Double, Double) -> Double) -> Tensor {
        let rank = max(a.shape.count, b.shape.count)
        let (left, right) = (
            Array(repeating: 1, count: rank - a.shape.count) + a.shape,
            Array(repeating: 1, count: rank - b.shape.count) + b.shape
        )
        let shape = zip(left, right).map { pair in
            precondition(pair.0 == pair.1 || pair.0 == 1 || pair.1 == 1, "shapes do not broadcast")
            return pair.0 == 1 ? pair.1 : pair.0
        }
        var values: [Double] = []
        forEachPlace(shape) { _, place in
            func value(_ tensor: Tensor, _ sizes: [Int]) -> Double {
                tensor.values[flat(zip(place, sizes).map { $1 == 1 ? 0 : $0 }, sizes)]
            }
            values.append(function(value(a, left), value(b, right)))
        }
        return Tensor(shape, values)
    }

    private func concat(_ parts: [Tensor], axis: Int) -> Tensor {
        let outer = parts[0].shape[..<axis].reduce(1, *)
        var values: [Double] = []
        for index in 0..<outer {
            for part in parts {
                let size = part.shape[axis...].reduce(1, *)
                values += part.values[index * size..<(index + 1) * size]
            }
        }
        var shape = parts[0].shape
        shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
        return Tensor(shape, values)
    }

    private func gemm(_ a: Tensor, _ b: Tensor, _ c: Tensor?) -> Tensor {
        let (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[0])
        precondition(b.shape[1] == inner)
        var values: [Double] = []
        for row in 0..<rows {
            for column in 0..<columns {
                values.append(
                    (0..<inner).reduce(c?.values[column] ?? 0) {
                        $0 + a.values[row * inner + $1] * b.values[column * inner + $1]
                    })
            }
        }
        return Tensor([rows, columns], values)
    }

    private func matMul(_ a: Tensor, _ b: Tensor) -> Tensor {
        let (rows, inner, columns) = (
            a.shape[a.shape.count - 2], a.shape[a.shape.count - 1], b.shape[b.shape.count - 1]
        )
        precondition(b.shape[b.shape.count - 2] == inner)
        let batch = a.shape.dropLast(2).reduce(1, *)
        var values: [Double] = []
        for index in 0..<batch {
            let offset = b.shape.count == 2 ? 0 : index * inner * columns
            for row in 0..<rows {
                for column in 0..<columns {
                    values.append(
                        (0..<inner).reduce(0) {
                            $0 + a.values[(index * rows + row) * inner + $1] * b.values[offset + $1 * columns + column]
                        })
                }
            }
        }
        return Tensor(a.shape.dropLast() + [columns], values)
    }

    /// The definition's equations with gates z, r, h and `linear_before_reset`; one direction.
    private func gru(_ x: Tensor, _ w: Tensor, _ r: Tensor, _ b: Tensor) -> Tensor {
        let (steps, batch, inputs, width) = (x.shape[0], x.shape[1], x.shape[2], r.shape[2])
        var h = [Double](repeating: 0, count: batch * width)
        var all: [Double] = []
        for step in 0..<steps {
            var next = h
            for row in 0..<batch {
                func input(_ gate: Int) -> Double {
                    (0..<inputs).reduce(b.values[gate]) {
                        $0 + w.values[gate * inputs + $1] * x.values[(step * batch + row) * inputs + $1]
                    }
                }
                func state(_ gate: Int) -> Double {
                    (0..<width).reduce(b.values[3 * width + gate]) {
                        $0 + r.values[gate * width + $1] * h[row * width + $1]
                    }
                }
                for unit in 0..<width {
                    let update = 1 / (1 + exp(-input(unit) - state(unit)))
                    let reset = 1 / (1 + exp(-input(width + unit) - state(width + unit)))
                    let new = tanh(input(2 * width + unit) + reset * state(2 * width + unit))
                    next[row * width + unit] = (1 - update) * new + update * h[row * width + unit]
                }
            }
            h = next
            all += h
        }
        return Tensor([steps, 1, batch, width], all)
    }

    // MARK: Places

    private func pick(_ x: Tensor, shape: [Int], _ source: ([Int]) -> [Int]) -> Tensor {
        var values: [Double] = []
        forEachPlace(shape) { _, place in values.append(x.values[flat(source(place), x.shape)]) }
        return Tensor(shape, values)
    }

    private func flat(_ place: [Int], _ shape: [Int]) -> Int {
        zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
    }

    private func forEachPlace(_ shape: [Int], _ body: (_ index: Int, _ place: [Int]) -> Void) {
        var place = [Int](repeating: 0, count: shape.count)
        for index in 0..<shape.reduce(1, *) {
            body(index, place)
            for axis in shape.indices.reversed() {
                place[axis] += 1
                if place[axis] < shape[axis] { break }
                place[axis] = 0
            }
        }
    }
}
