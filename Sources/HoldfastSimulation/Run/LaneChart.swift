// A run drawn as text: a lane for the server and one for each client, time down the side. A thin line is a connection,
// a thick one a lock that is held; what happened stands in the lane of whom it happened to.
//
//           ms  server                        c0                          c1
//     1000.000  r/0 acquired c0.1 #1          ┃ < lock c0.1 acquired      │
//     1250.000                                ┃                           │ > lock c1.2 r/0
//
// Of a long run the last rows are drawn, and of them those that speak of the resource, or of everybody.

package import HoldfastModel

/// Draws traces.
package enum LaneChart {
    private static let serverWidth = 34
    private static let clientWidth = 32

    /// The rows before a violation, and the violation.
    package static func rows(
        before violation: Violation,
        in trace: [(at: Instant, text: String)],
        limit: Int = 120
    ) -> [String] {
        let moments = TraceReader.moments(of: trace.filter { $0.at <= violation.at })
        return rows(of: moments, on: violation.resource, limit: limit)
            + ["\(time(violation.at))  ✗ \(violation.check): \(violation.text)"]
    }

    package static func rows(
        of trace: [(at: Instant, text: String)],
        on resource: String? = nil,
        limit: Int = 120
    ) -> [String] {
        rows(of: TraceReader.moments(of: trace), on: resource, limit: limit)
    }

    static func rows(of moments: [Moment], on resource: String?, limit: Int) -> [String] {
        let isShown = moments.map { moment in
            resource == nil || moment.resource == nil || moment.resource == resource
        }
        let shownCount = isShown.count { $0 }
        var skipped = max(0, shownCount - limit)
        let shown = zip(moments, isShown).filter(\.1).map(\.0).suffix(limit)
        // In the order of their names: the server, clients of the protocol, clients of the SDK.
        let lanes = Set(shown.map(\.lane)).subtracting([Moment.server]).sorted {
            ($0.prefix(1), $0.count, $0) < ($1.prefix(1), $1.count, $1)
        }
        var chart = Chart(lanes: lanes)
        for (moment, isShown) in zip(moments, isShown) {
            // What is not drawn still says who is connected, and who holds what.
            chart.note(moment, on: resource)
            guard isShown else { continue }
            if skipped > 0 { skipped -= 1 } else { chart.draw(moment) }
        }
        return [chart.heading] + chart.rows
    }

    static func time(_ instant: Instant) -> String {
        let text = TraceText.text(of: (instant, ""))
        return padded(String(text.dropLast()), to: 12, leading: true)
    }

    static func padded(_ text: String, to width: Int, leading: Bool = false) -> String {
        guard text.count <= width else { return text.prefix(width - 1) + "…" }
        let room = String(repeating: " ", count: width - text.count)
        return leading ? room + text : text + room
    }

    /// What is drawn so far, and how every lane stands.
    private struct Chart {
        let lanes: [String]
        var rows: [String] = []
        private var last: Instant?
        private var connected: Set<String> = []
        private var held: [String: Set<String>] = [:]

        init(lanes: [String]) { self.lanes = lanes }

        var heading: String {
            line(time: "ms", server: Moment.server) { LaneChart.padded($0, to: clientWidth) }
        }

        mutating func note(_ moment: Moment, on resource: String?) {
            switch moment.change {
            case .none: break
            case .connects: connected.insert(moment.lane)
            case .disconnects: connected.remove(moment.lane)
            case .holds(let label) where resource == nil || moment.resource == resource:
                held[TraceReader.lane(ofLabel: label), default: []].insert(label)
            case .holds: break
            case .ends(let label): held[TraceReader.lane(ofLabel: label)]?.remove(label)
            }
        }

        mutating func draw(_ moment: Moment) {
            if let last, moment.at > last + .seconds(1) { rows.append(row(time: "⋮", of: nil)) }
            rows.append(row(time: moment.at == last ? "" : LaneChart.time(moment.at), of: moment))
            last = moment.at
        }

        private func row(time: String, of moment: Moment?) -> String {
            let isServer = moment?.lane == Moment.server
            return line(time: time, server: isServer ? moment?.text ?? "" : "") { lane in
                let text = moment?.lane == lane ? moment?.text ?? "" : ""
                return LaneChart.padded("\(mark(of: lane)) \(text)", to: clientWidth)
            }
        }

        private func mark(of lane: String) -> String {
            if held[lane]?.isEmpty == false { return "┃" }
            return connected.contains(lane) ? "│" : " "
        }

        private func line(time: String, server: String, lane: (String) -> String) -> String {
            let cells = [
                LaneChart.padded(time, to: 12, leading: true),
                LaneChart.padded(server, to: serverWidth),
            ]
            var text = (cells + lanes.map(lane)).joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
    }
}
