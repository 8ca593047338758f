/// Looks up the positions of a batch's histories in the tables of the fields that they are of: key k_t is the
/// histories' embeddings side by side, and query q those fields' own embeddings of the row.
///
/// A position whose id is missing has zeros but keeps its place. Has no tensors of its own.
struct HistoryEmbeddings: Sendable {
    /// Numbers in a key, and in a query: histories · dimension.
    let width: Int
    /// The keys [positions, width] and the loss's gradient by them.
    let keys: ScratchSlot
    let keyGradients: ScratchSlot
    /// The queries [rows, width] and the loss's gradient by them.
    let queries: ScratchSlot
    let queryGradients: ScratchSlot
    /// For each history its column, its table, and the place among the embedded fields of the field that it is of.
    private let sources: [(column: Int, table: Int, field: Int)]
    private let dimension: Int
    private let fields: FieldEmbeddings

    init(_ architecture: Architecture, _ fields: FieldEmbeddings, _ plan: inout NetworkPlan) {
        let tables = architecture.tableIndexes
        let embedded = architecture.embeddedFields
        var sources: [(column: Int, table: Int, field: Int)] = []
        for (column, field) in architecture.fields.enumerated() where field.kind == .history {
            guard let table = tables[column], let owner = embedded.firstIndex(where: { $0.name == field.of }) else {
                preconditionFailure("a valid architecture has a field for each history")
            }
            sources.append((column, table, owner))
        }
        self.sources = sources
        self.fields = fields
        dimension = architecture.embeddingDimension
        width = sources.count * dimension
        keys = plan.scratch.add(width: width, per: .position)
        keyGradients = plan.scratch.add(width: width, per: .position)
        queries = plan.scratch.add(width: width)
        queryGradients = plan.scratch.add(width: width)
    }

    /// Fills keys and queries, these from the fields' embeddings.
    func forward(_ batch: Batch, _ parameters: Parameters) {
        let (queries, embeddings) = (batch[queries], batch[fields.embeddings])
        for (place, source) in sources.enumerated() {
            for row in 0..<batch.count {
                (queries + row * width + place * dimension).update(
                    from: embeddings + row * fields.width + source.field * dimension, count: dimension)
            }
            guard batch.positions > 0, case .multivalued(let offsets, let ids) = batch.input.columns[source.column]
            else { continue }
            EmbeddingKernels.gatherHistory(
                offsets: offsets, ids: ids, rows: batch.rows, table: parameters.tables[source.table],
                dimension: dimension, keys: batch[keys] + place * dimension, stride: width)
        }
    }

    /// Adds the queries' gradients to the fields', and the keys' to the tables'.
    func backward(_ batch: Batch, _ gradient: inout Gradient) {
        let (queries, embeddings) = (batch[queryGradients], batch[fields.gradients])
        for (place, source) in sources.enumerated() {
            for row in 0..<batch.count {
                VectorKernels.add(
                    queries + row * width + place * dimension, scaledBy: 1,
                    to: embeddings + row * fields.width + source.field * dimension, count: dimension)
            }
            guard batch.positions > 0, case .multivalued(let offsets, let ids) = batch.input.columns[source.column]
            else { continue }
            EmbeddingKernels.scatterHistory(
                offsets: offsets, ids: ids, rows: batch.rows, positions: batch.positions,
                into: &gradient.tables[source.table], dimension: dimension,
                gradients: batch[keyGradients] + place * dimension, stride: width)
        }
    }
}
