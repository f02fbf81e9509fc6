// `holdfast acquire`: whether a queued ticket has the lock by now.

import HoldfastModel
package import HoldfastWire

package enum AcquireCommand: SimpleCommand {
    package static let operation = OperationName.acquire

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("ticket", positional: 0)
        builder.add("resource", Options.resource)
        builder.add("wait", Options.wait)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        TicketText.lines(of: reply, style: style)
    }

    /// Still queued is not acquired in time, however short the time was.
    package static func exitCode(of reply: JSONValue) -> ExitCode {
        reply["acquired"]?.bool == true ? .done : .notAcquired
    }
}
