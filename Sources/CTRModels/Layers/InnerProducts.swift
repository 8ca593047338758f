/// The inner products of all pairs of embeddings, <e_f, e_g> for f < g, in the order (0, 1), (0, 2), …, (1, 2), …
struct InnerProducts: Sendable {
    private let fields: Int
    private let dimension: Int
    /// Numbers a row of the matrix that holds embeddings and, after them, the products.
    private let stride: Int

    /// Pairs of `fields` embeddings.
    static func count(fields: Int) -> Int { fields * (fields - 1) / 2 }

    init(fields: Int, dimension: Int) {
        self.fields = fields
        self.dimension = dimension
        stride = fields * dimension + Self.count(fields: fields)
    }

    /// Fills the products of `values` [rows, fields · dimension + products], which holds the embeddings.
    func forward(_ batch: Batch, _ values: ScratchSlot) {
        for row in 0..<batch.count {
            let e = batch[values] + row * stride
            var product = e + fields * dimension
            for first in 0..<fields {
                for second in first + 1..<max(first + 1, fields) {
                    product.pointee = VectorKernels.dot(
                        e + first * dimension, e + second * dimension, count: dimension)
                    product += 1
                }
            }
        }
    }

    /// Adds to the embeddings' part of `gradients`, laid out as `values`, from its products' part.
    func backward(_ batch: Batch, _ values: ScratchSlot, gradients: ScratchSlot) {
        for row in 0..<batch.count {
            let e = batch[values] + row * stride
            let de = batch[gradients] + row * stride
            var slope = de + fields * dimension
            for first in 0..<fields {
                for second in first + 1..<max(first + 1, fields) {
                    VectorKernels.add(
                        e + second * dimension, scaledBy: slope.pointee, to: de + first * dimension, count: dimension)
                    VectorKernels.add(
                        e + first * dimension, scaledBy: slope.pointee, to: de + second * dimension, count: dimension)
                    slope += 1
                }
            }
        }
    }
}
