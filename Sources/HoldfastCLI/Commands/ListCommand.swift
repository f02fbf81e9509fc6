// `holdfast list`: who holds a resource, who waits, who was there.

import HoldfastModel
package import HoldfastWire

package enum ListCommand: SimpleCommand {
    package static let operation = OperationName.list

    package static func fields(_ settings: Settings) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        builder.add("resource", positional: 0)
        builder.add("limit", Options.limit)
        builder.add("after", Options.afterPosition)
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let holders = reply["holders"]?.elements ?? []
        let queue = reply["queue"]?.elements ?? []
        let recent = reply["recent"]?.elements ?? []
        let resource = style.paint(harmless(reply["resource"]?.string ?? ""), .bold)
        let closed = reply["closedFor"]?.interval.map { ", closed for \($0.text)" } ?? ""
        let head = holders.isEmpty ? "free\(closed)" : "\(FieldList.mode(of: reply))\(closed)"
        return ["\(resource): \(head)"]
            + part("holders", reply["holderCount"], shown: holders, style) {
                [
                    FieldList.text(of: $0["fence"]), FieldList.mode(of: $0),
                    FieldList.text(of: $0["remaining"], named: "remaining"),
                    FieldList.time($0["acquiredAt"]), "",
                ]
            }
            + part("queue", reply["queueLength"], shown: queue, style) {
                [
                    FieldList.text(of: $0["position"]), FieldList.mode(of: $0), "",
                    FieldList.time($0["createdAt"]), "",
                ]
            }
            + part("recent", nil, shown: recent, style) {
                [
                    FieldList.text(of: $0["fence"]), FieldList.mode(of: $0), "",
                    FieldList.time($0["endedAt"]), FieldList.text(of: $0["ended"]),
                ]
            }
    }

    private static func part(
        _ title: String,
        _ count: JSONValue?,
        shown: [JSONValue],
        _ style: Style,
        cells: (JSONValue) -> [String]
    ) -> [String] {
        guard !shown.isEmpty else { return [] }
        let isQueue = title == "queue"
        var table = TextTable([
            TextTable.Column(isQueue ? "position" : "fence", .right), TextTable.Column("mode"),
            TextTable.Column("remaining", .right), TextTable.Column("since"),
            TextTable.Column("ended"), TextTable.Column("owner"), TextTable.Column("holder"),
            TextTable.Column("reason"),
        ])
        for view in shown {
            let people = ["owner", "holder", "reason"].map { FieldList.text(of: view[$0]) }
            table.add(cells(view) + people)
        }
        let total = count?.integer ?? Int64(shown.count)
        let more = total > Int64(shown.count) ? " (\(shown.count) of \(total))" : ""
        return ["", style.paint(title + more, .bold)]
            + table.lines(style: style).map { "  " + $0 }
    }
}
