// `holdfast lock`: a lock, waited for. Showing the place in the queue and giving the ticket back after
// Ctrl-C are ClientCommand's, which does it for everything that waits.

import HoldfastModel
package import HoldfastWire

package enum LockCommand: SimpleCommand {
    package static let operation = OperationName.lock

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.addTicketFields()
        builder.addQueueFields()
        builder.add("wait", Options.wait)
        builder.add("notify", .string("position"))
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        TicketText.lines(of: reply, style: style)
    }
}
