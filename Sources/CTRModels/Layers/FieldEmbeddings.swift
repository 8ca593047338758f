/// Looks up every field of a row but histories: its embedding, and its first-order weight, which is added to the logit.
///
///     categorical   e = E[id]                        logit += w[id]
///     multivalued   e = mean or sum of E[ids]        logit += that of w[ids]      (torch.nn.EmbeddingBag, padding_idx 0)
///     dense         e = value · E                    logit += value · w
///
/// A missing id (0, or one that the table does not have) is zeros, and does not count in a mean; a list without a known
/// id is zeros. Tensors: `fields.<name>.embedding` [rows, dimension] and `fields.<name>.weight` [rows, 1], with one row
/// for dense fields.
struct FieldEmbeddings: Sendable {
    /// Where a field's numbers are.
    private enum Source: Sendable {
        case table(Int, Architecture.Field.Pooling)
        /// Starts of the embedding and of the first-order weight in the dense vector.
        case dense(embedding: Int, weight: Int)
    }

    /// The embeddings of a batch, and the loss's gradient by them: [rows, width], of which each row's first fields ·
    /// dimension are this layer's and the rest is for what a model puts beside them.
    let embeddings: ScratchSlot
    let gradients: ScratchSlot
    /// Numbers a row.
    let width: Int
    /// A column of the input each, in order.
    private let sources: [(column: Int, source: Source)]
    private let dimension: Int
    private let isFirstOrder: Bool
    private let logits: ScratchSlot
    private let logitGradients: ScratchSlot

    /// Weights start at zero, embeddings from N(0, 0.01²): small, so that products of embeddings start near zero, but
    /// not zero, where they would have no gradient.
    ///
    /// - Parameters:
    ///   - architecture: the fields, and the dimension, which may be 0: first-order weights only.
    ///   - isFirstOrder: whether fields have first-order weights.
    ///   - extraWidth: numbers a row that are left for others, after the embeddings.
    init(_ architecture: Architecture, isFirstOrder: Bool = true, extraWidth: Int = 0, _ plan: inout NetworkPlan) {
        let dimension = architecture.embeddingDimension
        let start = ParameterLayout.Tensor.Start.normal(standardDeviation: 0.01)
        var sources: [(column: Int, source: Source)] = []
        for (column, field) in architecture.fields.enumerated() {
            let embedding = "fields.\(field.name).embedding"
            let weight = "fields.\(field.name).weight"
            switch field.kind {
            case .categorical, .multivalued:
                let table = plan.parameters.addTable([
                    (embedding, dimension, start), (weight, isFirstOrder ? 1 : 0, .zero),
                ])
                sources.append((column, .table(table, field.pooling)))
            case .dense:
                let range =
                    dimension > 0 ? plan.parameters.addDense(embedding, shape: [1, dimension], start: start) : 0..<0
                let index =
                    isFirstOrder ? plan.parameters.addDense(weight, shape: [1, 1], start: .zero).lowerBound : 0
                sources.append((column, .dense(embedding: range.lowerBound, weight: index)))
            case .history: break
            }
        }
        self.sources = sources
        self.dimension = dimension
        self.isFirstOrder = isFirstOrder
        width = sources.count * dimension + extraWidth
        embeddings = plan.scratch.add(width: width)
        gradients = plan.scratch.add(width: width)
        logits = plan.logits
        logitGradients = plan.logitGradients
    }

    /// Fills the embeddings; logits [rows] += the first-order terms, field by field.
    func forward(_ batch: Batch, _ parameters: Parameters) {
        let logits = isFirstOrder ? batch[logits] : nil
        for (place, (column, source)) in sources.enumerated() {
            let target = batch[embeddings] + place * dimension
            switch (batch.input.columns[column], source) {
            case (.categorical(let ids), .table(let index, _)):
                EmbeddingKernels.gather(
                    ids: ids, rows: batch.rows, table: parameters.tables[index], dimension: dimension,
                    embeddings: target, stride: width, logits: logits)
            case (.multivalued(let offsets, let ids), .table(let index, let pooling)):
                EmbeddingKernels.gatherPooled(
                    offsets: offsets, ids: ids, rows: batch.rows, table: parameters.tables[index], pooling: pooling,
                    dimension: dimension, embeddings: target, stride: width, logits: logits)
            case (.dense(let values), .dense(let embedding, let weight)):
                parameters.withDense { dense in
                    for (place, row) in batch.rows.enumerated() {
                        let value = values[Int(row)]
                        VectorKernels.set(
                            target + place * width, to: dense + embedding, scaledBy: value, count: dimension)
                        logits?[place] += value * dense[weight]
                    }
                }
            default: preconditionFailure("ModelInput.check(against:) has compared the kinds")
            }
        }
    }

    /// Adds to the tables' and dense fields' gradients, from `gradients` and the logit gradients [rows].
    func backward(_ batch: Batch, _ gradient: inout Gradient) {
        let logitGradients = isFirstOrder ? UnsafePointer(batch[logitGradients]) : nil
        for (place, (column, kind)) in sources.enumerated() {
            let source = batch[gradients] + place * dimension
            switch (batch.input.columns[column], kind) {
            case (.categorical(let ids), .table(let index, _)):
                EmbeddingKernels.scatter(
                    ids: ids, rows: batch.rows, into: &gradient.tables[index], dimension: dimension,
                    gradients: source, stride: width, logitGradients: logitGradients)
            case (.multivalued(let offsets, let ids), .table(let index, let pooling)):
                EmbeddingKernels.scatterPooled(
                    offsets: offsets, ids: ids, rows: batch.rows, into: &gradient.tables[index], pooling: pooling,
                    dimension: dimension, gradients: source, stride: width, logitGradients: logitGradients)
            case (.dense(let values), .dense(let embedding, let weight)):
                gradient.withDense { dense in
                    for (place, row) in batch.rows.enumerated() {
                        let value = values[Int(row)]
                        VectorKernels.add(
                            source + place * width, scaledBy: value, to: dense + embedding, count: dimension)
                        if let logitGradients { dense[weight] += value * logitGradients[place] }
                    }
                }
            default: preconditionFailure("ModelInput.check(against:) has compared the kinds")
            }
        }
    }
}
