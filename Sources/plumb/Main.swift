import ArgumentParser

/// Where the process starts: signals first, then the command in a task that they can cancel.
@main
enum Main {
    static func main() async {
        let signals = Signals.install()
        let work = Task { () -> Int32 in
            do {
                var command = try Plumb.parseAsRoot()
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
        ExitStatus.leave(await work.value)
    }
}
