// `holdfast resources`: what is locked, one line each.

import HoldfastModel
package import HoldfastWire

package enum ResourcesCommand: SimpleCommand {
    package static let operation = OperationName.resources

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("prefix", Options.prefix)
        builder.add("limit", Options.limit)
        builder.add("after", Options.afterPath)
        if let order = settings[Options.sort], order != .path {
            builder.add("sort", .string(order.rawValue))
        }
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let resources = reply["resources"]?.elements ?? []
        guard !resources.isEmpty else { return ["nothing is locked"] }
        var table = TextTable([
            TextTable.Column("resource"), TextTable.Column("mode"),
            TextTable.Column("holders", .right), TextTable.Column("queue", .right),
            TextTable.Column("oldest wait", .right), TextTable.Column("held for", .right),
            TextTable.Column("holder"), TextTable.Column("closed for", .right),
        ])
        for resource in resources {
            let holder = resource["holder"]
            table.add([
                FieldList.text(of: resource["resource"]), FieldList.mode(of: resource),
                FieldList.text(of: resource["holders"]),
                FieldList.text(of: resource["queueLength"]),
                (resource["queueLength"]?.integer ?? 0) > 0
                    ? FieldList.text(of: resource["oldestWait"], named: "oldestWait") : "",
                FieldList.text(of: holder?["age"], named: "age"), people(in: holder),
                FieldList.text(of: resource["closedFor"], named: "closedFor"),
            ])
        }
        let next = reply["next"]?.string.map { ["more: --after '\(harmless($0))'"] } ?? []
        return table.lines(style: style) + next
    }

    /// The label if there is one, for it says more than the owner.
    static func people(in holder: JSONValue?) -> String {
        FieldList.text(of: holder?["holder"] ?? holder?["label"] ?? holder?["owner"])
    }
}
