// How the words of the protocol are written on a command line: durations, modes, addresses, metadata.

package import HoldfastJournal
package import HoldfastModel

extension Interval: OptionValue {
    package static var placeholder: String { "S" }

    /// Longest that a command line can say: 100 years; the server has limits of its own.
    private static let longest = 3_155_760_000.0

    /// Seconds with fractions, or a number with `ms`, `s`, `m` or `h`.
    package init(argument: String) throws(ValueFlaw) {
        let number = argument.utf8.prefix { (0x30...0x39).contains($0) || $0 == 0x2e }
        let unit = String(argument.utf8.dropFirst(number.count)) ?? "?"
        let isNumber = number.contains { $0 != 0x2e } && number.count { $0 == 0x2e } <= 1
        guard isNumber, let factor = Interval.secondsPerUnit[unit],
            let count = Double(
                "0" + (String(number) ?? "") + "0".prefix(number.last == 0x2e ? 1 : 0)
            )
        else {
            throw ValueFlaw("'\(argument)' is not a duration (30, 0.5, 500ms, 5m, 1h)")
        }
        guard count * factor <= Interval.longest else {
            throw ValueFlaw("'\(argument)' is too long a time")
        }
        self.init(seconds: count * factor)
    }

    private static let secondsPerUnit = ["": 1, "s": 1, "ms": 0.001, "m": 60, "h": 3600.0]
}

extension Mode: OptionValue {
    package static var placeholder: String { "shared|exclusive|N/M" }

    /// `2/5` is two of five permits.
    package init(argument: String) throws(ValueFlaw) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        switch argument {
        case "exclusive": self = .exclusive
        case "shared": self = .shared
        default:
            guard parts.count == 2, let count = UInt32(parts[0]), let of = UInt32(parts[1]) else {
                throw ValueFlaw("'\(argument)' is not shared, exclusive or N/M")
            }
            self = .permit(count: count, of: of)
        }
    }
}

extension ServerAddress: OptionValue {
    package static var placeholder: String { "HOST:PORT" }
    package static let defaultPort: UInt16 = 7420

    /// `host`, `host:port`, `[v6]:port`; a v6 address may stand bare where it has no port.
    package init(argument: String) throws(ValueFlaw) {
        let flaw = ValueFlaw("'\(argument)' is not HOST:PORT")
        if argument.hasPrefix("["), let close = argument.firstIndex(of: "]") {
            let host = String(argument[argument.index(after: argument.startIndex)..<close])
            let rest = argument[argument.index(after: close)...]
            guard !host.isEmpty, rest.isEmpty || rest.first == ":" else { throw flaw }
            self.init(host: host, port: try ServerAddress.port(rest.dropFirst(), else: flaw))
            return
        }
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 2 || !parts[0].isEmpty else { throw flaw }
        let port = parts.count == 2 ? parts[1] : ""
        self.init(
            host: parts.count == 2 ? String(parts[0]) : argument,
            port: try ServerAddress.port(port, else: flaw)
        )
    }

    private static func port(_ text: Substring, else flaw: ValueFlaw) throws(ValueFlaw) -> UInt16 {
        guard !text.isEmpty else { return defaultPort }
        guard let port = UInt16(text) else { throw flaw }
        return port
    }

    /// As it is written: with brackets around a v6 address.
    package var text: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension MetaEntry: OptionValue {
    package static var placeholder: String { "NAME=VALUE" }
    package init(argument: String) throws(ValueFlaw) {
        guard let parts = argument.atFirstEquals, !parts.name.isEmpty else {
            throw ValueFlaw("'\(argument)' is not NAME=VALUE")
        }
        self.init(name: parts.name, value: parts.value)
    }
}

extension IfMine: ChoiceValue {
    package static var allCases: [IfMine] { [.queue, .return] }
}

extension ResourcesQuestion.Order: ChoiceValue {
    package static var allCases: [ResourcesQuestion.Order] { [.path, .queue, .wait] }
}

extension SyncPolicy: OptionValue {
    package static var placeholder: String { "always|interval:MS" }

    /// `interval:200` is at the latest 200 ms after somebody was told.
    package init(argument: String) throws(ValueFlaw) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        switch (parts.first, parts.dropFirst().first.flatMap { Int($0) }) {
        case ("always", _) where parts.count == 1:
            self = .always
        case ("interval", let milliseconds?)
        where parts.count == 2 && (1...60_000).contains(milliseconds):
            self = .interval(.milliseconds(milliseconds))
        default:
            throw ValueFlaw("'\(argument)' is not always or interval:MS with 1 to 60000 ms")
        }
    }
}
