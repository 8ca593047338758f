/// The keys and values under which streams note in their metadata what they and their columns are.
enum StreamNotes {
    /// Of the stream: what it holds.
    static let stream = "plumb.stream"
    static let samples = "samples"
    static let predictions = "predictions"
    /// Of the stream: the version of this table.
    static let format = "plumb.format"
    static let currentFormat = "1"

    /// Of a column of samples: what it is for.
    static let role = "plumb.role"
    /// Of a feature: what a row holds; a `SampleSchema.Kind`.
    static let kind = "plumb.kind"
    /// Of a feature of ids: `dictionary` or `hash`.
    static let encoding = "plumb.encoding"
    /// Of a hashed feature: the largest id.
    static let hashSize = "plumb.hash_size"
    /// Of a batch of samples: `true` if the last user's rows go on in the next batch.
    static let continuesUser = "plumb.continues_user"

    /// Of predictions: what the run was.
    static let globalCTR = "plumb.global_ctr"
    static let seed = "plumb.seed"
    static let users = "plumb.users"
    static let fingerprint = "plumb.fingerprint."

    /// The column of predictions that says which users were held out; not in every stream.
    static let heldOut = "held_out"
    /// A column of logits is called so, with the arm behind it.
    static let logit = "logit_"

    /// What a column of samples is for.
    enum Role: String {
        case user, time, label, labelCorrected = "label_corrected", part, group, item, feature
    }
}
