/// One difference between two arms in a study, each at the schedule that validation chose for it, on test.
struct StudyFinding: Sendable, Hashable {
    /// Places in the study's lists.
    let dataSet: Int
    let model: Int
    let pair: ArmPair
    /// Mean over the seeds of the difference in GAUC; nil where it is undefined.
    let difference: Double?
    /// How sure it is, with the probability corrected for all three pairs and all models of the data set.
    let evidence: Evidence

    var verdict: Evidence.Verdict { evidence.verdict(on: difference, of: .gauc) }

    /// Does tuning on raw labels change ranking?
    static let raw = ArmPair(a: "finetuned", b: "cloud")
    /// Does tuning on corrected labels?
    static let corrected = ArmPair(a: "corrected", b: "cloud")
    /// Which of the two is better?
    static let correction = ArmPair(a: "corrected", b: "finetuned")
    /// The study's three questions.
    static let pairs = [raw, corrected, correction]
}

extension StudyResults {
    /// The answers to `StudyFinding.pairs`, by data set, pair and model.
    var findings: [StudyFinding] {
        dataSets.indices.flatMap { set in
            var found: [StudyFinding] = []
            for pair in StudyFinding.pairs {
                for (place, model) in dataSets[set].models.enumerated() {
                    guard let comparison = model.best.comparison(pair, .gauc), let evidence = comparison.evidence
                    else { continue }
                    found.append(
                        StudyFinding(
                            dataSet: set, model: place, pair: pair, difference: comparison.difference.mean,
                            evidence: evidence))
                }
            }
            let adjusted = holmAdjusted(found.map(\.evidence.p))
            return zip(found, adjusted).map { finding, p in
                var evidence = finding.evidence
                evidence.adjustedP = p
                return StudyFinding(
                    dataSet: finding.dataSet, model: finding.model, pair: finding.pair,
                    difference: finding.difference, evidence: evidence)
            }
        }
    }
}

/// How often differences came out one way or the other.
struct VerdictTally: Sendable, Hashable {
    var better = 0
    var worse = 0
    var noise = 0

    init(_ verdicts: some Sequence<Evidence.Verdict>) {
        for verdict in verdicts {
            switch verdict {
            case .better: better += 1
            case .worse: worse += 1
            case .noise, .same, .unknown: noise += 1
            }
        }
    }

    var count: Int { better + worse + noise }
}

extension VerdictTally: CustomStringConvertible {
    /// `better in 3, worse in 0, within noise in 5 of 8`.
    var description: String { "better in \(better), worse in \(worse), within noise in \(noise) of \(count)" }
}
