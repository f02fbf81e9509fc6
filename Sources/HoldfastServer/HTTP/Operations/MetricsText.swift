// What is measured, in the text format of Prometheus and by its conventions: base units, `_total` for what only grows,
// and never a label whose value a client chose, because every value is a time series that somebody pays for.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

/// The text of one scrape.
struct MetricsText {
    private(set) var text = ""

    init(_ measures: Measures, http: HTTPFigures, memory: MemoryFigures?) {
        addCrowd(measures.stats, http)
        addTickets(measures.stats, measures.metrics)
        addTraffic(measures, http)
        addMachine(measures)
        if let memory { add(memory) }
        let version = [Series(labels: [("version", ServerName.version)], value: "1")]
        add("holdfast_build_info", "gauge", "Which version this is; always 1.", version)
    }

    private mutating func addCrowd(_ stats: StatsAnswer, _ http: HTTPFigures) {
        gauge("uptime_seconds", "Time since the server began to serve.", stats.uptime.seconds)
        gauge("connections", "Open connections, TCP and HTTP.", stats.connections)
        gauge("event_streams", "HTTP clients that are shown events.", http.streamCount)
        gauge("sessions", "Sessions, those between two connections too.", stats.sessions)
        gauge("resources", "Resources that are remembered.", stats.resources)
    }

    private mutating func addTickets(_ stats: StatsAnswer, _ metrics: Metrics) {
        gauge("tickets_held", "Tickets that hold a resource.", stats.held)
        gauge("tickets_waiting", "Tickets that wait in a queue.", stats.waiting)
        gauge("queue_depth_max", "Tickets in the longest queue.", metrics.queueDepthMax)
        counter("grants", "Tickets that were granted.", stats.granted)
        counter("releases", "Tickets that their owners released.", stats.released)
        counter("expiries", "Tickets whose lease ran out.", stats.expired)
        counter("steals", "Tickets that another took the resource from.", stats.stolen)
        counter("losses", "Held tickets that ended other than by a release.", stats.lost)
        histogram("ticket_wait_seconds", "From asking to the grant.", metrics.waits)
        histogram("ticket_hold_seconds", "From the grant to the end.", metrics.holds)
    }

    private mutating func addTraffic(_ measures: Measures, _ http: HTTPFigures) {
        let answers = measures.metrics.answers
        let requests = Operation.Kind.allCases.flatMap { kind in
            // What succeeds is there from the start, so that a first failure has something to be compared with.
            ([nil] + ErrorCode.allCases).compactMap { code -> Series? in
                let count = answers[kind, code]
                guard code == nil && kind != .unreadable || count > 0 else { return nil }
                let outcome = code?.rawValue ?? "ok"
                return Series(labels: [("op", kind.name), ("outcome", outcome)], value: "\(count)")
            }
        }
        let help = "Answers to operations, by their outcome: ok or the code of the refusal."
        add("holdfast_requests_total", "counter", help, requests)
        let responses = http.statuses.all.map { status, count in
            Series(labels: [("code", "\(status.number)")], value: "\(count)")
        }
        add("holdfast_http_responses_total", "counter", "HTTP responses, by status.", responses)
        counter("received_bytes", "Bytes that clients sent.", measures.stats.bytesIn)
        counter("sent_bytes", "Bytes that were sent to clients.", measures.stats.bytesOut)
    }

    private mutating func addMachine(_ measures: Measures) {
        let metrics = measures.metrics
        counter("journal_batches", "Batches that the journal took.", metrics.batches)
        counter("journal_entries", "Entries of these batches.", metrics.batchedEntries)
        histogram(
            "journal_append_seconds",
            "From handing a batch over until it is durable.",
            metrics.appends
        )
        if let syncs = measures.syncs {
            histogram("journal_sync_seconds", "Writing and syncing, each time.", syncs)
        }
        let lags = measures.loopLags.enumerated().flatMap { index, lags in
            series(of: lags, [("loop", "\(index)")])
        }
        let help = "How long at a time a loop did not look for what is ready; the sum is its work."
        add("holdfast_loop_lag_seconds", "histogram", help, lags)
    }

    private mutating func add(_ memory: MemoryFigures) {
        // The name that every exporter has for it.
        let name = "process_resident_memory_bytes"
        let resident = [Series(labels: [], value: "\(memory.residentBytes)")]
        add(name, "gauge", "Resident memory of the process.", resident)
        guard let limit = memory.limitBytes, let used = memory.usedBytes else { return }
        gauge("memory_limit_bytes", "The nearest limit of memory there is.", limit)
        gauge("memory_used_bytes", "What counts against that limit.", used)
        let help = "0 enough; 1 short, no tickets are taken; 2 scarce, no connections either."
        gauge("memory_shortage", help, memory.level.rawValue)
    }
}

// MARK: - The format

extension MetricsText {
    /// One line: a value and what tells it from the others of its name.
    private struct Series {
        var suffix = ""
        var labels: [(name: String, value: String)]
        var value: String
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: some Numeric) {
        let name = "holdfast_" + name
        add(name, "gauge", help, [Series(labels: [], value: "\(value)")])
    }

    private mutating func counter(_ name: String, _ help: String, _ value: some Numeric) {
        let name = "holdfast_" + name + "_total"
        add(name, "counter", help, [Series(labels: [], value: "\(value)")])
    }

    private mutating func histogram(_ name: String, _ help: String, _ value: DurationHistogram) {
        add("holdfast_" + name, "histogram", help, series(of: value))
    }

    private func series(
        of value: DurationHistogram,
        _ labels: [(name: String, value: String)] = []
    ) -> [Series] {
        var series: [Series] = []
        var sum = 0
        let bounds = value.bounds.map { "\($0.seconds)" } + ["+Inf"]
        for (bound, count) in zip(bounds, value.counts) {
            sum += count
            let labels = labels + [("le", bound)]
            series.append(Series(suffix: "_bucket", labels: labels, value: "\(sum)"))
        }
        series.append(Series(suffix: "_sum", labels: labels, value: "\(value.sum.seconds)"))
        series.append(Series(suffix: "_count", labels: labels, value: "\(sum)"))
        return series
    }

    private mutating func add(_ name: String, _ kind: String, _ help: String, _ series: [Series]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for one in series {
            let labels = one.labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
            text += name + one.suffix + (labels.isEmpty ? "" : "{\(labels)}") + " \(one.value)\n"
        }
    }
}
