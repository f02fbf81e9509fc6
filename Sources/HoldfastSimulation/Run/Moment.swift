// A line of a trace as somebody reads it who looks for what went wrong: who did it, and in few words what. A trace has
// whole lines of the protocol; here they are cut to the operation, the ticket by its label, and what came of it.

package import HoldfastModel

/// One thing that happened, in the lane of whom it happened to.
package struct Moment: Hashable, Sendable {
    package var at: Instant
    /// `server`, or a client's name.
    package var lane: String
    package var text: String
    /// Nil where it concerns everybody.
    package var resource: String?
    package var change = Change.none

    /// What it changes for the lane, from its row on.
    package enum Change: Hashable, Sendable {
        case none
        case connects
        case disconnects
        /// A ticket of that label is held, in the lane of its owner.
        case holds(String)
        case ends(String)
    }

    static let server = "server"
}

/// Reads traces; what a line is about may stand in earlier ones.
struct TraceReader {
    /// By client and request.
    private var asked: [String: [Int: (op: String, label: String?, resource: String?)]] = [:]
    /// By ticket: its label and its resource.
    private var tickets: [String: (label: String, resource: String)] = [:]

    static func moments(of trace: [(at: Instant, text: String)]) -> [Moment] {
        var reader = TraceReader()
        return trace.map { reader.moment(at: $0.at, $0.text) }
    }

    private mutating func moment(at instant: Instant, _ text: String) -> Moment {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        var moment = Moment(at: instant, lane: Moment.server, text: text)
        guard words.count > 1 else { return moment }
        switch (words[0], words[1]) {
        case ("--", _): moment.text = text
        case ("**", let fault):
            moment.lane = words.count > 2 && TraceReader.isClient(words[2]) ? words[2] : moment.lane
            moment.text = moment.lane == Moment.server ? text : "** \(fault)"
        case ("==", "list"):
            moment.resource = words.last?.prefix { $0 != " " }.description
            moment.text = String(text.dropFirst(3))
        case ("==", let resource): noteNotice(words.last ?? "", on: resource, &moment)
        case (let client, ">"): noteRequest(words.last ?? "", of: client, &moment)
        case (let client, "<"): noteLine(words.last ?? "", to: client, &moment)
        case (let client, let verb) where TraceReader.isClient(client):
            moment.lane = client
            moment.text = text.dropFirst(client.count + 1).description
            if verb == "connects" { moment.change = .connects }
            if moment.text == "lost its connection" { moment.change = .disconnects }
        default: break
        }
        return moment
    }

    private static func isClient(_ word: String) -> Bool {
        (word.hasPrefix("c") || word.hasPrefix("s")) && !word.dropFirst().isEmpty
            && word.dropFirst().allSatisfy(\.isNumber)
    }

    /// Whose ticket it is; clients of the SDK count from 100.
    static func lane(ofLabel label: String) -> String {
        let owner = label.prefix { $0 != "." }
        guard let number = Int(owner.dropFirst()), number >= 100 else { return String(owner) }
        return "s\(number - 100)"
    }

    // MARK: Lines

    /// What the faultless watcher saw: `acquired c0.9 #3 fence 17`.
    private func noteNotice(_ text: String, on resource: String, _ moment: inout Moment) {
        moment.resource = resource
        moment.text = "\(resource) \(text)"
        let words = text.split(separator: " ").map(String.init)
        guard words.count > 1 else { return }
        switch words[0] {
        case "acquired": moment.change = .holds(words[1])
        case "queued", "renewed", "losing", "kept": break
        default: moment.change = .ends(words[1])
        }
    }

    private mutating func noteRequest(_ text: String, of client: String, _ moment: inout Moment) {
        moment.lane = client
        guard let line = JSONLine.read(ArraySlice(Array(text.utf8))), let op = line.text("op")
        else {
            moment.text = "> \(text)"
            return
        }
        let known = line.text("ticket").flatMap { tickets[$0] }
        let label = line.text("holder") ?? known?.label
        moment.resource = line.text("resource") ?? known?.resource
        if let id = line.number("id") {
            asked[client, default: [:]][Int(id)] = (op, label, moment.resource)
        }
        moment.text = TraceReader.joined(">", op, label, line.text("resource"), terms(of: line))
    }

    private func terms(of line: JSONLine) -> String {
        ["mode", "lease", "wait", "maxWait", "priority", "grace", "key", "ifMine"].compactMap {
            name -> String? in
            if name == "key" { return line.text(name).map { _ in "key" } }
            if let text = line.text(name) { return text }
            return line.number(name).map { "\(name) \(TraceReader.text(of: $0))" }
        }.joined(separator: " ")
    }

    private mutating func noteLine(_ text: String, to client: String, _ moment: inout Moment) {
        moment.lane = client
        guard let line = JSONLine.read(ArraySlice(Array(text.utf8))) else {
            moment.text = "< \(text)"
            return
        }
        let id = (line.number("id") ?? line.number("request")).map { Int($0) }
        let request = id.flatMap { asked[client]?[$0] }
        if let ticket = line.text("ticket"), tickets[ticket] == nil, let label = request?.label {
            tickets[ticket] = (label, line.text("resource") ?? request?.resource ?? "")
        }
        let known = line.text("ticket").flatMap { tickets[$0] }
        moment.resource = line.text("resource") ?? known?.resource ?? request?.resource
        moment.text = TraceReader.joined(
            "<",
            line.text("event").map { "! \($0)" } ?? request?.op,
            line.text("watch") ?? known?.label ?? line.text("holder") ?? request?.label,
            line["error"]?.text("code"),
            line.text("ended") ?? line.text("state"),
            line.number("position").map { "at \(Int($0))" },
            line.number("remaining").map { "\(TraceReader.text(of: $0)) s" }
        )
    }

    private static func joined(_ parts: String?...) -> String {
        parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func text(of number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}
