// What the server's process says of itself on standard error: few lines, each with a level, as text for
// people or as one JSON object a line for machines.

package import HoldfastModel
import HoldfastSystem
import HoldfastWire
import Synchronization

/// The log of `serve`.
package final class ServeLog: Sendable {
    private struct State {
        var level = LogLevelChoice.notice
        var format = LogFormatChoice.text
    }

    private let state = Mutex(State())
    private let console: Console

    init(settings: Settings, console: Console) {
        self.console = console
        take(settings)
    }

    var level: LogLevelChoice { state.withLock(\.level) }

    func take(_ settings: Settings) {
        state.withLock { state in
            state.level = settings[ServeOptions.logLevel] ?? .notice
            state.format = settings[ServeOptions.logFormat] ?? .text
        }
    }

    func write(_ level: LogLevelChoice, _ text: String) {
        let (least, format) = state.withLock { ($0.level, $0.format) }
        guard level.rank >= least.rank else { return }
        console.tell(ServeLog.line(level, text, at: WallClock.now, format))
    }

    package static func line(
        _ level: LogLevelChoice,
        _ text: String,
        at time: WallTime,
        _ format: LogFormatChoice
    ) -> String {
        switch format {
        case .text: return "holdfast \(level.rawValue): \(text)"
        case .json:
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("at", time)
            writer.member("level", level.rawValue)
            writer.member("message", text)
            writer.endObject()
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }
}

extension LogLevelChoice {
    /// Higher is worse.
    fileprivate var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        }
    }
}
