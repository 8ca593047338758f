/// The second-order term of a factorization machine (Rendle 2010, "Factorization Machines", lemma 3.1): all pairwise
/// products of the field embeddings in linear time,
///
///     Σ_{f<g} <e_f, e_g>  =  ½ Σ_k [ (Σ_f e_fk)² − Σ_f e_fk² ]
struct FactorizationMachine: Sendable {
    private let fields: Int
    private let dimension: Int
    /// Σ_f e_f, [rows, dimension]: kept for the backward pass.
    private let sums: ScratchSlot
    private let logits: ScratchSlot
    private let logitGradients: ScratchSlot

    init(fields: Int, dimension: Int, _ plan: inout NetworkPlan) {
        self.fields = fields
        self.dimension = dimension
        sums = plan.scratch.add(width: dimension)
        logits = plan.logits
        logitGradients = plan.logitGradients
    }

    /// logits [rows] += the term over `embeddings` [rows, fields, dimension].
    func forward(_ batch: Batch, embeddings: ScratchSlot) {
        let logits = batch[logits]
        let sums = batch[sums]
        let embeddings = batch[embeddings]
        for row in 0..<batch.count {
            let e = UnsafePointer(embeddings + row * fields * dimension)
            let sum = sums + row * dimension
            var pairs = SIMD8<Float>()
            for k in stride(from: 0, to: dimension, by: 8) {
                let lanes = min(8, dimension - k)
                var total = SIMD8<Float>()
                var squares = SIMD8<Float>()
                for field in 0..<fields {
                    let value = e.load(field * dimension + k, lanes)
                    total += value
                    squares += value * value
                }
                sum.store(total, at: k, lanes)
                pairs += total * total - squares
            }
            logits[row] += 0.5 * pairs.sum()
        }
    }

    /// `embeddingGradients` [rows, fields, dimension] += dlogit · (Σ_g e_g − e_f).
    func backward(_ batch: Batch, embeddings: ScratchSlot, embeddingGradients: ScratchSlot) {
        let logitGradients = batch[logitGradients]
        let sums = batch[sums]
        let embeddings = batch[embeddings]
        let embeddingGradients = batch[embeddingGradients]
        for row in 0..<batch.count {
            let scale = logitGradients[row]
            let sum = sums + row * dimension
            for field in 0..<fields {
                let place = (row * fields + field) * dimension
                let gradient = embeddingGradients + place
                VectorKernels.add(sum, scaledBy: scale, to: gradient, count: dimension)
                VectorKernels.add(embeddings + place, scaledBy: -scale, to: gradient, count: dimension)
            }
        }
    }
}
