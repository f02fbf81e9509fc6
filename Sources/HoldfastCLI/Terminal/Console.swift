// Where the command speaks: data on standard output, messages on standard error, and one line there that
// comes and goes while something is waited for.

import Glibc
import HoldfastModel
import HoldfastSystem
import Synchronization

/// What became of a text.
package enum Delivery: Equatable, Sendable {
    case written
    /// Nobody reads it any more, as behind a pipe.
    case gone
    /// Somebody waits for it in vain, as for a file on a full disk.
    case failed(String)
}

/// The two outputs of the process.
package final class Console: Sendable {
    package typealias Sink = @Sendable (String) -> Delivery

    package let isOutputTerminal: Bool
    package let isMessageTerminal: Bool
    package let style: Style
    package let messageStyle: Style
    private let output: Sink
    private let messages: Sink
    private let state = Mutex(State())

    private struct State {
        /// What stands on the line without an end.
        var status: String?
        /// Once a text was not written, none is: what follows would stand where it does not belong.
        var delivery = Delivery.written
    }

    package init(
        output: @escaping Sink,
        messages: @escaping Sink,
        isOutputTerminal: Bool = false,
        isMessageTerminal: Bool = false,
        environment: [String: String] = [:]
    ) {
        self.output = output
        self.messages = messages
        self.isOutputTerminal = isOutputTerminal
        self.isMessageTerminal = isMessageTerminal
        style = Style(isTerminal: isOutputTerminal, environment: environment)
        messageStyle = Style(isTerminal: isMessageTerminal, environment: environment)
    }

    /// The process's own outputs.
    package static func standard(environment: [String: String]) -> Console {
        Console(
            output: { write($0, to: STDOUT_FILENO) },
            messages: { write($0, to: STDERR_FILENO) },
            isOutputTerminal: isatty(STDOUT_FILENO) == 1,
            isMessageTerminal: isatty(STDERR_FILENO) == 1,
            environment: environment
        )
    }

    /// What became of everything on standard output until now.
    package var delivery: Delivery { state.withLock(\.delivery) }

    /// Nothing that is printed from now on arrives anywhere.
    package var isOutputGone: Bool { delivery != .written }

    /// Data, a line each.
    package func print(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(raw: lines.joined(separator: "\n") + "\n")
    }

    package func print(_ line: String) { print([line]) }

    /// Data as it is.
    package func write(raw text: String) {
        state.withLock { state in
            if state.delivery == .written { state.delivery = output(text) }
        }
    }

    /// A message on a line of its own.
    package func tell(_ text: String) {
        state.withLock { state in
            let again = state.status.map { Console.line($0) } ?? ""
            _ = messages((state.status == nil ? "" : Console.eraser) + text + "\n" + again)
        }
    }

    /// Shows a line that the next one replaces, on a terminal only; nil takes it away.
    package func show(status: String?) {
        guard isMessageTerminal else { return }
        state.withLock { state in
            guard status != state.status else { return }
            state.status = status
            _ = messages(status.map { Console.line($0) } ?? Console.eraser)
        }
    }

    private static let eraser = "\r\u{1b}[K"

    private static func line(_ text: String) -> String { eraser + text }

    /// All of it, also when the reader is slow.
    private static func write(_ text: String, to descriptor: Int32) -> Delivery {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waited, 1, -1)
            } else if errno != EINTR {
                return errno == EPIPE ? .gone : .failed(SystemError.text(of: errno))
            }
        }
        return .written
    }
}
