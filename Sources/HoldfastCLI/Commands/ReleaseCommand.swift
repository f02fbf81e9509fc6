// `holdfast release`: a lock given back, a queue left.

import HoldfastModel
package import HoldfastWire

package enum ReleaseCommand: SimpleCommand {
    package static let operation = OperationName.release

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("ticket", positional: 0)
        builder.add("resource", Options.resource)
        builder.add("reason", Options.reason)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let ended = FieldList.text(of: reply["ended"])
        return [ended + (reply["already"]?.bool == true ? " (before)" : "")]
    }
}
