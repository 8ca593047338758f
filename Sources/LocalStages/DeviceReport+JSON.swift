public import LabelCorrection
import OrderedJSON
public import Samples

extension DeviceReport {
    private static let format = 1

    /// The line, with its line feed, that a device sends.
    public func json() -> [UInt8] {
        let document = JSONValue.object([
            "format": .integer(Self.format),
            "device": .object([
                "samples": .integer(samples), "positives": .integer(positives), "clip": .integer(privacy.clip),
                "epsilon": .number(privacy.epsilon.value),
            ]),
        ])
        return Array((document.text(.oneLine) + "\n").utf8)
    }

    /// Reads a device's line; keys that are not known are passed over. Throws `data` at `position`, with the member's path, for
    /// anything that no device sends.
    public init(json: ArraySlice<UInt8>, at position: SourcePosition) throws(StageError) {
        do throws(JSONError) {
            try self.init(JSONNode(try JSONValue(utf8: json)))
        } catch {
            throw StageError(.data, error.message, at: position, advice: "make it with `plumb ctr device`")
        }
    }

    private init(_ document: JSONNode) throws(JSONError) {
        let format = try document.member("format")
        guard format.value == .integer(Self.format) else {
            throw format.mismatch("\(Self.format), the only one known")
        }
        let device = try document.member("device")
        self.init(
            samples: try device.member("samples").integer(in: Self.range),
            positives: try device.member("positives").integer(in: Self.range),
            privacy: try DevicePrivacy(clip: try device.member("clip"), epsilon: try device.member("epsilon")))
    }
}

extension DevicePrivacy {
    /// Reads how a count was clipped and noised.
    init(clip: JSONNode, epsilon: JSONNode) throws(JSONError) {
        let samples = try clip.integer(in: 1...Self.mostClip)
        let number = try epsilon.double()
        do throws(LabelCorrectionError) {
            try self.init(clip: samples, epsilon: Epsilon(number))
        } catch {
            throw epsilon.mismatch("from 0.000001 to 1000, with at most six decimals")
        }
    }
}
