// `holdfast history`: what happened to a resource.

import HoldfastModel
package import HoldfastWire

package enum HistoryCommand: SimpleCommand {
    package static let operation = OperationName.history

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("resource", positional: 0)
        builder.add("limit", Options.limit)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let events = reply["history"]?.elements ?? []
        guard !events.isEmpty else { return ["nothing is remembered"] }
        var table = TextTable([
            TextTable.Column("at"), TextTable.Column("event"), TextTable.Column("ticket", .right),
            TextTable.Column("owner"), TextTable.Column("holder"),
            TextTable.Column("fence", .right), TextTable.Column("by"), TextTable.Column("reason"),
        ])
        for event in events {
            let names = ["event", "number", "owner", "holder", "fence", "by", "reason"]
            table.add(
                [FieldList.time(event["at"])] + names.map { FieldList.text(of: event[$0]) }
            )
        }
        return table.lines(style: style)
    }
}
