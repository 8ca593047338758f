/// How one tensor is made: a source, and then what is done to it, step by step.
public struct WeightExpression: Sendable, Hashable {
    /// What it starts from.
    public indirect enum Source: Sendable, Hashable {
        /// A tensor of the file; `*` is what the rule's `*` stands for.
        case tensor(String)
        /// The sum of tensors of one shape: two biases that one layer has.
        case sum([WeightExpression])
        /// Tensors one below the other, along the first dimension.
        case concatenation([WeightExpression])
        /// Tensors side by side, along the last dimension.
        case columnConcatenation([WeightExpression])
        /// The same number everywhere, in the shape that is to be made.
        case fill(Float)
    }

    /// What is done to a tensor.
    public struct Step: Sendable, Hashable {
        /// The kinds of steps. Rows lie along the first dimension, columns along the last; a negative number counts
        /// from the end.
        public enum Action: Sendable, Hashable {
            /// Rows and columns of a matrix change places.
            case transpose
            /// The rows from the first number up to, not with, the second; nil is the end.
            case rows(from: Int, to: Int?)
            /// The columns from the first number up to, not with, the second; nil is the end.
            case columns(from: Int, to: Int?)
            /// A row is left out.
            case dropRow(Int)
            /// A row becomes zeros.
            case zeroRow(Int)
            /// A row of zeros comes before the first.
            case insertZeroRow
            /// The same numbers in another shape.
            case reshape([Int])
            /// So many copies, one below the other.
            case repeated(Int)
            /// Rows whose keys a file lists, in the order of the feature's ids in a vocabulary; zeros where the file
            /// lacks the key, and for id 0.
            case keys(file: String)
        }

        /// What it does.
        public var action: Action
        /// Where it stands.
        public var place: MapPlace?

        /// A step.
        public init(_ action: Action, place: MapPlace? = nil) {
            self.action = action
            self.place = place
        }
    }

    /// What it starts from.
    public var source: Source
    /// What is done, in this order.
    public var steps: [Step]
    /// Where the source stands.
    public var place: MapPlace?

    /// An expression.
    public init(_ source: Source, _ steps: [Step] = [], place: MapPlace? = nil) {
        self.source = source
        self.steps = steps
        self.place = place
    }
}
