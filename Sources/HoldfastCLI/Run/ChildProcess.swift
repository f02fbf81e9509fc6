// The command as a process: started in a group of its own, looked at, signalled. The calls are in
// CSystem's process.c, because between fork and exec nothing else may run.

import CSystem
import Glibc
import HoldfastModel
import HoldfastSystem

/// A command that was started.
struct ChildProcess {
    /// What became of it.
    enum Change: Equatable {
        case ended(ExitCode, bySignal: Bool)
        case stopped(Int32)
        case continued
    }

    enum StartFailure: Error, Equatable {
        case notFound(String)
        case notExecutable(String)
        case system(String)
    }

    private let child: holdfast_child

    var group: pid_t { child.pid }

    /// Starts it; `terminal` is the one whose foreground it gets, `deadline` the first of `setDeadline`.
    static func start(
        _ arguments: [String],
        environment: [String: String],
        terminal: Int32?,
        ignoresHangUp: Bool,
        deadline: Instant?
    ) throws(StartFailure) -> ChildProcess {
        var child = holdfast_child()
        var hasExecFailed: Int32 = 0
        let number = withCStrings(InheritedBytes.arguments(arguments)) { arguments in
            withCStrings(InheritedBytes.variables(environment)) { variables in
                var command = holdfast_command()
                command.arguments = arguments
                command.environment = variables
                command.terminal = terminal ?? -1
                command.keeps_hangup_ignored = ignoresHangUp ? 1 : 0
                command.deadline = deadline?.nanoseconds ?? 0
                return holdfast_start(&command, &child, &hasExecFailed)
            }
        }
        guard number != 0 else { return ChildProcess(child: child) }
        let text = "\(harmless(arguments[0])): \(SystemError.text(of: number))"
        guard hasExecFailed == 1 else { throw .system(text) }
        throw number == ENOENT ? .notFound(text) : .notExecutable(text)
    }

    /// What happened to it since the last look; nil when nothing did.
    func change() -> Change? {
        let change = holdfast_child_change(child.pid)
        switch change.kind {
        case HOLDFAST_EXITED: return .ended(ExitCode(change.detail), bySignal: false)
        case HOLDFAST_SIGNALLED: return .ended(.signal(change.detail), bySignal: true)
        case HOLDFAST_STOPPED: return .stopped(change.detail)
        case HOLDFAST_CONTINUED: return .continued
        default: return nil
        }
    }

    /// To every process of its group.
    func signal(_ number: Int32) { _ = kill(-child.pid, number) }

    var hasProcesses: Bool { !ProcessGroup.living(in: child.pid).isEmpty }

    /// Has its group killed at this moment, by another process, unless a later one is set before.
    func setDeadline(_ deadline: Instant?) {
        var child = child
        holdfast_set_deadline(&child, deadline?.nanoseconds ?? 0)
    }

    /// Lets go: from now on its group outlives this process.
    func dismissGuard() {
        var child = child
        holdfast_dismiss_guard(&child)
    }

    static func isIgnored(_ number: Int32) -> Bool { holdfast_is_ignored(number) == 1 }

    /// Stops this process, and those beside it in its group if the terminal would have.
    static func stopSelf(wholeGroup: Bool) { holdfast_stop_self(wholeGroup ? 1 : 0) }
}

/// The texts as a list that ends with NULL, alive during `body`.
private func withCStrings<Result>(
    _ texts: [[CChar]],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("a list with an end") }
        return body(UnsafePointer(base))
    }
}
