/// Field numbers of ONNX's protobuf schema (onnx.ai, "Open Neural Network Exchange Intermediate Representation", and
/// onnx/onnx.proto), those that are written here.
enum ONNXField {
    enum Model { static let (irVersion, producer, graph, opset, metadata) = (1, 2, 7, 8, 14) }
    enum Opset { static let version = 2 }
    enum Entry { static let (key, value) = (1, 2) }
    enum Graph { static let (node, name, initializer, input, output) = (1, 2, 5, 11, 12) }
    enum Node { static let (input, output, name, type, attribute) = (1, 2, 3, 4, 5) }
    enum Attribute { static let (name, float, int, text, graph, ints, type) = (1, 2, 3, 4, 6, 8, 20) }
    enum Tensor { static let (dimension, type, name, raw) = (1, 2, 8, 9) }
    enum Value { static let (name, type, documentation) = (1, 2, 3) }
    enum ValueType { static let tensor = 1 }
    enum TensorType { static let (element, shape) = (1, 2) }
    enum Shape { static let dimension = 1 }
    enum Dimension { static let (size, name) = (1, 2) }
}

/// What an element of an ONNX tensor is, by its number in `TensorProto.DataType`.
enum ONNXElement: Int {
    case float = 1
    case int64 = 7

    var byteCount: Int {
        switch self {
        case .float: 4
        case .int64: 8
        }
    }
}

/// A dimension of an input or output.
enum ONNXDimension {
    /// Always this many.
    case size(Int)
    /// As many as the caller has; equal names are equal sizes.
    case named(String)
}
