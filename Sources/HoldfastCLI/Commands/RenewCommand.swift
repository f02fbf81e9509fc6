// `holdfast renew`: the lease from the beginning.

import HoldfastModel
package import HoldfastWire

package enum RenewCommand: SimpleCommand {
    package static let operation = OperationName.renew

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("ticket", positional: 0)
        builder.add("resource", Options.resource)
        builder.add("lease", Options.newLease)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let losing =
            reply["losing"]?.bool == true
            ? [style.paint("somebody is taking it: it ends with what remains", .yellow)] : []
        return [style.paint("renewed", .green)]
            + FieldList.lines(of: reply, without: ["state", "losing"]) + losing
    }
}
