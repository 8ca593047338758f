import Foundation
import LabelCorrection
import Testing

@Suite("Correction, over random users")
struct CorrectionTests {
    /// What a mean of labels in [-1, 2] can be off when each is rounded to `Float`.
    private static let rounding = 1.2e-7

    private static let priorStrengths = [0, 1e-300, 1e-9, 0.5, 10, 1e6, 1e300]
    private static let corrections = CorrectionMethod.allCases.flatMap { method in
        priorStrengths.map { Correction(method, priorStrength: $0, smoothing: 0.3) }
    }

    /// `(k + m·p) / (n + m)`.
    private static func shrunk(_ user: RandomUser, _ m: Double) -> Double {
        (Double(user.train.positives) + m * user.p) / (Double(user.train.samples) + m)
    }

    @Test(
        "rescaled and shifted labels have just the global CTR as mean",
        arguments: [CorrectionMethod.rescale, .additive])
    func meanIsGlobalCTR(method: CorrectionMethod) throws {
        for user in try RandomUser.all() where !user.labels.isEmpty {
            let mean = user.corrected(Correction(method)).mean
            #expect(abs(mean - user.p) <= Self.rounding, "\(user)")
            // Rescaled below the local CTR nothing is near 1, and a small mean keeps its digits.
            if method == .rescale && user.q > user.p {
                #expect(abs(mean - user.p) <= Self.rounding * user.p, "\(user)")
            }
        }
    }

    @Test("rescaled labels stay in [0, 1], whatever the prior strength", arguments: priorStrengths)
    func bounds(m: Double) throws {
        for user in try RandomUser.all() {
            #expect(user.corrected(Correction(priorStrength: m)).allSatisfy { (0...1).contains($0) }, "\(user)")
        }
    }

    @Test("no method turns an order, changes a count, or gives one label two values", arguments: corrections)
    func order(correction: Correction) throws {
        for user in try RandomUser.all(600) {
            let labels = user.corrected(correction)
            #expect(labels.count == user.labels.count)
            #expect(labels.allSatisfy { $0.isFinite })
            let pairs = zip(user.labels, labels)
            let clicked = Set(pairs.filter { $0.0 == 1 }.map(\.1))
            let others = Set(pairs.filter { $0.0 == 0 }.map(\.1))
            #expect(clicked.count <= 1 && others.count <= 1, "\(user)")
            if let high = clicked.first, let low = others.first { #expect(high >= low, "\(user)") }
        }
    }

    @Test(
        "graded labels keep their order and get the global CTR as mean",
        arguments: [CorrectionMethod.rescale, .additive])
    func gradedLabels(method: CorrectionMethod) throws {
        var generator = SplitMix64(state: 11)
        for user in try RandomUser.all(500) {
            let raw = user.labels.map { _ in Float.random(in: 0...1, using: &generator) }.sorted()
            var labels = raw
            Correction(method).correct(&labels, to: user.globalCTR)
            #expect(labels == labels.sorted())
            guard !raw.isEmpty else { continue }
            #expect(abs(labels.mean - user.p) <= Self.rounding, "\(user)")
            if method == .rescale { #expect(labels.allSatisfy { (0...1).contains($0) }) }
        }
    }

    @Test("of the affine maps to that mean inside [0, 1], rescale has the greatest slope")
    func steepest() throws {
        for user in try RandomUser.all() where !user.train.isSingleClass {
            let labels = Set(zip(user.labels, user.corrected(Correction())).map { [$0.0, $0.1] })
            let low = try #require(labels.first { $0[0] == 0 })[1]
            let high = try #require(labels.first { $0[0] == 1 })[1]
            // Steeper with the same mean goes down at 0 and up at 1, so that one end must be where it can go no farther.
            #expect(low == 0 || high == 1, "\(user)")
        }
    }

    @Test("smoothing takes the share ε of the way to the global CTR", arguments: [0, 0.1, 0.5, 1])
    func smoothing(epsilon: Double) throws {
        for user in try RandomUser.all() where !user.labels.isEmpty {
            let correction = Correction(.smoothing, smoothing: epsilon)
            let mean = user.corrected(correction).mean
            #expect(abs(mean - ((1 - epsilon) * user.q + epsilon * user.p)) <= Self.rounding, "\(user)")
            if epsilon == 0 { #expect(user.corrected(correction) == user.labels) }
        }
    }

    @Test("reweighted labels stay, weigh 1 on average, and have the global CTR as weighted mean")
    func weights() throws {
        for user in try RandomUser.all() where !user.train.isSingleClass {
            let correction = Correction(.reweight)
            #expect(user.corrected(correction) == user.labels)
            let weights =
                correction.classWeights(user.train, globalCTR: user.globalCTR)
                ?? ClassWeights(positive: 1, negative: 1)
            let positive = user.q * weights.positive
            let negative = (1 - user.q) * weights.negative
            #expect(abs(positive + negative - 1) <= 1e-12, "\(user)")
            #expect(abs(positive / (positive + negative) - user.p) <= 1e-12, "\(user)")
        }
    }

    @Test("with even classes to reach, the weights are scikit-learn's balanced ones")
    func balanced() throws {
        // compute_class_weight("balanced", classes=[0, 1], y=[0] * 3 + [1] * 7) of scikit-learn 1.9.1.
        let weights = Correction(.reweight).classWeights(
            ClickCounts(samples: 10, positives: 7), globalCTR: try GlobalCTR(0.5))
        #expect(abs((weights?.negative ?? 0) - 1.666_666_666_666_666_7) < 1e-15)
        #expect(abs((weights?.positive ?? 0) - 0.714_285_714_285_714_3) < 1e-15)
    }

    @Test("the offset of logit-adjust is logit q - logit p, with any prior strength", arguments: priorStrengths)
    func offset(m: Double) throws {
        for user in try RandomUser.all() {
            let correction = Correction(.logitAdjust, priorStrength: m)
            #expect(user.corrected(correction) == user.labels)
            let offset = correction.trainingOffset(user.train, globalCTR: user.globalCTR)
            let q = Self.shrunk(user, m)
            if !correction.isDefined(for: user.train) || user.labels.isEmpty {
                #expect(offset == 0)
            } else if q > 1e-200 && 1 - q > 1e-9 {
                let wanted = log(q / (1 - q)) - log(user.p / (1 - user.p))
                // A p next to 1 leaves log(1 - q) few digits, here as in the formula.
                #expect(abs(offset - wanted) <= 1e-6 + 1e-12 * abs(wanted), "\(user)")
            }
            #expect(offset.isFinite)
        }
    }

    @Test("a prior strength puts (k + m·p) / (n + m) in place of the local CTR", arguments: [0.5, 10, 1e6])
    func priorStrength(m: Double) throws {
        for user in try RandomUser.all() where !user.labels.isEmpty {
            let (p, q) = (user.p, Self.shrunk(user, m))
            let rescaled = user.labels.map { y in
                let y = Double(y)
                return q > p ? y * p / q : q < p ? y + (1 - y) * (p - q) / (1 - q) : y
            }
            let shifted = user.labels.map { Double($0) + p - q }
            for (method, wanted) in [(CorrectionMethod.rescale, rescaled), (.additive, shifted)] {
                let labels = user.corrected(Correction(method, priorStrength: m))
                #expect(zip(labels, wanted).allSatisfy { abs(Double($0) - $1) <= Self.rounding }, "\(user)")
                // Between where it was and where all would go.
                let between = min(p, user.q) - Self.rounding...max(p, user.q) + Self.rounding
                #expect(between.contains(labels.mean), "\(user)")
            }
            let weights = Correction(.reweight, priorStrength: m).classWeights(user.train, globalCTR: user.globalCTR)
            let negatives = Double(user.train.samples - user.train.positives)
            let rest = (negatives + m * (1 - p)) / (Double(user.train.samples) + m)
            #expect(abs((weights?.positive ?? 1) - p / q) <= 1e-9 * p / q, "\(user)")
            #expect(abs((weights?.negative ?? 1) - (1 - p) / rest) <= 1e-9 * (1 - p) / rest, "\(user)")
            // Smoothing knows of no local CTR.
            #expect(user.corrected(Correction(.smoothing, priorStrength: m)) == user.corrected(Correction(.smoothing)))
        }
    }

    @Test("the trained CTR is the mean of what is trained on, weighted where there are weights", arguments: corrections)
    func trainedCTR(correction: Correction) throws {
        for user in try RandomUser.all(600) {
            let trained = correction.trainedCTR(user.train, globalCTR: user.globalCTR)
            #expect(trained > 0 && trained < 1, "\(user)")
            guard !user.labels.isEmpty else {
                #expect(trained == user.p)
                continue
            }
            let half = (Double(user.train.positives) + 0.5) / (Double(user.train.samples) + 1)
            if correction.method.changesLabels {
                let mean = user.corrected(correction).mean
                #expect(
                    abs(trained - mean) <= Self.rounding || (trained == half && (mean <= 0 || mean >= 1)), "\(user)")
            } else if user.train.isSingleClass {
                if correction.priorStrength == 0 { #expect(trained == half) }
            } else {
                // Tuned to the optimum of an intercept alone: weights, or what an offset leaves.
                let weights = Correction(.reweight, priorStrength: correction.priorStrength)
                    .classWeights(user.train, globalCTR: user.globalCTR)
                let positive = user.q * (weights?.positive ?? 1)
                let negative = (1 - user.q) * (weights?.negative ?? 1)
                #expect(abs(trained - positive / (positive + negative)) <= 1e-12, "\(user)")
                if correction.method == .logitAdjust && trained < 0.999 {
                    let offset = correction.trainingOffset(user.train, globalCTR: user.globalCTR)
                    let left = log(trained / (1 - trained)) + offset
                    #expect(abs(1 / (1 + exp(-left)) - user.q) <= 1e-9, "\(user)")
                }
            }
            if correction.priorStrength == 0 && correction.isDefined(for: user.train) && correction.method != .smoothing
            {
                #expect(abs(trained - user.p) <= 1e-12, "\(user)")
            }
        }
    }

    @Test("labels that stay alike count as if half a sample of either class had come")
    func noLogit() throws {
        let p = try GlobalCTR(0.3)
        let clicked = ClickCounts(samples: 4, positives: 4)
        #expect(Correction(.smoothing, smoothing: 0).trainedCTR(clicked, globalCTR: p) == 0.9)
        #expect(Correction(.reweight).trainedCTR(clicked, globalCTR: p) == 0.9)
        // With a prior strength the weights move that, here from odds of 9 by those of (4 + 0.3)/5 to 0.3.
        let odds = 9 * (0.3 / 0.7) / (0.86 / 0.14)
        for method in [CorrectionMethod.reweight, .logitAdjust] {
            let trained = Correction(method, priorStrength: 1).trainedCTR(clicked, globalCTR: p)
            #expect(abs(trained - odds / (1 + odds)) < 1e-12)
        }
    }

    @Test(
        "methods that divide by the local CTR are not defined for users of one class, unless a prior lends it the other"
    )
    func definition() throws {
        let p = try GlobalCTR(0.3)
        for train in [ClickCounts(samples: 3, positives: 0), ClickCounts(samples: 3, positives: 3)] {
            for method in CorrectionMethod.allCases {
                #expect(Correction(method).isDefined(for: train) == method.changesLabels)
                #expect(Correction(method, priorStrength: 1).isDefined(for: train))
            }
            #expect(Correction(.reweight).classWeights(train, globalCTR: p) == nil)
            #expect(Correction(.logitAdjust).trainingOffset(train, globalCTR: p) == 0)
            #expect(Correction(.reweight, priorStrength: 1).classWeights(train, globalCTR: p) != nil)
            #expect(Correction(.logitAdjust, priorStrength: 1).trainingOffset(train, globalCTR: p) != 0)
        }
        for method in CorrectionMethod.allCases {
            #expect(Correction(method).isDefined(for: ClickCounts()))
            #expect(Correction(method).isDefined(for: ClickCounts(samples: 2, positives: 1)))
            #expect(Correction(method).classWeights(ClickCounts(), globalCTR: p) == nil)
            // Only reweight weighs and only logit-adjust adds.
            let both = ClickCounts(samples: 4, positives: 1)
            #expect((Correction(method).classWeights(both, globalCTR: p) != nil) == (method == .reweight))
            #expect((Correction(method).trainingOffset(both, globalCTR: p) != 0) == (method == .logitAdjust))
        }
    }

    @Test("a single-class user's labels all become the global CTR", arguments: [Float(0), 1])
    func singleClass(label: Float) throws {
        for method in [CorrectionMethod.rescale, .additive] {
            var labels = [Float](repeating: label, count: 5)
            try Correction(method).correct(&labels, to: GlobalCTR(0.25))
            #expect(labels == [0.25, 0.25, 0.25, 0.25, 0.25])
        }
    }

    @Test("a local CTR above the global one lowers the clicked, one below it lifts the others")
    func direction() throws {
        func corrected(_ labels: [Float], _ p: Double, _ method: CorrectionMethod = .rescale) throws -> [Float] {
            var labels = labels
            try Correction(method, smoothing: 0.5).correct(&labels, to: GlobalCTR(p))
            return labels
        }
        #expect(try corrected([1, 1, 1, 0], 0.375) == [0.5, 0.5, 0.5, 0])
        #expect(try corrected([1, 0, 0, 0], 0.625) == [1, 0.5, 0.5, 0.5])
        #expect(try corrected([1, 0], 0.5) == [1, 0])
        #expect(try corrected([1, 1, 1, 0], 0.375, .additive) == [0.625, 0.625, 0.625, -0.375])
        #expect(try corrected([1, 0, 0, 0], 0.625, .additive) == [1.375, 0.375, 0.375, 0.375])
        #expect(try corrected([1, 0, 0, 0], 0.5, .smoothing) == [0.75, 0.25, 0.25, 0.25])
    }

    @Test("a global CTR of 0, 1, beyond or not a number is refused", arguments: [0, 1, -0.1, 1.1, .nan, .infinity])
    func refused(p: Double) {
        #expect(throws: LabelCorrectionError.self) { try GlobalCTR(p) }
    }
}
