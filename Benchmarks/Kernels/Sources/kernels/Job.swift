import Foundation

/// One thing to do, by several tools.
struct Job {
    let name: String
    /// Of one call, in the unit.
    let work: Double
    let unit: String
    let threads: Int
    let candidates: [(tool: String, call: () -> Void)]
}

/// What a tool took for a job.
struct Result: Encodable {
    let job: String
    let tool: String
    let threads: Int
    let medianSeconds: Double
    let runsSeconds: [Double]
    /// That of the median run.
    let rate: Double
    let unit: String
    let peakMiB: Double
    let note: String

    /// That of the fastest run.
    var bestRate: Double { rate * medianSeconds / (runsSeconds.min() ?? medianSeconds) }

    private enum CodingKeys: String, CodingKey {
        case job, tool, threads, rate, unit, note
        case medianSeconds = "median_s"
        case runsSeconds = "runs_s"
        case peakMiB = "peak_mib"
    }
}

extension Job {
    /// Seconds that a run lasts: its calls, one right behind the other.
    private static let runSeconds = 0.002

    /// Runs every candidate `runs` times, by turns, so that another process that disturbs one disturbs all.
    func results(runs: Int, peakMiB: () -> Double) -> [Result] {
        let calls = candidates.map { candidate in
            candidate.call()
            let once = min(seconds { candidate.call() }, seconds { candidate.call() })
            return max(1, Int(Self.runSeconds / max(once, 1e-9)))
        }
        var times = candidates.map { _ in [Double]() }
        for _ in 0..<runs {
            for (index, candidate) in candidates.enumerated() {
                let count = calls[index]
                times[index].append(seconds { for _ in 0..<count { candidate.call() } } / Double(count))
            }
        }
        return zip(candidates, times).map { candidate, times in
            let median = times.sorted()[times.count / 2]
            return Result(
                job: name, tool: candidate.tool, threads: threads, medianSeconds: median, runsSeconds: times,
                rate: work / median, unit: unit, peakMiB: peakMiB(), note: "")
        }
    }

    private func seconds(_ body: () -> Void) -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
}
