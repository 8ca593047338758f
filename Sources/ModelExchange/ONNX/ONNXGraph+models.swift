import CTRModels

extension ONNXGraph {
    /// The number of real positions of each history.
    static let lengthName = "history_length"
    static let outputNames = ["logit", "probability"]

    /// The graph of a model's logits, by the formulas that the model's own file in `CTRModels` states.
    convenience init(_ model: CTRModel) {
        self.init()
        for tensor in model.parameters.layout.tensors { addTensor(tensor, shape: model.parameters.shape(of: tensor)) }
        let architecture = model.architecture
        let fields = addFields(of: architecture)

        // Each [batch, 1] but the bias, [1].
        var terms = ["bias"]
        switch architecture.kind {
        case .lr: terms += fields.map(weight)
        case .fm: terms += fields.map(weight) + [pairs(fields.map(embedding))]
        case .wideDeep:
            terms += fields.map(weight)
            terms.append(perceptron("mlp", side(by: fields.map(embedding)), architecture.hiddenSizes, architecture))
        case .deepfm:
            let embeddings = fields.map(embedding)
            terms += fields.map(weight) + [pairs(embeddings)]
            terms.append(perceptron("mlp", side(by: embeddings), architecture.hiddenSizes, architecture))
        case .pnn:
            let x = side(by: fields.map(embedding))
            let products = products(x, fields: fields.count, dimension: architecture.embeddingDimension)
            terms.append(perceptron("mlp", side(by: [x] + products), architecture.hiddenSizes, architecture))
        case .dcnV2:
            let x = side(by: fields.map(embedding))
            terms.append(linear("cross.output", crossed(x, layers: architecture.crossLayers), hasBias: false))
            terms.append(perceptron("mlp", x, architecture.hiddenSizes, architecture))
        case .din, .dien:
            let embeddings = fields.map(embedding)
            let history = history(architecture, fields: fields, embeddings: embeddings)
            let interest = architecture.kind == .din ? pooled(history, architecture) : evolved(history)
            terms.append(
                perceptron("mlp", side(by: embeddings + [interest]), architecture.hiddenSizes, architecture))
        }
        let sum = add("Sum", terms)
        let logit = add("Reshape", sum, constant([-1]))
        addOutput("logit", logit, shape: [.named("batch")], "before the sigmoid")
        addOutput("probability", add("Sigmoid", logit), shape: [.named("batch")], "of a click")
    }

    // MARK: Fields

    /// A field that gives the model an embedding, and its input as lookups want it.
    private struct Column {
        var field: Architecture.Field
        /// Known ids, [batch] or [batch, n]; the numbers of a dense field, [batch, 1].
        var value: String
        /// 1 / max(1, known ids of the list), [batch, 1]; nil where nothing is averaged.
        var scale: String?
    }

    private func addFields(of architecture: Architecture) -> [Column] {
        for field in architecture.fields {
            switch field.kind {
            case .categorical:
                addInput(field.name, .int64, shape: [.named("batch")], "ids; 0 is missing or unseen")
            case .multivalued:
                addInput(
                    field.name, .int64, shape: [.named("batch"), .named("\(field.name)_ids")],
                    "lists of ids, padded with 0")
            case .dense: addInput(field.name, .float, shape: [.named("batch")], "numbers")
            case .history:
                addInput(
                    field.name, .int64, shape: [.named("batch"), .named("history")],
                    "ids of '\(field.of ?? "")', oldest first, \(Self.lengthName) of them real")
            }
        }
        if architecture.kind.uses.contains(.history) {
            addInput(Self.lengthName, .int64, shape: [.named("batch")], "real positions of each history")
        }
        var columns: [Column] = []
        for field in architecture.fields where field.kind != .history {
            if field.kind == .dense {
                columns.append(Column(field: field, value: add("Unsqueeze", field.name, constant([1]))))
                continue
            }
            let ids = known(field.name, rows: field.rows)
            var scale: String?
            if field.kind == .multivalued && field.pooling == .mean {
                let isKnown = add(
                    "Cast", add("Greater", ids, constant(0)), with: ["to": .int(ONNXElement.float.rawValue)])
                let count = add("ReduceSum", isKnown, constant([1]), with: ["keepdims": .int(1)])
                scale = add("Reciprocal", add("Max", count, constant(Float(1))))
            }
            columns.append(Column(field: field, value: ids, scale: scale))
        }
        return columns
    }

    /// Ids, with 0 in place of those that a table of `rows` rows does not have.
    private func known(_ ids: String, rows: Int) -> String {
        let isKnown = add("And", add("Greater", ids, constant(0)), add("Less", ids, constant(rows)))
        return add("Where", isKnown, ids, constant(0))
    }

    /// A field's first-order term, [batch, 1].
    private func weight(_ column: Column) -> String { look(up: column, in: "weight") }

    /// A field's embedding, [batch, d].
    private func embedding(_ column: Column) -> String { look(up: column, in: "embedding") }

    private func look(up column: Column, in table: String) -> String {
        let table = "fields.\(column.field.name).\(table)"
        if column.field.kind == .dense { return add("Mul", column.value, table) }
        let rows = add("Gather", table, column.value)
        guard column.field.kind == .multivalued else { return rows }
        let sum = add("ReduceSum", rows, constant([1]), with: ["keepdims": .int(0)])
        return column.scale.map { add("Mul", sum, $0) } ?? sum
    }

    /// [batch, …] tensors side by side.
    private func side(by parts: [String]) -> String {
        parts.count == 1 ? parts[0] : add("Concat", parts, with: ["axis": .int(1)])
    }

    // MARK: Layers

    /// Σ_{f<g} <e_f, e_g> = ½ Σ ((Σ_f e_f)² − Σ_f e_f²), [batch, 1].
    private func pairs(_ embeddings: [String]) -> String {
        let sum = add("Sum", embeddings)
        let squares = add("Sum", embeddings.map { add("Mul", $0, $0) })
        let difference = add("Sub", add("Mul", sum, sum), squares)
        let total = add("ReduceSum", difference, constant([1]), with: ["keepdims": .int(1)])
        return add("Mul", total, constant(Float(0.5)))
    }

    /// <e_f, e_g> for f < g, (0, 1), (0, 2), … (1, 2), …, [batch, F·(F-1)/2]; none for one field.
    private func products(_ x: String, fields: Int, dimension: Int) -> [String] {
        if fields == 1 { return [] }
        let embeddings = add("Reshape", x, constant([-1, fields, dimension]))
        let all = add("MatMul", embeddings, add("Transpose", embeddings, with: ["perm": .ints([0, 2, 1])]))
        let flat = add("Reshape", all, constant([-1, fields * fields]))
        let upper = (0..<fields).flatMap { f in (f + 1..<fields).map { f * fields + $0 } }
        return [add("Gather", flat, constant(upper), with: ["axis": .int(1)])]
    }

    /// x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l, [batch, D].
    private func crossed(_ x: String, layers: Int) -> String {
        var crossed = x
        for layer in 0..<layers {
            crossed = add("Add", add("Mul", x, linear("cross.\(layer)", crossed)), crossed)
        }
        return crossed
    }

    /// [n, outputs] of [n, inputs].
    private func linear(_ name: String, _ x: String, hasBias: Bool = true) -> String {
        add("Gemm", [x, "\(name).weight"] + (hasBias ? ["\(name).bias"] : []), with: ["transB": .int(1)])
    }

    /// Hidden layers with their activations, and a linear layer to one number: [n, 1] of [n, inputs].
    private func perceptron(
        _ name: String, _ x: String, _ sizes: [Int], _ architecture: Architecture, hasOutputBias: Bool = false
    ) -> String {
        var x = x
        for layer in sizes.indices {
            let s = linear("\(name).\(2 * layer)", x)
            x = activated("\(name).\(2 * layer + 1)", s, architecture.activation)
        }
        return linear("\(name).\(2 * sizes.count)", x, hasBias: hasOutputBias)
    }

    private func activated(_ name: String, _ s: String, _ activation: Architecture.Activation) -> String {
        switch activation {
        case .relu: return add("Relu", s)
        case .prelu: return add("PRelu", s, "\(name).weight")
        case .dice:
            let variance = add("Add", "\(name).running_var", constant(Float(1e-8)))
            let p = add("Sigmoid", add("Div", add("Sub", s, "\(name).running_mean"), add("Sqrt", variance)))
            // p·s + (1 − p)·α·s = (α + p·(1 − α))·s
            let rest = add("Sub", constant(Float(1)), "\(name).alpha")
            return add("Mul", add("Add", "\(name).alpha", add("Mul", p, rest)), s)
        }
    }

    // MARK: Histories

    private struct History {
        /// Embeddings of the history's positions, [batch, t, K].
        var keys: String
        /// Embeddings of the item at hand, [batch, 1, K].
        var query: String
        /// Which positions are real, [batch, t].
        var isReal: String
        /// K.
        var width: Int
    }

    private func history(_ architecture: Architecture, fields: [Column], embeddings: [String]) -> History {
        var keys: [String] = []
        var queries: [String] = []
        let histories = architecture.fields.filter { $0.kind == .history }
        for history in histories {
            guard let owner = fields.firstIndex(where: { $0.field.name == history.of }) else {
                preconditionFailure("the history of a field that is not there")
            }
            let ids = known(history.name, rows: fields[owner].field.rows)
            keys.append(add("Gather", "fields.\(fields[owner].field.name).embedding", ids))
            queries.append(embeddings[owner])
        }
        let query = add("Unsqueeze", side(by: queries), constant([1]))
        let longest = add("Squeeze", add("Shape", histories[0].name, with: ["start": .int(1), "end": .int(2)]))
        let positions = add("Unsqueeze", add("Range", constant(0), longest, constant(1)), constant([0]))
        return History(
            keys: keys.count == 1 ? keys[0] : add("Concat", keys, with: ["axis": .int(2)]), query: query,
            isReal: add("Less", positions, add("Unsqueeze", Self.lengthName, constant([1]))),
            width: histories.count * architecture.embeddingDimension)
    }

    /// Σ_t a_t k_t with a_t = net([q; k_t; q − k_t; q ⊙ k_t]), [batch, K].
    private func pooled(_ history: History, _ architecture: Architecture) -> String {
        let query = add("Expand", history.query, add("Shape", history.keys))
        let pair = add(
            "Concat",
            [
                query, history.keys, add("Sub", query, history.keys), add("Mul", query, history.keys),
            ], with: ["axis": .int(2)])
        let rows = add("Reshape", pair, constant([-1, 4 * history.width]))
        let scores = perceptron("attention", rows, architecture.attentionSizes, architecture, hasOutputBias: true)
        let weights = real(add("Reshape", scores, add("Shape", history.isReal)), history, else: 0)
        let pooled = add("MatMul", add("Unsqueeze", weights, constant([1])), history.keys)
        return add("Reshape", pooled, constant([-1, history.width]))
    }

    /// The numbers of real positions, and `other` at those that are not.
    private func real(_ values: String, _ history: History, else other: Float) -> String {
        add("Where", history.isReal, values, constant(other))
    }

    /// The last state of a recurrent layer over another's states, each step as strong as its attention: [batch, K].
    ///
    /// Padding stands behind what is real: it cannot touch the states before it, and with attention 0 it changes none
    /// after.
    private func evolved(_ history: History) -> String {
        let width = history.width
        let steps = add("Transpose", history.keys, with: ["perm": .ints([1, 0, 2])])
        // ONNX stacks the gates z, r, n; PyTorch r, z, n.
        let order = constant(Array(width..<2 * width) + Array(0..<width) + Array(2 * width..<3 * width))
        func gates(_ name: String) -> String { add("Gather", name, order) }
        let inputs = add("Unsqueeze", gates("gru.weight_ih_l0"), constant([0]))
        let states = add("Unsqueeze", gates("gru.weight_hh_l0"), constant([0]))
        let biases = add(
            "Unsqueeze",
            add("Concat", gates("gru.bias_ih_l0"), gates("gru.bias_hh_l0"), with: ["axis": .int(0)]),
            constant([0]))
        let extracted = add(
            "Squeeze",
            add(
                "GRU", steps, inputs, states, biases,
                with: ["hidden_size": .int(width), "linear_before_reset": .int(1)]), constant([1]))

        // softmax_t(h_t · (W q)), 0 at padding: [t, batch, 1].
        let focus = add("MatMul", history.query, add("Transpose", "attention.weight", with: ["perm": .ints([1, 0])]))
        let byRow = add("Transpose", extracted, with: ["perm": .ints([1, 0, 2])])
        let scores = add("ReduceSum", add("Mul", byRow, focus), constant([2]), with: ["keepdims": .int(0)])
        let shares = add("Softmax", real(scores, history, else: -.greatestFiniteMagnitude), with: ["axis": .int(1)])
        let attention = add(
            "Unsqueeze", add("Transpose", real(shares, history, else: 0), with: ["perm": .ints([1, 0])]),
            constant([2]))

        let flat = add("Reshape", extracted, constant([-1, width]))
        let fromInputs = add(
            "Reshape",
            add("Gemm", flat, "augru.weight_ih", "augru.bias_ih", with: ["transB": .int(1)]),
            add(
                "Concat", add("Shape", extracted, with: ["start": .int(0), "end": .int(2)]), constant([3 * width]),
                with: ["axis": .int(0)]))
        let starts = [0, width, 2 * width, 3 * width].map { constant([$0]) }
        let (one, last) = (constant(Float(1)), constant([1]))
        let zeros = add("Sub", add("Squeeze", history.query, last), add("Squeeze", history.query, last))
        return scan(state: zeros, over: [fromInputs, attention]) { state, step in
            let fromState = add("Gemm", state, "augru.weight_hh", "augru.bias_hh", with: ["transB": .int(1)])
            func gate(_ all: String, _ index: Int) -> String {
                add("Slice", all, starts[index], starts[index + 1], last)
            }
            let reset = add("Sigmoid", add("Add", gate(step[0], 0), gate(fromState, 0)))
            let update = add("Sigmoid", add("Add", gate(step[0], 1), gate(fromState, 1)))
            let new = add(
                "Tanh", add("Add", gate(step[0], 2), add("Mul", reset, gate(fromState, 2))))
            let share = add("Mul", step[1], update)
            return add(
                "Add", add("Mul", add("Sub", one, share), state), add("Mul", share, new))
        }
    }
}
