// The exit codes of CLI.md, each with a name.

/// What the process ends with.
package struct ExitCode: Hashable, Sendable {
    package var number: Int32
    package init(_ number: Int32) { self.number = number }

    package static let done = ExitCode(0)
    /// The server said no; the error was printed.
    package static let refused = ExitCode(1)
    package static let wrongUsage = ExitCode(2)
    package static let unreachable = ExitCode(69)
    /// Not acquired in time, or `conflict`.
    package static let notAcquired = ExitCode(75)
    /// `run`: the lock was lost while the command ran.
    package static let lockLost = ExitCode(76)
    /// Not authenticated, or forbidden.
    package static let notAllowed = ExitCode(77)
    package static let notExecutable = ExitCode(126)
    package static let notFound = ExitCode(127)

    /// As a shell says it of a command that a signal ended.
    package static func signal(_ number: Int32) -> ExitCode { ExitCode(128 + number) }
}
