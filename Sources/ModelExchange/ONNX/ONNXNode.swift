/// An attribute of a node.
enum ONNXAttribute {
    case int(Int)
    case ints([Int])
    case float(Float)
    case text(String)
    case graph(ProtobufMessage)

    fileprivate func message(_ name: String) -> ProtobufMessage {
        typealias Field = ONNXField.Attribute
        var message = ProtobufMessage()
        message.add(Field.name, name)
        switch self {
        case .float(let value):
            message.add(Field.float, value)
            message.add(Field.type, 1)
        case .int(let value):
            message.add(Field.int, value)
            message.add(Field.type, 2)
        case .text(let value):
            message.add(Field.text, value)
            message.add(Field.type, 3)
        case .graph(let value):
            message.add(Field.graph, value)
            message.add(Field.type, 5)
        case .ints(let values):
            for value in values { message.add(Field.ints, value) }
            message.add(Field.type, 7)
        }
        return message
    }
}

extension ProtobufMessage {
    /// A node.
    static func node(
        _ type: String, _ inputs: [String], _ attributes: KeyValuePairs<String, ONNXAttribute>, name: String,
        outputs: [String]
    ) -> ProtobufMessage {
        typealias Field = ONNXField.Node
        var message = ProtobufMessage()
        for input in inputs { message.add(Field.input, input) }
        for output in outputs { message.add(Field.output, output) }
        message.add(Field.name, name)
        message.add(Field.type, type)
        for (name, attribute) in attributes { message.add(Field.attribute, attribute.message(name)) }
        return message
    }

    /// An input or output. Without a shape nothing is said of it.
    static func value(
        _ name: String, _ element: ONNXElement, shape: [ONNXDimension]?, documentation: String = ""
    ) -> ProtobufMessage {
        var tensor = ProtobufMessage()
        tensor.add(ONNXField.TensorType.element, element.rawValue)
        if let shape {
            var dimensions = ProtobufMessage()
            for dimension in shape {
                var message = ProtobufMessage()
                switch dimension {
                case .size(let size): message.add(ONNXField.Dimension.size, size)
                case .named(let name): message.add(ONNXField.Dimension.name, name)
                }
                dimensions.add(ONNXField.Shape.dimension, message)
            }
            tensor.add(ONNXField.TensorType.shape, dimensions)
        }
        var type = ProtobufMessage()
        type.add(ONNXField.ValueType.tensor, tensor)
        var message = ProtobufMessage()
        message.add(ONNXField.Value.name, name)
        message.add(ONNXField.Value.type, type)
        if !documentation.isEmpty { message.add(ONNXField.Value.documentation, documentation) }
        return message
    }
}
