import Samples

extension EvaluatedRun {
    /// An arm of one of several runs, and what it is called from now on.
    struct ArmChoice {
        let run: EvaluatedRun
        let arm: String
        let name: String
    }

    /// Arms of several runs as those of one run, so that they can be compared: runs over the same rows with the same seed, tuned in
    /// different ways. Of what they were made from, the store alone remains.
    ///
    /// - Throws: `data` for an arm that its run does not have, and for runs of other rows, users or seeds.
    init(choosing choices: [ArmChoice]) throws(StageError) {
        guard let first = choices.first?.run else { throw StageError(.data, "there is no arm to choose") }
        var metrics = RunMetrics(
            seed: first.metrics.seed, fingerprints: first.metrics.fingerprints.filter { $0.key == "store" },
            scope: first.metrics.scope, arms: [])
        var users = first.users
        users.arms = []
        for choice in choices {
            let run = choice.run
            guard run.metrics.seed == metrics.seed, run.metrics.scope == metrics.scope,
                run.metrics.fingerprints["store"] == metrics.fingerprints["store"], run.users.haveSameRows(as: users)
            else { throw StageError(.data, "the runs hold other rows, users or seeds") }
            guard let place = run.users.arms.firstIndex(where: { $0.name == choice.arm }),
                var found = run.metrics.arms.first(where: { $0.arm == choice.arm })
            else { throw StageError(.data, "the run does not hold the arm \(choice.arm)") }
            found.arm = choice.name
            metrics.arms.append(found)
            users.arms.append(run.users.arms[place].named(choice.name))
        }
        self.init(metrics: metrics, users: users)
    }
}
