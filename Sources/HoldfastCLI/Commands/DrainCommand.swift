// `holdfast drain`: no new tickets, or new ones again.

import HoldfastModel
package import HoldfastWire

package enum DrainCommand: SimpleCommand {
    package static let operation = OperationName.drain

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("reason", Options.reason)
        builder.add("off", Options.off)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        [reply["draining"]?.bool == true ? "takes no new tickets" : "takes new tickets"]
    }
}
