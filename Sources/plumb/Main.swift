import ArgumentParser
import Dispatch

/// Where the process starts: signals first, then the command in a task that they can cancel.
@main
enum Main {
    /// Not `async`: an asynchronous main gives its thread to the main queue, and nothing here wants one.
    static func main() {
        let arguments = ModeOptions.spelledOut(CommandLine.arguments.dropFirst())
        let signals = Signals.install()
        // Detached: the main actor's thread, this one, only waits.
        let work = Task.detached { () -> Int32 in
            var name = "plumb"
            do {
                var command = try Plumb.parseAsRoot(arguments)
                name = Plumb.fullName(of: type(of: command))
                if var stage = command as? any AsyncParsableCommand {
                    try await stage.run()
                } else {
                    try command.run()
                }
                return 0
            } catch {
                return ExitStatus.report(error, of: name, signal: signals.received)
            }
        }
        signals.cancelOnArrival(work)
        Task.detached { ExitStatus.leave(await work.value) }
        // Nothing ever signals this: the task above ends the process.
        DispatchSemaphore(value: 0).wait()
    }
}
