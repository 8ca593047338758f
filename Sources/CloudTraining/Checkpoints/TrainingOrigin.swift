import CTRModels
import OrderedJSON
import UserPartition

/// All that the weights after so many passes are a function of, named for people: a checkpoint of one origin is of no
/// use to a training of another.
struct TrainingOrigin: Sendable, Hashable {
    /// What a checkpoint's format and the arithmetic of training are; to be raised when the same origin comes to make
    /// other weights.
    static let format = 1

    /// One setting and what it is.
    struct Part: Sendable, Hashable {
        var name: String
        var text: String
    }

    var parts: [Part]

    /// The origin of a training.
    init(_ settings: TrainingSettings, architecture: Architecture, store: PartitionStore, seed: UInt64) {
        let schedule = settings.schedule
        parts = [
            Part(name: "format", text: "\(Self.format)"), Part(name: "store", text: store.identity),
            Part(name: "seed", text: "\(seed)"), Part(name: "model", text: architecture.json),
            Part(name: "optimizer", text: settings.optimizer.text),
            Part(name: "weight_decay", text: "\(settings.weightDecay)"),
            Part(name: "batch_size", text: "\(settings.batchSize)"),
            Part(name: "schedule", text: schedule.decay.rawValue),
            Part(name: "warmup_steps", text: "\(schedule.warmupSteps)"),
            Part(name: "early_stopping", text: settings.earlyStopping.rawValue),
            Part(name: "patience", text: "\(settings.patience)"),
        ]
        // A decay is spread over all passes: with more of them, those that were made would have been others.
        if schedule.decay != .constant { parts.append(Part(name: "epochs", text: "\(settings.epochs)")) }
    }

    init(_ node: JSONNode) throws(JSONError) {
        parts = try node.members().map { member throws(JSONError) in
            Part(name: member.key, text: try member.node.string())
        }
    }

    var json: JSONValue { .object(parts.map { JSONValue.Member($0.name, .string($0.text)) }) }

    /// What is different in another origin, for people; nil if nothing is.
    func difference(to other: TrainingOrigin) -> String? {
        if self == other { return nil }
        let mine = Dictionary(parts.map { ($0.name, $0.text) }) { first, _ in first }
        let changed = other.parts.filter { mine[$0.name] != $0.text }
        guard let first = changed.first else { return "its schedule was another" }
        switch first.name {
        case "format": return "it is of another version of this tool"
        case "store": return "it is of another store, or of other users of it"
        case "model": return "its model is another"
        default: return "\(first.name) was \(mine[first.name] ?? "not set") and is \(first.text)"
        }
    }
}

extension Optimizer.Method {
    /// The rule and its constants.
    fileprivate var text: String {
        switch self {
        case .sgd(let rate): "sgd \(rate)"
        case .adagrad(let rate, let epsilon): "adagrad \(rate) \(epsilon)"
        case .adam(let rate, let beta1, let beta2, let epsilon): "adam \(rate) \(beta1) \(beta2) \(epsilon)"
        }
    }
}
