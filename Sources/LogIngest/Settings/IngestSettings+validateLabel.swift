import Samples

extension IngestSettings {
    /// Throws `usage` if the label rule makes no sense. `log` is the log's source.
    func validateLabel(log: Source) throws(StageError) {
        for column in roles.label.columns { try log.require(column) }
        switch roles.label {
        case .comparison, .zeroOne: break
        case .membership(_, let values):
            if values.isEmpty { throw StageError(.usage, "the label rule lists no values") }
        case .pairs(let list): try validate(list, log: log)
        case .clicks(let clicks): try validate(clicks)
        }
    }

    private func validate(_ list: ImpressionList, log: Source) throws(StageError) {
        if list.separator.isEmpty || list.mark.isEmpty {
            throw StageError(.usage, "the impressions need a separator between pairs and a mark within them")
        }
        if list.mark.contains(list.separator) {
            throw StageError(
                .usage, "the impressions' mark, `\(list.mark)`, must not hold their separator, `\(list.separator)`")
        }
        if [roles.user, roles.time.column, list.column].contains(list.item) {
            throw StageError(.usage, "the impressions' items need a name of their own, not `\(list.item)`")
        }
        if case .names(let names) = log.header, names.contains(list.item) {
            throw StageError(
                .usage, "the log has a column `\(list.item)` already; the impressions' items need another name")
        }
        for feature in features where feature.join == nil && feature.column == list.item {
            if case .categorical = feature.kind { continue }
            throw StageError(
                .usage, "feature `\(feature.name)` must be categorical: the impressions' items are keys")
        }
    }

    private func validate(_ clicks: ClickLog) throws(StageError) {
        guard let source = source(clicks.source) else {
            throw Self.unknownSource(clicks.source, as: "the clicks", in: sources)
        }
        if clicks.source == log { throw StageError(.usage, "the clicks are in the log itself") }
        if clicks.key.isEmpty || clicks.key.count != clicks.on.count {
            throw StageError(
                .usage,
                "the clicks' key names \(clicks.key.count) of their columns and \(clicks.on.count) of the log's",
                advice: "as many of both are needed, one or more")
        }
        for column in clicks.key { try source.require(column) }
        guard let window = clicks.window else { return }
        try source.require(window.time.column)
        try window.time.validate()
        if window.length < .zero || window.length > Self.longestWindow {
            throw StageError(.usage, "the clicks' window must be from 0 s to 36500 days")
        }
    }

    /// A hundred years.
    private static let longestWindow = Duration.seconds(36_500 * 86_400)
}
