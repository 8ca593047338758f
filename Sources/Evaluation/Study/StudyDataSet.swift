/// What a study found on one data set.
public struct StudyDataSet: Sendable, Hashable {
    /// What the data set is.
    public struct About: Sendable, Hashable {
        /// Its short name.
        public var name: String
        /// Its title.
        public var title: String
        /// Where it comes from, and what has to be known of it.
        public var text: String

        /// What a data set is.
        public init(name: String, title: String, text: String) {
            self.name = name
            self.title = title
            self.text = text
        }
    }

    /// What it is.
    public var about: About
    /// How samples were split, as its pipeline says it: `[0.7, 0.1, 0.2]`.
    public var split: String
    /// How its users drift.
    public var drift: StudyDrift
    /// What each model came to, in the study's order.
    public var models: [StudyModel]

    /// Results on a data set.
    public init(about: About, split: String, drift: StudyDrift, models: [StudyModel]) {
        self.about = about
        self.split = split
        self.drift = drift
        self.models = models
    }
}
