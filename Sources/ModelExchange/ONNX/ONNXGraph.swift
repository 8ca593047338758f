import CTRModels

/// A graph of ONNX operators in the making. Values are known by their names.
///
/// A class, so that what makes a value can stand as the argument of what uses it.
final class ONNXGraph {
    /// A constant tensor: of the model's, whose numbers are read when they are written, or a few numbers of our own.
    struct Initializer {
        enum Content {
            case tensor(ParameterLayout.Tensor)
            case floats([Float])
            case integers([Int64])
        }

        var name: String
        var shape: [Int]
        var content: Content

        var element: ONNXElement {
            switch content {
            case .tensor, .floats: .float
            case .integers: .int64
            }
        }

        var dataBytes: Int { shape.reduce(element.byteCount, *) }
    }

    private(set) var nodes: [ProtobufMessage] = []
    private(set) var initializers: [Initializer] = []
    private(set) var inputs: [ProtobufMessage] = []
    private(set) var outputs: [ProtobufMessage] = []
    /// Names that no new value may take.
    private var taken: Set<String> = []
    private var constants: [[Int64]: String] = [:]

    /// Declares an input.
    func addInput(_ name: String, _ element: ONNXElement, shape: [ONNXDimension], _ documentation: String) {
        taken.insert(name)
        inputs.append(.value(name, element, shape: shape, documentation: documentation))
    }

    /// Declares an output, and that `value` is it.
    func addOutput(_ name: String, _ value: String, shape: [ONNXDimension], _ documentation: String) {
        taken.insert(name)
        nodes.append(.node("Identity", [value], [:], name: fresh("Identity"), outputs: [name]))
        outputs.append(.value(name, .float, shape: shape, documentation: documentation))
    }

    /// Declares one of the model's tensors under its own name.
    func addTensor(_ tensor: ParameterLayout.Tensor, shape: [Int]) {
        taken.insert(tensor.name)
        initializers.append(Initializer(name: tensor.name, shape: shape, content: .tensor(tensor)))
    }

    /// Whole numbers as a constant, once for equal ones: a vector, or a single number.
    func constant(_ numbers: [Int64], isSingle: Bool = false) -> String {
        // A single number and a vector of one are told apart by a mark that no constant ends with.
        let key = isSingle ? numbers + [.min] : numbers
        if let name = constants[key] { return name }
        let name = fresh("constant")
        initializers.append(
            Initializer(name: name, shape: isSingle ? [] : [numbers.count], content: .integers(numbers)))
        constants[key] = name
        return name
    }

    /// A vector of whole numbers as a constant.
    func constant(_ numbers: [Int]) -> String { constant(numbers.map { Int64($0) }) }

    /// One whole number as a constant.
    func constant(_ number: Int) -> String { constant([Int64(number)], isSingle: true) }

    /// One number as a constant.
    func constant(_ number: Float) -> String {
        let name = fresh("constant")
        initializers.append(Initializer(name: name, shape: [], content: .floats([number])))
        return name
    }

    /// Adds a node with one output; gives that.
    func add(
        _ type: String, _ inputs: String..., with attributes: KeyValuePairs<String, ONNXAttribute> = [:]
    ) -> String {
        add(type, inputs, with: attributes)
    }

    /// Adds a node with one output; gives that.
    func add(
        _ type: String, _ inputs: [String], with attributes: KeyValuePairs<String, ONNXAttribute> = [:]
    ) -> String {
        let name = fresh(type)
        nodes.append(.node(type, inputs, attributes, name: name, outputs: [name]))
        return name
    }

    /// Adds a loop over the first dimension of `sequences`, float tensors; gives the state after its last step.
    ///
    /// - Parameter step: the new state, from the state and a step of each sequence; may read every value outside.
    func scan(
        state: String, over sequences: [String],
        step: (_ state: String, _ step: [String]) -> String
    ) -> String {
        let outside = nodes
        nodes = []
        let names = ([state] + sequences).map { _ in fresh("step") }
        let next = step(names[0], Array(names[1...]))
        var body = ProtobufMessage()
        for node in nodes { body.add(ONNXField.Graph.node, node) }
        body.add(ONNXField.Graph.name, "step")
        for name in names { body.add(ONNXField.Graph.input, .value(name, .float, shape: nil)) }
        body.add(ONNXField.Graph.output, .value(next, .float, shape: nil))
        nodes = outside
        return add(
            "Scan", [state] + sequences, with: ["body": .graph(body), "num_scan_inputs": .int(sequences.count)])
    }

    /// A name that nothing has yet.
    private func fresh(_ type: String) -> String {
        var number = taken.count
        while !taken.insert("/\(type)_\(number)").inserted { number += 1 }
        return "/\(type)_\(number)"
    }
}
