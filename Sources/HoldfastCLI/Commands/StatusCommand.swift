// `holdfast status`: everything about one ticket.

import HoldfastModel
package import HoldfastWire

package enum StatusCommand: SimpleCommand {
    package static let operation = OperationName.status

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("ticket", positional: 0)
        builder.add("resource", Options.resource)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        TicketText.lines(of: reply, style: style)
    }
}
