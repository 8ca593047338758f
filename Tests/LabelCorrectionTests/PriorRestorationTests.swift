import LabelCorrection
import Testing

@Suite("Prior restoration and counts")
struct PriorRestorationTests {
    @Test("a user without samples gets no offset")
    func noSamples() throws {
        let p = try GlobalCTR(0.3)
        #expect(PriorRestoration().offset(ClickCounts(), globalCTR: p, meanLabel: 0.3) == 0)
    }

    @Test("the offset moves the logit by the shrunk local CTR")
    func offset() throws {
        // q̂ = (9 + 10·0.5) / (10 + 10) = 0.7; logit 0.7 - logit 0.5 = ln(7/3).
        let p = try GlobalCTR(0.5)
        let offset = PriorRestoration(strength: 10).offset(
            ClickCounts(samples: 10, positives: 9), globalCTR: p, meanLabel: 0.5)
        #expect(abs(offset - 0.847_297_860_387_203_6) < 1e-12)
    }

    @Test("single-class users get a finite offset")
    func singleClass() throws {
        let p = try GlobalCTR(0.1)
        for positives in [0, 20] {
            let counts = ClickCounts(samples: 20, positives: positives)
            #expect(counts.isSingleClass)
            #expect(PriorRestoration().offset(counts, globalCTR: p, meanLabel: 0.1).isFinite)
        }
    }

    @Test("counts add up, and drift is local minus global")
    func countsAndDrift() throws {
        let a = ClickCounts(labels: [1, 0, 1])
        let b = ClickCounts(labels: [0])
        #expect((a + b) == ClickCounts(samples: 4, positives: 2))
        #expect((a + b).ctr == 0.5)
        #expect(ClickCounts().ctr == nil)
        let p = try GlobalCTR(0.25)
        #expect(p.drift(of: 0.75) == 0.5)
    }
}
