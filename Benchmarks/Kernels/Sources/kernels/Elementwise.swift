import CKernels
import Foundation

/// Kernels over vectors by every candidate. The rate is in millions of numbers a second.
enum Elementwise {
    private static func vector(_ count: Int) -> UnsafeMutablePointer<Float> {
        let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
        for index in 0..<count { values[index] = Float((index &* 7919) % 1000) / 100 - 5 }
        return values
    }

    private static func forAll(
        _ candidate: (plumb_kernels) -> () -> Void
    ) -> [(tool: String, call: () -> Void)] {
        var all: [(tool: String, call: () -> Void)] = []
        while let kernels = plumb_kernels_at(all.count) {
            all.append(("plumb \(String(cString: kernels.pointee.name))", candidate(kernels.pointee)))
        }
        return all
    }

    static func jobs() -> [Job] {
        let count = 4096
        let (x, y) = (vector(count), vector(count))
        func job(
            _ name: String,
            _ function: @escaping (plumb_kernels) -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
            _ byDouble: @escaping (Double) -> Double
        ) -> Job {
            let ours = forAll { table in
                let function = function(table)
                return { function(x, y, count) }
            }
            return Job(
                name: "\(name) of 4096", work: Double(count) / 1e6, unit: "M/s", threads: 1,
                candidates: ours + [
                    ("libm, double", { for index in 0..<count { y[index] = Float(byDouble(Double(x[index]))) } })
                ])
        }
        return [
            job("exponential", { $0.exponential }) { exp($0) },
            job("sigmoid", { $0.sigmoid }) { 1 / (1 + exp(-$0)) },
            job("tanh", { $0.hyperbolic_tangent }) { tanh($0) },
            gather(),
            adam(count: 61_500, shards: 8, times: 1),
            adam(count: 17, shards: 1, times: 256),
        ]
    }

    /// Rows of 17 floats, 1024 at a time, from a table that no cache holds; as `EmbeddingKernels.gather` reads them.
    private static func gather() -> Job {
        let (rows, width, batch) = (1_000_000, 17, 1024)
        let table = vector(rows * width)
        let target = vector(batch * width)
        var random = UInt64(1)
        let ids = (0..<512 * batch).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % rows
        }
        var start = 0
        func gather(ahead: Int) {
            start = (start + batch) % (ids.count - batch)
            ids.withUnsafeBufferPointer { ids in
                for place in 0..<batch {
                    if ahead > 0, start + place + ahead < ids.count {
                        plumb_prefetch(table + ids[start + place + ahead] * width, width)
                    }
                    let row = table + ids[start + place] * width
                    for index in stride(from: 0, to: width, by: 8) {
                        let lanes = min(8, width - index)
                        (target + place * width).store(row.load(index, lanes), at: index, lanes)
                    }
                }
            }
        }
        return Job(
            name: "gather 1024 of 1000000 x 17", work: Double(batch) / 1e6, unit: "M/s", threads: 1,
            candidates: [
                ("asked for 12 before", { gather(ahead: 12) }), ("read in turn", { gather(ahead: 0) }),
            ])
    }

    /// `times` blocks one behind the other.
    private static func adam(count: Int, shards: Int, times: Int) -> Job {
        let (p, first, second) = (vector(count * times), vector(count * times), vector(count * times))
        for index in 0..<count * times { second[index] = abs(second[index]) }
        let gradients = (0..<shards).map { _ in UnsafePointer(vector(count * times)) }
        var rule = plumb_update(
            method: plumb_adam, rate: 0.001, weight_decay: 0, epsilon: 1e-8, take1: 0.1, keep2: 0.999, take2: 0.001)
        let ours = forAll { table in
            {
                for start in stride(from: 0, to: count * times, by: count) {
                    let parts = gradients.map { $0 + start }
                    table.update(&rule, p + start, first + start, second + start, parts, shards, count)
                }
            }
        }
        return Job(
            name: "Adam on \(times) x \(count), gradients of \(shards)", work: Double(count * times) / 1e6, unit: "M/s",
            threads: 1,
            candidates: ours + [
                (
                    "Swift SIMD",
                    {
                        for start in stride(from: 0, to: count * times, by: count) {
                            let parts = gradients.map { $0 + start }
                            VectorKernels.adam(p + start, first + start, second + start, parts, count: count)
                        }
                    }
                )
            ])
    }
}
