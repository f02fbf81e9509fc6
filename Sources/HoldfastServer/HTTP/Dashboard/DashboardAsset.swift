// The files of the dashboard. They are written as files, as a browser reads them, and the build puts their bytes into
// the binary: there is nothing to install beside it and nothing to be of another version.

/// A file that `/ui/` serves.
struct DashboardAsset: Sendable {
    /// Behind `/ui/`; empty for the page itself.
    let name: String
    let type: String
    let bytes: [UInt8]
    /// Tells these bytes from others.
    let tag: String

    private init(_ name: String, _ type: String, _ bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
        tag = DashboardAsset.tag(of: bytes)
    }

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    static let all: [DashboardAsset] =
        [
            DashboardAsset("", "text/html; charset=utf-8", PackageResources.index_html),
            DashboardAsset("icon.svg", "image/svg+xml", PackageResources.icon_svg),
        ] + styles + scripts

    private static let styles = [
        ("base.css", PackageResources.base_css),
        ("parts.css", PackageResources.parts_css),
        ("tables.css", PackageResources.tables_css),
    ].map { DashboardAsset($0, "text/css; charset=utf-8", $1) }

    private static let scripts = [
        ("actions.js", PackageResources.actions_js),
        ("api.js", PackageResources.api_js),
        ("app.js", PackageResources.app_js),
        ("chart.js", PackageResources.chart_js),
        ("clock.js", PackageResources.clock_js),
        ("connection.js", PackageResources.connection_js),
        ("counts.js", PackageResources.counts_js),
        ("dom.js", PackageResources.dom_js),
        ("events.js", PackageResources.events_js),
        ("history.js", PackageResources.history_js),
        ("keys.js", PackageResources.keys_js),
        ("overview.js", PackageResources.overview_js),
        ("queue.js", PackageResources.queue_js),
        ("resource.js", PackageResources.resource_js),
        ("search.js", PackageResources.search_js),
        ("signin.js", PackageResources.signin_js),
        ("summary.js", PackageResources.summary_js),
        ("ticket.js", PackageResources.ticket_js),
        ("words.js", PackageResources.words_js),
    ].map { DashboardAsset($0, "text/javascript; charset=utf-8", $1) }

    /// FNV-1a: nobody gains anything by two files of the same tag.
    private static func tag(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return "\"" + String(hash, radix: 36) + "\""
    }
}
