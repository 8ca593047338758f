import CKernels
import Foundation
import Peers
import Synchronization

/// A product on two threads at once, each with matrices of its own: what the threads of a training step do. OpenBLAS goes
/// through the lock that its serial flavour needs.
final class Pair: Sendable {
    private let product: peers_product
    private let rows: Int
    private let inputs: Int
    private let outputs: Int
    private let both: [Products.Matrices]
    /// Calls of a thread in a run: some 0.5 ms.
    private let calls: Int
    private let arrived = Atomic(0)
    private let gate = Mutex(())
    /// When each thread started and ended its runs, ns.
    private let spans: Mutex<[[ClosedRange<UInt64>]]>

    init(_ product: peers_product, rows: Int, inputs: Int, outputs: Int) {
        (self.product, self.rows, self.inputs, self.outputs) = (product, rows, inputs, outputs)
        both = (0..<2).map { _ in Products.Matrices(product, rows: rows, inputs: inputs, outputs: outputs) }
        calls = max(1, Int(25e6 / Double(rows * inputs * outputs)))
        spans = Mutex([[], []])
    }

    /// Times `runs` runs of each tool. The threads start a run together; it lasts from the first start to the last end.
    func results(_ name: String, runs: Int) -> [Result] {
        let tools = [("plumb", plumb), ("OpenBLAS", openBLAS)]
        return tools.map { tool, call in
            let ended = DispatchSemaphore(value: 0)
            arrived.store(0, ordering: .sequentiallyConsistent)
            spans.withLock { $0 = [[], []] }
            for thread in 0..<2 {
                Thread.detachNewThread { [self] in
                    time(thread, runs: runs, call)
                    ended.signal()
                }
            }
            for _ in 0..<2 { ended.wait() }
            let times = spans.withLock {
                zip($0[0], $0[1]).map {
                    Double(max($0.upperBound, $1.upperBound) - min($0.lowerBound, $1.lowerBound)) / 1e9
                }
            }
            let median = times.sorted()[times.count / 2]
            return Result(
                job: "two threads: \(name) \(rows) x \(inputs)-\(outputs)", tool: tool, threads: 2,
                medianSeconds: median, runsSeconds: times,
                rate: 2 * Double(calls) * Products.gigaflops(rows, inputs, outputs) / median, unit: "GFLOP/s",
                peakMiB: peers_peak_mib(), note: "")
        }
    }

    private func time(_ thread: Int, runs: Int, _ call: @Sendable (Products.Matrices) -> Void) {
        var spans: [ClosedRange<UInt64>] = []
        for run in 0...runs {
            arrived.add(1, ordering: .sequentiallyConsistent)
            while arrived.load(ordering: .sequentiallyConsistent) < 2 * (run + 1) {}
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<calls { call(both[thread]) }
            // The first run is not counted.
            if run > 0 { spans.append(start...DispatchTime.now().uptimeNanoseconds) }
        }
        self.spans.withLock { $0[thread] = spans }
    }

    @Sendable private func plumb(_ at: Products.Matrices) {
        var arguments = Products.arguments(product, at, rows: rows, inputs: inputs, outputs: outputs)
        plumb_kernels_best().pointee.product(&arguments)
    }

    @Sendable private func openBLAS(_ at: Products.Matrices) {
        gate.withLock { _ in
            peers_openblas(product, at.left, at.right, at.result, Int32(rows), Int32(inputs), Int32(outputs))
        }
    }
}
