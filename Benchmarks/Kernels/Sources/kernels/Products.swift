import CKernels
import Foundation
import Peers

/// The products of linear layers by every candidate.
struct Products {
    /// A layer's inputs and outputs: DeepFM's, fine-tuning's, DIN's.
    static let layers = [
        (80, 256), (256, 128), (128, 64), (64, 32), (32, 64), (36, 80), (80, 40), (108, 200), (200, 80),
    ]
    static let rows = [1, 8, 32, 50, 128, 256, 1024]
    static let products: [(name: String, product: peers_product)] = [
        ("forward", peers_forward), ("input gradient", peers_input_gradient),
        ("weight gradient", peers_weight_gradient),
    ]

    /// The matrices of one product; never freed.
    struct Matrices: @unchecked Sendable {
        let left: UnsafeMutablePointer<Float>
        let right: UnsafeMutablePointer<Float>
        let result: UnsafeMutablePointer<Float>

        init(_ product: peers_product, rows: Int, inputs: Int, outputs: Int) {
            func matrix(_ count: Int) -> UnsafeMutablePointer<Float> {
                let values = UnsafeMutableRawPointer.allocate(byteCount: count * 4 + 64, alignment: 64)
                    .bindMemory(to: Float.self, capacity: count)
                for index in 0..<count { values[index] = Float((index &* 7919) % 1000) / 1000 - 0.5 }
                return values
            }
            left = matrix(rows * (product == peers_forward ? inputs : outputs))
            right = matrix(product == peers_weight_gradient ? rows * inputs : outputs * inputs)
            result = matrix(
                product == peers_forward
                    ? rows * outputs : product == peers_input_gradient ? rows * inputs : outputs * inputs)
        }
    }

    static func job(_ name: String, _ product: peers_product, rows: Int, inputs: Int, outputs: Int) -> Job {
        let at = Matrices(product, rows: rows, inputs: inputs, outputs: outputs)
        var candidates: [(tool: String, call: () -> Void)] = []
        var place = 0
        while let kernels = plumb_kernels_at(place) {
            var arguments = arguments(product, at, rows: rows, inputs: inputs, outputs: outputs)
            candidates.append(
                ("plumb \(String(cString: kernels.pointee.name))", { kernels.pointee.product(&arguments) }))
            place += 1
        }
        candidates.append(("Swift SIMD", { swift(product, at, rows: rows, inputs: inputs, outputs: outputs) }))
        candidates.append(
            (
                "OpenBLAS",
                {
                    peers_openblas(
                        product, at.left, at.right, at.result, Int32(rows), Int32(inputs), Int32(outputs))
                }
            ))
        candidates.append(
            (
                "libxsmm",
                { peers_libxsmm(product, at.left, at.right, at.result, Int32(rows), Int32(inputs), Int32(outputs)) }
            ))
        return Job(
            name: "\(name) \(rows) x \(inputs)-\(outputs)", work: gigaflops(rows, inputs, outputs), unit: "GFLOP/s",
            threads: 1, candidates: candidates)
    }

    static func gigaflops(_ rows: Int, _ inputs: Int, _ outputs: Int) -> Double {
        2 * Double(rows) * Double(inputs) * Double(outputs) / 1e9
    }

    static func arguments(
        _ product: peers_product, _ at: Matrices, rows: Int, inputs: Int, outputs: Int
    ) -> plumb_product {
        switch product {
        case peers_forward:
            plumb_product(
                m: rows, n: outputs, k: inputs, a: at.left, a_row: inputs, a_step: 1, b: at.right, b_row: inputs,
                b_is_transposed: true, c: at.result, c_row: outputs, start: nil, start_row: 0, is_rectified: false)
        case peers_input_gradient:
            plumb_product(
                m: rows, n: inputs, k: outputs, a: at.left, a_row: outputs, a_step: 1, b: at.right, b_row: inputs,
                b_is_transposed: false, c: at.result, c_row: inputs, start: nil, start_row: 0, is_rectified: false)
        default:
            plumb_product(
                m: outputs, n: inputs, k: rows, a: at.left, a_row: 1, a_step: outputs, b: at.right, b_row: inputs,
                b_is_transposed: false, c: at.result, c_row: inputs, start: at.result, start_row: inputs,
                is_rectified: false)
        }
    }

    private static func swift(_ product: peers_product, _ at: Matrices, rows: Int, inputs: Int, outputs: Int) {
        switch product {
        case peers_forward: SwiftProduct.rowsByRows(at.left, at.right, into: at.result, m: rows, n: outputs, k: inputs)
        case peers_input_gradient:
            SwiftProduct.rowsByColumns(
                at.left, rowStride: outputs, stepStride: 1, at.right, into: at.result, m: rows, n: inputs, k: outputs,
                adding: false)
        default:
            SwiftProduct.rowsByColumns(
                at.left, rowStride: 1, stepStride: outputs, at.right, into: at.result, m: outputs, n: inputs, k: rows,
                adding: true)
        }
    }
}
