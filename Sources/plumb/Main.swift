import ArgumentParser
import Dispatch

/// Where the process starts: signals first, then the command in a task that they can cancel.
@main
enum Main {
    /// Not `async`: an asynchronous main gives its thread to the main queue, and nothing here wants one.
    static func main() {
        let arguments = CommandLine.arguments.dropFirst().flatMap(detachingValue)
        let signals = Signals.install()
        // Detached: the main actor's thread, this one, only waits.
        let work = Task.detached { () -> Int32 in
            do {
                var command = try Plumb.parseAsRoot(arguments)
                if var stage = command as? any AsyncParsableCommand {
                    try await stage.run()
                } else {
                    try command.run()
                }
                return 0
            } catch {
                return ExitStatus.report(error, signal: signals.received)
            }
        }
        signals.cancelOnArrival(work)
        Task.detached { ExitStatus.leave(await work.value) }
        // Nothing ever signals this: the task above ends the process.
        DispatchSemaphore(value: 0).wait()
    }

    /// Splits `--progress=log` in two: ArgumentParser 1.8 drops the value of an option that may also stand alone if it is
    /// attached and another option follows.
    private static func detachingValue(_ argument: String) -> [String] {
        for name in ["--progress", "--print-config"] where argument.hasPrefix(name + "=") {
            return [name, String(argument.dropFirst(name.count + 1))]
        }
        return [argument]
    }
}
