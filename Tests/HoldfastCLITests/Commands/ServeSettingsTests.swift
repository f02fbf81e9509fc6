// From flags to the server's configuration, and how the server speaks of itself.

import HoldfastCLI
import HoldfastJournal
import HoldfastModel
import HoldfastServer
import HoldfastSystem
import Testing

struct ServeSettingsTests {
    private func configuration(_ flags: String...) throws -> Configuration {
        try ServeSettings.configuration(from: try ParserBench().settings(["serve"] + flags))
    }

    @Test func `without flags the server has its own defaults`() throws {
        let configuration = try configuration()
        #expect(configuration.limits == Limits())
        #expect(configuration.listen.map(\.description) == ["127.0.0.1:7420"])
        #expect(configuration.retain == .seconds(60))
    }

    @Test func `HTTP listens beside it unless it is switched off`() throws {
        #expect(try configuration().httpListen.map(\.description) == ["127.0.0.1:7421"])
        #expect(try configuration("--http", "off").httpListen.isEmpty)
        let two = try configuration("--http", "127.0.0.1:0,[::1]", "--http", "localhost:7420")
        let expected = ["127.0.0.1:0", "[::1]:7421", "localhost:7420"]
        #expect(two.httpListen.map(\.description) == expected)
        #expect(throws: UsageError.self) { try configuration("--http", "off,127.0.0.1:1") }
        #expect(throws: UsageError.self) { try configuration("--http", "0.0.0.0:7421") }
        #expect(throws: UsageError.self) { try configuration("--http", "a:b") }
    }

    @Test func `a certificate has a key, and clients' certificates need both`() throws {
        let own = ["--tls-cert", "a.pem", "--tls-key", "a.key"]
        let files = TLSFiles(certificate: "a.pem", key: "a.key")
        #expect(try configuration().tls == nil)
        #expect(try configuration(own[0], own[1], own[2], own[3]).tls == TLSSetting(files: files))
        let asking = try configuration(own[0], own[1], own[2], own[3], "--tls-client-ca", "b.pem")
        #expect(asking.tls == TLSSetting(files: files, clientAuthority: "b.pem"))
        #expect(throws: UsageError.self) { try configuration(own[0], own[1]) }
        #expect(throws: UsageError.self) { try configuration(own[2], own[3]) }
        #expect(throws: UsageError.self) { try configuration("--tls-client-ca", "b.pem") }
    }

    @Test func `beyond loopback whoever comes must prove who that is, and in private`() throws {
        let everywhere = ["--listen", "0.0.0.0:7420"]
        let own = ["--tls-cert", "a.pem", "--tls-key", "a.key"]
        func settings(_ flags: [String]) throws -> Configuration {
            try ServeSettings.configuration(from: try ParserBench().settings(["serve"] + flags))
        }
        #expect(throws: UsageError.self) { try settings(everywhere) }
        #expect(throws: UsageError.self) { try settings(everywhere + own) }
        let proved = try settings(everywhere + own + ["--tls-client-ca", "b.pem"])
        #expect(proved.isProtected)
        #expect(try settings(everywhere + ["--insecure"]).isInsecureAllowed)
    }

    @Test func `the clocks of who signs and who checks are not far apart`() throws {
        let jwt = ["--auth", "jwt", "--jwt-key", "k", "--jwt-leeway"]
        for (leeway, isAllowed) in [("0", true), ("60", true), ("61", false)] {
            let settings = try ParserBench().settings(["serve"] + jwt + [leeway])
            let isGood = (try? ServeSettings.configuration(from: settings)) != nil
            #expect(isGood == isAllowed, "\(leeway)")
        }
    }

    @Test func `what HTTP speaks and to whom has its flags`() throws {
        let http = try configuration(
            "--profiles",
            "sfp,versal",
            "--http-host",
            "a.example.com,b.example.com",
            "--cors-origin",
            "https://c.example.com",
            "--open-metrics",
            "--versal-lease",
            "5m"
        ).http
        #expect(http.profiles == [.sfp, .versal])
        #expect(http.hosts == ["a.example.com", "b.example.com"])
        #expect(http.origins == ["https://c.example.com"])
        #expect(http.areMetricsOpen)
        #expect(http.versalLease == .seconds(300))
        #expect(try configuration("--profiles", "none").http.profiles.isEmpty)
        #expect(try configuration().http.profiles.count == HTTPProfile.allCases.count)
        #expect(throws: UsageError.self) { try configuration("--profiles", "sfp,none") }
    }

    @Test func `courses and gadgets are listed one by one`() throws {
        let listed = try configuration("--versal-course", "c1,c2/g1", "--versal-course", "c2/g2")
        var expected = VersalCatalog()
        for text in ["c1", "c2/g1", "c2/g2"] {
            let isListed = expected.add(text)
            #expect(isListed)
        }
        #expect(listed.http.versalCatalog == expected)
        for flaw in ["/g", "c/", "c/g/x"] {
            #expect(throws: UsageError.self) { try configuration("--versal-course", flaw) }
        }
    }

    @Test func `@lock is spoken where it is said, and nowhere where no profile is`() throws {
        #expect(try configuration().http.atLockMounts == [AtLockMount(.nick)])
        let two = try configuration("--at-lock", "nick=/", "--at-lock", "plone=/sites/one/").http
        #expect(
            two.atLockMounts == [
                AtLockMount(.nick), AtLockMount(.plone, segments: ["sites", "one"]),
            ]
        )
        #expect(try configuration("--at-lock", "none").http.atLockMounts.isEmpty)
        #expect(try configuration("--profiles", "none").http.atLockMounts.isEmpty)
        #expect(try configuration("--profiles", "sfp").http.atLockMounts.count == 1)
        let both = try configuration("--profiles", "none", "--at-lock", "plone=/p").http
        #expect(both.atLockMounts.count == 1)
        for flaw in ["nick", "nick=x", "drupal=/", "nick=/a/../b", "nick=/a%20b", "none,nick=/"] {
            #expect(throws: UsageError.self) { try configuration("--at-lock", flaw) }
        }
        #expect(throws: UsageError.self) {
            try configuration("--at-lock", "nick=/a", "--at-lock", "plone=/a")
        }
    }

    @Test func `the address in links has a scheme and no slash at its end`() throws {
        let url = "https://locks.example.com"
        #expect(try configuration("--public-url", url + "/").http.publicURL == url)
        #expect(try configuration().http.publicURL == nil)
        for flaw in ["locks.example.com", "https://", "https://a b", "https://a?b", "ftp://a"] {
            #expect(throws: UsageError.self) { try configuration("--public-url", flaw) }
        }
    }

    @Test(arguments: [
        ("--cors-origin", ["https://a.example.com", "http://localhost:8080", "http://[::1]:1"]),
        ("--http-host", ["a.example.com", "intern", "a_b.example.com"]),
    ])
    func `names of browsers are taken whole`(flag: String, names: [String]) throws {
        for name in names { _ = try configuration(flag, name) }
        let flaws = [
            "*", "https://a.example.com/", "https://*.example.com", "*.example.com",
            "https://", "https://a?b", "a b", "ftp://a",
        ]
        // Whoever hides where it comes from calls itself so.
        for flaw in flaws + (flag == "--cors-origin" ? ["null"] : []) {
            #expect(throws: UsageError.self, "\(flaw)") { try configuration(flag, flaw) }
        }
    }

    @Test func `every limit has its flag`() throws {
        let limits = try configuration(
            "--max-line",
            "1",
            "--max-connections",
            "2",
            "--max-connections-per-principal",
            "3",
            "--max-connections-per-address",
            "16",
            "--max-requests-per-second",
            "17",
            "--max-in-flight",
            "4",
            "--max-waits",
            "5",
            "--max-queue",
            "6",
            "--max-tickets-per-principal",
            "7",
            "--max-resources",
            "8",
            "--max-sessions",
            "9",
            "--max-watches",
            "10",
            "--max-outbound",
            "11",
            "--max-meta",
            "12",
            "--max-retained",
            "13",
            "--max-history",
            "14",
            "--max-undurable",
            "15",
            "--max-claims",
            "18",
            "--min-lease",
            "0.5",
            "--max-lease",
            "1h"
        ).limits
        var expected = Limits()
        expected.lineBytes = 1
        expected.connections = 2
        expected.connectionsPerPrincipal = 3
        expected.connectionsPerAddress = 16
        expected.requestsPerSecond = 17
        expected.inFlight = 4
        expected.waits = 5
        expected.queue = 6
        expected.claims = 18
        expected.ticketsPerPrincipal = 7
        expected.resources = 8
        expected.sessions = 9
        expected.watches = 10
        expected.outboundBytes = 11
        expected.metaBytes = 12
        expected.retained = 13
        expected.history = 14
        expected.undurableRecords = 15
        expected.leaseMin = .milliseconds(500)
        expected.leaseMax = .seconds(3_600)
        #expect(limits == expected)
    }

    @Test func `nobody writes an audit file, unless it is named`() throws {
        #expect(try configuration().auditFile == nil)
        #expect(try configuration("--audit", "/var/log/audit").auditFile == "/var/log/audit")
    }

    @Test func `the defaults in help are those of the server`() throws {
        let limits = Limits()
        let shown = [
            (ServeOptions.maxLine, limits.lineBytes), (ServeOptions.maxQueue, limits.queue),
            (ServeOptions.maxConnections, limits.connections),
            (ServeOptions.maxConnectionsPerPrincipal, limits.connectionsPerPrincipal),
            (ServeOptions.maxInFlight, limits.inFlight), (ServeOptions.maxWaits, limits.waits),
            (ServeOptions.maxTicketsPerPrincipal, limits.ticketsPerPrincipal),
            (ServeOptions.maxResources, limits.resources),
            (ServeOptions.maxSessions, limits.sessions),
            (ServeOptions.maxWatches, limits.watches),
            (ServeOptions.maxOutbound, limits.outboundBytes),
            (ServeOptions.maxMeta, limits.metaBytes), (ServeOptions.maxRetained, limits.retained),
            (ServeOptions.maxHistory, limits.history),
            (ServeOptions.maxUndurable, limits.undurableRecords),
        ]
        for (option, value) in shown {
            let fallback = try #require(option.description.fallback)
            #expect(try Int(argument: fallback) == value, "\(option.description.name)")
        }
    }

    @Test(arguments: [
        ["--listen", "0.0.0.0:7420"], ["--max-queue", "0"], ["--loops", "0"],
        ["--min-lease", "0"], ["--min-lease", "10", "--max-lease", "5"], ["--max-lease", "25h"],
        ["--first-fence", "9007199254740992"], ["--data", ""], ["--segment", "4095"],
        ["--snapshot-after", "0"],
    ])
    func `what cannot be served is wrong usage`(flags: [String]) throws {
        let settings = try ParserBench().settings(["check-config"] + flags)
        let error = #expect(throws: UsageError.self) {
            try ServeSettings.configuration(from: settings)
        }
        #expect(error?.command == .checkConfig)
    }

    @Test func `data is kept where it is told, and by default`() throws {
        var settings = FileJournalSettings()
        #expect(try configuration().data == .directory("./holdfast-data", settings))
        #expect(try configuration("--data", "none").data == .memory)
        settings.segmentBytes = 8_192
        settings.snapshotFloorBytes = 4_096
        settings.sync = .interval(.milliseconds(200))
        let chosen = try configuration(
            "--data",
            "d",
            "--segment",
            "8192",
            "--snapshot-after",
            "4096",
            "--sync",
            "interval:200"
        )
        #expect(chosen.data == .directory("d", settings))
    }

    @Test(arguments: ["never", "interval", "interval:0", "interval:60001", "interval:1:2", ""])
    func `a sync that there is not is refused`(text: String) {
        #expect(throws: ValueFlaw.self) { try SyncPolicy(argument: text) }
    }

    @Test(arguments: [("always", SyncPolicy.always), ("interval:1", .interval(.milliseconds(1)))])
    func `a sync is always or at an interval`(text: String, sync: SyncPolicy) throws {
        #expect(try SyncPolicy(argument: text) == sync)
    }

    @Test func `beyond loopback it listens only when told twice`() throws {
        let configuration = try configuration("--listen", "0.0.0.0:1,[::1]:0", "--insecure")
        #expect(configuration.listen.map(\.description) == ["0.0.0.0:1", "[::1]:0"])
    }

    @Test func `check-config shows where every setting comes from`() throws {
        let bench = ParserBench(
            environment: ["HOLDFAST_NODE": "n1"],
            files: ["conf": "retain = 5"]
        )
        let settings = try bench.settings(
            ["check-config", "--config", "conf", "--listen", "localhost:1,localhost:2"]
        )
        let rows = CheckConfigCommand.rows(of: settings)
        #expect(rows.contains(["listen", "localhost:1", "flag"]))
        #expect(rows.contains(["listen", "localhost:2", "flag"]))
        #expect(rows.contains(["node", "n1", "environment HOLDFAST_NODE"]))
        #expect(rows.contains(["retain", "5", "file conf:1"]))
        #expect(rows.contains(["max-queue", "250000", "default"]))
        #expect(rows.contains(["insecure", "false", "default"]))
        #expect(rows.contains(["tls-cert", "", "default"]))
        #expect(rows.contains(["auth", "none", "default"]))
    }

    @Test func `the ready line stays words`() {
        #expect(ReadyLine.escaped("a b%/ü") == "a%20b%25/%C3%BC")
    }

    @Test func `a log line is text or one object`() {
        let time = WallTime(microseconds: 1_763_683_200_000_000)
        #expect(ServeLog.line(.notice, "a \"b\"", at: time, .text) == "holdfast notice: a \"b\"")
        #expect(
            ServeLog.line(.error, "a \"b\"", at: time, .json)
                == #"{"at":"2025-11-21T00:00:00.000Z","level":"error","message":"a \"b\""}"#
        )
    }
}
