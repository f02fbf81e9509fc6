// The terminal as a screen: another page that disappears without a trace, keys one by one, no echo. It is
// given back on every way out that a process has a say in.

import CSystem
import Glibc
import HoldfastModel
import HoldfastSystem
import Synchronization

/// The screen of one terminal.
final class TerminalScreen: Sendable {
    private let console: Console
    private let before: Mutex<termios?>

    private static let enterText = "\u{1b}[?1049h\u{1b}[?25l"
    private static let leaveText = "\u{1b}[?25h\u{1b}[?1049l"

    init(console: Console) {
        self.console = console
        before = Mutex(nil)
    }

    /// Takes the screen.
    func enter() {
        before.withLock { before in
            var settings = termios()
            guard before == nil, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
            before = settings
            // Ctrl-C and Ctrl-Z stay signals.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        }
        console.write(raw: TerminalScreen.enterText)
    }

    /// Gives it back; again does nothing.
    func leave() {
        let settings = before.withLock { before in
            defer { before = nil }
            return before
        }
        guard var settings else { return }
        console.write(raw: TerminalScreen.leaveText)
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// Shows these lines and nothing else; in one write, so that nothing flickers.
    func show(_ lines: [String]) {
        let rows = lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n")
        console.write(raw: "\u{1b}[H" + rows + "\u{1b}[J")
    }

    /// Columns and rows, as they are now.
    static var size: (columns: Int, rows: Int)? {
        var (columns, rows) = (Int32(0), Int32(0))
        guard holdfast_terminal_size(STDOUT_FILENO, &columns, &rows) == 0 else { return nil }
        return (Int(columns), Int(rows))
    }
}

/// Bytes that are typed, handed to a loop.
///
/// A thread of its own reads them: a terminal that is read without blocking would be so for the shell
/// behind it, too.
final class Keyboard: Sendable {
    private let loop: EventLoop
    private let take: @Sendable ([UInt8]) -> Void

    /// Reads until the input or the process ends; `take` is called on the loop.
    init(on loop: EventLoop, take: @escaping @Sendable ([UInt8]) -> Void) {
        self.loop = loop
        self.take = take
    }

    func start() {
        var handle = pthread_t()
        let own = Unmanaged.passRetained(self)
        guard pthread_create(&handle, nil, readKeys, own.toOpaque()) == 0 else {
            return own.release()
        }
        pthread_detach(handle)
    }

    fileprivate func readAll() {
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count > 0 {
                let bytes = Array(buffer[..<count])
                loop.post { self.take(bytes) }
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }
}

private func readKeys(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<Keyboard>.fromOpaque(argument).takeRetainedValue().readAll()
    return nil
}
