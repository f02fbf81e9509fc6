// `holdfast steal`: a place before all others, and the holders told to go.

import HoldfastModel
package import HoldfastWire

package enum StealCommand: SimpleCommand {
    package static let operation = OperationName.steal

    package static func fields(_ settings: Settings) throws(UsageError) -> [JSONMember] {
        // Rule 21: a steal always has a reason, and an empty text is none.
        guard settings[Options.reason]?.isEmpty == false else {
            throw UsageError("--reason is missing: the holder will want to know why", in: .steal)
        }
        var builder = FieldBuilder(settings)
        builder.addTicketFields()
        builder.addQueueFields()
        builder.add("grace", Options.grace)
        builder.add("force", Options.force)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        TicketText.lines(of: reply, style: style)
    }
}
