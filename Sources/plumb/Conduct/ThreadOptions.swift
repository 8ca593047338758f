import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How many cores a stage uses.
struct ThreadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Cores to use; does not change the result.", valueName: "n"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024.") }
    }
}
