/// Looks up every field of a row: its embedding, and its first-order weight, which is added to the logit.
///
///     categorical   e = E[id]                  logit += w[id]
///     multivalued   e = mean of E[ids]         logit += mean of w[ids]      (torch.nn.EmbeddingBag, padding_idx 0)
///     dense         e = value · E              logit += value · w
///
/// A missing id (0, or one that the table does not have) is zeros, and does not count in a mean; a list without a known
/// id is zeros. Tensors: `fields.<name>.embedding` [rows, dimension] and `fields.<name>.weight` [rows, 1], with one row
/// for dense fields.
struct FieldEmbeddings: Sendable {
    /// Where a field's numbers are.
    private enum Source: Sendable {
        case table(Int)
        /// Starts of the embedding and of the first-order weight in the dense vector.
        case dense(embedding: Int, weight: Int)
    }

    /// The embeddings of a batch, [rows, fields, dimension], and the loss's gradient by them.
    let embeddings: ScratchSlot
    let gradients: ScratchSlot
    private let sources: [Source]
    private let dimension: Int
    private let logits: ScratchSlot
    private let logitGradients: ScratchSlot

    /// `dimension` may be 0: first-order weights only. Weights start at zero, embeddings from N(0, 0.01²): small, so
    /// that products of embeddings start near zero, but not zero, where they would have no gradient.
    init(_ fields: [Architecture.Field], dimension: Int, _ plan: inout NetworkPlan) {
        let start = ParameterLayout.Tensor.Start.normal(standardDeviation: 0.01)
        var sources: [Source] = []
        for field in fields {
            let embedding = "fields.\(field.name).embedding"
            let weight = "fields.\(field.name).weight"
            switch field.kind {
            case .categorical, .multivalued:
                sources.append(
                    .table(plan.parameters.addTable([(embedding, dimension, start), (weight, 1, .zero)])))
            case .dense:
                let range =
                    dimension > 0
                    ? plan.parameters.addDense(embedding, shape: [1, dimension], start: start) : 0..<0
                let index = plan.parameters.addDense(weight, shape: [1, 1], start: .zero).lowerBound
                sources.append(.dense(embedding: range.lowerBound, weight: index))
            }
        }
        self.sources = sources
        self.dimension = dimension
        embeddings = plan.scratch.add(width: fields.count * dimension)
        gradients = plan.scratch.add(width: fields.count * dimension)
        logits = plan.logits
        logitGradients = plan.logitGradients
    }

    /// Fills the embeddings; logits [rows] += the first-order terms, field by field.
    func forward(_ batch: Batch, _ parameters: Parameters) {
        let logits = batch[logits]
        let stride = sources.count * dimension
        for field in sources.indices {
            let target = batch[embeddings] + field * dimension
            switch (batch.input.columns[field], sources[field]) {
            case (.categorical(let ids), .table(let index)):
                EmbeddingKernels.gather(
                    ids: ids, rows: batch.rows, table: parameters.tables[index], dimension: dimension,
                    embeddings: target, stride: stride, logits: logits)
            case (.multivalued(let offsets, let ids), .table(let index)):
                EmbeddingKernels.gatherMeans(
                    offsets: offsets, ids: ids, rows: batch.rows, table: parameters.tables[index],
                    dimension: dimension, embeddings: target, stride: stride, logits: logits)
            case (.dense(let values), .dense(let embedding, let weight)):
                parameters.dense.withUnsafeBufferPointer { dense in
                    guard let dense = dense.baseAddress else { return }
                    for (place, row) in batch.rows.enumerated() {
                        let value = values[Int(row)]
                        VectorKernels.set(
                            target + place * stride, to: dense + embedding, scaledBy: value, count: dimension)
                        logits[place] += value * dense[weight]
                    }
                }
            default: preconditionFailure("ModelInput.check(against:) has compared the kinds")
            }
        }
    }

    /// Adds to the tables' and dense fields' gradients, from `gradients` and the logit gradients [rows].
    func backward(_ batch: Batch, _ gradient: inout Gradient) {
        let logitGradients = batch[logitGradients]
        let stride = sources.count * dimension
        for field in sources.indices {
            let source = batch[gradients] + field * dimension
            switch (batch.input.columns[field], sources[field]) {
            case (.categorical(let ids), .table(let index)):
                EmbeddingKernels.scatter(
                    ids: ids, rows: batch.rows, into: &gradient.tables[index], dimension: dimension,
                    gradients: source, stride: stride, logitGradients: logitGradients)
            case (.multivalued(let offsets, let ids), .table(let index)):
                EmbeddingKernels.scatterMeans(
                    offsets: offsets, ids: ids, rows: batch.rows, into: &gradient.tables[index],
                    dimension: dimension, gradients: source, stride: stride, logitGradients: logitGradients)
            case (.dense(let values), .dense(let embedding, let weight)):
                gradient.dense.withUnsafeMutableBufferPointer { dense in
                    guard let dense = dense.baseAddress else { return }
                    for (place, row) in batch.rows.enumerated() {
                        let value = values[Int(row)]
                        VectorKernels.add(
                            source + place * stride, scaledBy: value, to: dense + embedding, count: dimension)
                        dense[weight] += value * logitGradients[place]
                    }
                }
            default: preconditionFailure("ModelInput.check(against:) has compared the kinds")
            }
        }
    }
}
