// `holdfast clear`: every ticket of a resource ended by an administrator.

import HoldfastModel
package import HoldfastWire

package enum ClearCommand: SimpleCommand {
    package static let operation = OperationName.clear

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("resource", positional: 0)
        builder.add("reason", Options.reason)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let count = reply["cleared"]?.integer ?? 0
        return ["\(count.counted("ticket")) cleared"]
    }
}
