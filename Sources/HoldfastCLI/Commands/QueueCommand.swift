// `holdfast queue`: a place in the queue, at once.

import HoldfastModel
package import HoldfastWire

package enum QueueCommand: SimpleCommand {
    package static let operation = OperationName.queue

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.addTicketFields()
        builder.addQueueFields()
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        TicketText.lines(of: reply, style: style)
    }
}

extension FieldBuilder {
    /// What `queue`, `lock` and `steal` take and `run` does not.
    mutating func addQueueFields() {
        add("maxWait", Options.maxWait)
        add("key", Options.key)
        add("ifMine", Options.ifMine)
        add("pollWithin", Options.pollWithin)
    }
}

/// The reply to `queue`, `lock` and `steal`: the state first, then what belongs to it.
enum TicketText {
    static func lines(of reply: JSONValue, style: Style) -> [String] {
        let state = reply["state"]?.string ?? "?"
        let tone: Style.Tone = state == "acquired" ? .green : state == "queued" ? .yellow : .red
        // The answer to `acquire` does not name it.
        let resource = (reply["resource"]?.string).map { " " + style.paint(harmless($0), .bold) }
        return [style.paint(state, tone) + (resource ?? "")]
            + FieldList.lines(of: reply, without: ["state", "resource"])
    }
}
