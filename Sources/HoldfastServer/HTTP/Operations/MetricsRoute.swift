// What Prometheus scrapes: counters and gauges by its conventions, and never a name that a client chose, because every
// label value is a time series that somebody pays for.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel

extension Exchange {
    func metrics() async -> HTTPReply {
        do throws(Refusal) {
            let principal = try principal()
            try checkMayReadAll(principal)
            guard case .stats(let stats) = await connection.ask(.stats, as: principal) else {
                preconditionFailure("stats were answered with something else")
            }
            return HTTPReply(
                .ok,
                type: "text/plain; version=0.0.4; charset=utf-8",
                body: Array(MetricsText(stats).text.utf8)
            )
        } catch {
            return Problem.reply(error)
        }
    }

    /// The counts concern every resource there is.
    private func checkMayReadAll(_ principal: Principal) throws(Refusal) {
        guard !connection.service.setting.areMetricsOpen else { return }
        let authority = connection.service.coordinator.setting.authority
        guard authority.rightsOnEverything(of: principal).contains(.read) else {
            throw .missing(.read)
        }
    }
}

/// The text format of Prometheus.
struct MetricsText {
    private(set) var text = ""

    init(_ stats: StatsAnswer) {
        gauge("uptime_seconds", "Time since the server began to serve.", stats.uptime.seconds)
        gauge("connections", "Open connections, TCP and HTTP.", stats.connections)
        gauge("sessions", "Sessions, those between two connections too.", stats.sessions)
        gauge("resources", "Resources that are remembered.", stats.resources)
        gauge("tickets_held", "Tickets that hold a resource.", stats.held)
        gauge("tickets_waiting", "Tickets that wait in a queue.", stats.waiting)
        counter("grants", "Tickets that were granted.", stats.granted)
        counter("releases", "Tickets that their owners released.", stats.released)
        counter("expiries", "Tickets whose lease ran out.", stats.expired)
        counter("steals", "Tickets that another took the resource from.", stats.stolen)
        counter("losses", "Held tickets that ended other than by a release.", stats.lost)
        counter("requests", "Requests of clients, refused ones too.", stats.requests)
        counter("received_bytes", "Bytes that clients sent.", stats.bytesIn)
        counter("sent_bytes", "Bytes that were sent to clients.", stats.bytesOut)
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: some Numeric) {
        add("holdfast_" + name, "gauge", help, value)
    }

    private mutating func counter(_ name: String, _ help: String, _ value: some Numeric) {
        add("holdfast_" + name + "_total", "counter", help, value)
    }

    private mutating func add(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ value: some Numeric
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
    }
}
