import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The places that one command writes to.
enum OutputPlaces {
    /// Throws if two options name the same place, where one result would take the other's or mix with it. Nothing is lost
    /// on `/dev/null` that anybody wanted.
    static func requireApart(_ places: KeyValuePairs<String, String?>) throws {
        var takenBy: [String: String] = [:]
        for (option, path) in places {
            guard let path, path != "/dev/null" else { continue }
            let place = path == "-" ? path : URL(filePath: path).standardized.path
            if let other = takenBy.updateValue(option, forKey: place) {
                let name = path == "-" ? "standard output" : path
                throw ValidationError("\(other) and \(option) need two places, not both \(name).")
            }
        }
    }

    /// Whether a path is a folder's, or one of something in it.
    static func lies(_ path: String, in folder: String) -> Bool {
        let (place, folder) = (URL(filePath: path).standardized.path, URL(filePath: folder).standardized.path)
        func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
        return parts(place).starts(with: parts(folder))
    }
}
