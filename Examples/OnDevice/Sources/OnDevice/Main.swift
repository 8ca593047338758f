#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Loads a model and one user's log, learns from the user's samples, scores newer ones, keeps the overlay and takes it again;
/// then does it some hundred times and says what it costs.
@main
struct OnDevice {
    private static let usage = """
        usage: on-device MODEL LOG GLOBAL_CTR OVERLAY     a model file, one user's samples (CSV), a number, a file to make
               on-device --synthetic ITEMS OVERLAY        a model and samples from a seed

        """
    /// Samples that are learnt from, and newer ones that are scored.
    private static let (learnt, scored) = (100, 20)
    private static let runs = 1000

    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch is Usage {
            Files.writeError(usage)
            exit(64)
        } catch let error as ExampleError {
            Files.writeError("error: \(error)\n")
            exit(2)
        } catch {
            // The library's errors say so themselves.
            Files.writeError("\(error)\n")
            exit(2)
        }
    }

    private static func run(_ arguments: [String]) throws {
        switch arguments.first {
        case "--synthetic" where arguments.count == 3:
            guard let items = Int(arguments[1]), 2...10_000_000 ~= items else { throw Usage() }
            let user = try SyntheticUser(items: items, samples: learnt + scored)
            let session = try LocalSession(modelBytes: user.modelBytes, globalCTR: 0.25)
            try demonstrate(session, user.log, modelByteCount: user.modelBytes.count, overlayPath: arguments[2])
        case .some where arguments.count == 4:
            guard let globalCTR = Double(arguments[2]) else { throw Usage() }
            let modelBytes = try Files.read(arguments[0])
            let session = try LocalSession(modelBytes: modelBytes, globalCTR: globalCTR)
            let log = try UserLog(csv: try Files.read(arguments[1]), fields: session.fields)
            try demonstrate(session, log, modelByteCount: modelBytes.count, overlayPath: arguments[3])
        default: throw Usage()
        }
    }

    private static func demonstrate(
        _ session: LocalSession, _ log: UserLog, modelByteCount: Int, overlayPath: String
    ) throws {
        guard log.count >= learnt + scored else {
            throw ExampleError("the log has fewer than \(learnt + scored) samples")
        }
        var session = session
        let end = log.count - scored
        let (past, labels) = log.samples(end - learnt..<end)
        let (newest, outcome) = log.samples(end..<log.count)

        let before = try session.logits(newest, with: nil)
        guard let overlay = session.learn(past, labels: labels) else {
            throw ExampleError("this user stays with the cloud model")
        }
        let after = try session.logits(newest, with: overlay)
        let cloudQuality = Quality(before, level: session.level(labels: labels, isTuned: false), labels: outcome)
        let tunedQuality = Quality(after, level: session.level(labels: labels, isTuned: true), labels: outcome)
        print("the newest \(scored) of \(log.count) samples, learnt from \(learnt) before them:")
        print("  cloud model   \(cloudQuality)")
        print("  user's model  \(tunedQuality)")

        let bytes = overlay.safetensors()
        try Files.write(bytes, to: overlayPath)
        guard let kept = session.overlay(try Files.read(overlayPath)),
            try session.logits(newest, with: kept) == after
        else { throw ExampleError("the overlay that was kept scores otherwise") }
        print("overlay         \(bytes.count) bytes: \(overlay.denseCount) dense weights, \(overlay.rowCount) rows")

        let times = try Measurement.microseconds(runs: runs) {
            let overlay = session.learn(past, labels: labels)
            _ = try session.logits(newest, with: overlay)
        }
        print(
            "correct, tune, score  median \(times.quantile(0.5).text(0)) us, 99th percentile",
            "\(times.quantile(0.99).text(0)) us (one core, \(runs) runs)")
        print("peak memory     \(Measurement.peakMemoryMiB.text(1)) MiB, with a model of \(modelByteCount) bytes")
        print("this command    \(try Files.read(CommandLine.arguments[0]).count) bytes")
    }
}

/// The arguments make no sense.
private struct Usage: Error {}
