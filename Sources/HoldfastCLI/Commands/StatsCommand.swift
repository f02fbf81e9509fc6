// `holdfast stats`: the server's numbers.

import HoldfastModel
package import HoldfastWire

package enum StatsCommand: SimpleCommand {
    package static let operation = OperationName.stats

    package static func fields(_ settings: Settings) -> [JSONMember] { [] }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        FieldList.lines(of: reply, indent: "")
    }
}
