// The dashboard as it is served: every file with its type and its policy, nothing that reaches out of the server, and
// nothing that is named but not there. What it does in a browser is tested in a browser, by `.ci/dashboard.py`.

import HoldfastWire
import Testing

@testable import HoldfastServer

@Suite struct DashboardTests {
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    @Test(arguments: Place.allCases)
    func `every file is served with its type, its policy and its tag`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.http()
            for asset in DashboardAsset.all {
                let answer = try await client.ask("GET", "/ui/" + asset.name)
                #expect(answer.status == 200)
                #expect(answer["Content-Type"] == asset.type)
                #expect(answer["Content-Security-Policy"] == Self.policy)
                #expect(answer["X-Content-Type-Options"] == "nosniff")
                #expect(answer["Referrer-Policy"] == "no-referrer")
                #expect(answer["Cache-Control"] == "no-cache")
                #expect(answer["ETag"] == asset.tag)
                #expect(Array(answer.body.utf8) == asset.bytes)
            }
        }
    }

    @Test(arguments: ["\"TAG\"", "W/\"TAG\"", "\"x\", \"TAG\"", "\"x\",W/\"TAG\" , \"y\"", "*"])
    func `who has a file already is told that it is still that`(field: String) async throws {
        try await Place.inMemory { house in
            let asset = try #require(DashboardAsset.byName["app.js"])
            let field = field.replacing("\"TAG\"", with: asset.tag)
            let client = try await house.http()
            let answer = try await client.ask(
                "GET",
                "/ui/app.js",
                fields: ["If-None-Match: " + field]
            )
            #expect(answer.status == 304)
            #expect(answer["ETag"] == asset.tag)
            #expect(answer["Content-Security-Policy"] == Self.policy)
            #expect(answer["Content-Length"] == nil)
            #expect(try await client.ask("GET", "/healthz").body == "ok\n")
        }
    }

    @Test(arguments: ["\"x\"", "", "x", ",", "\"TAG", "w/\"TAG\""])
    func `who has another file, or none, is given it`(field: String) async throws {
        try await Place.inMemory { house in
            let asset = try #require(DashboardAsset.byName[""])
            let tag = asset.tag.replacing("\"", with: "")
            let field = "If-None-Match: " + field.replacing("TAG", with: tag)
            let answer = try await house.http().ask("GET", "/ui/", fields: [field])
            #expect(answer.status == 200)
            #expect(Array(answer.body.utf8) == asset.bytes)
        }
    }

    @Test func `files of different bytes have different tags`() {
        #expect(Set(DashboardAsset.all.map(\.tag)).count == DashboardAsset.all.count)
        #expect(DashboardAsset.byName.count == DashboardAsset.all.count)
        #expect(DashboardAsset.all.allSatisfy { $0.tag.hasPrefix("\"") && $0.tag.hasSuffix("\"") })
    }

    @Test func `HEAD tells everything but the file`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            for asset in DashboardAsset.all {
                let answer = try await client.ask("HEAD", "/ui/" + asset.name)
                #expect(answer.status == 200)
                #expect(answer["Content-Length"] == "\(asset.bytes.count)")
                #expect(answer["ETag"] == asset.tag)
            }
            #expect(try await client.ask("GET", "/healthz").body == "ok\n")
        }
    }

    @Test(arguments: ["/", "/ui"])
    func `the ways to it lead to it`(path: String) async throws {
        try await Place.inMemory { house in
            let answer = try await house.http().ask("GET", path)
            #expect(answer.status == 302)
            #expect(answer["Location"] == "/ui/")
        }
    }

    @Test(arguments: [
        "/ui/nothing.js", "/ui//", "/ui/index.html", "/ui/../ui/app.js", "/ui/assets/app.js",
        "/ui/app.js/", "/ui/App.js", "//", "/UI/",
    ])
    func `what is not there is not found`(path: String) async throws {
        try await Place.inMemory { house in
            let answer = try await house.http().ask("GET", path)
            #expect(answer.status == 404)
            #expect(answer.json["code"]?.string == "not_found")
        }
    }

    @Test(arguments: ["/ui", "/ui/", "/ui/app.js"])
    func `nothing can be done to it`(path: String) async throws {
        try await Place.inMemory { house in
            let answer = try await house.http().ask("POST", path, "{}")
            #expect(answer.status == 405)
            #expect(answer["Allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func `every count that it draws is one that the server tells`() async throws {
        try await Place.inMemory { house in
            let metrics = try await house.http().ask("GET", "/metrics").body
            let told = metrics.split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { $0.prefix { $0 != " " && $0 != "{" } }
            let script = try #require(DashboardAsset.byName["counts.js"]).text
            let drawn = script.matches(of: /"(holdfast_[a-z_]+)"/).map(\.output.1)
            #expect(drawn.count >= 8)
            for name in drawn { #expect(told.contains(name), "\(name)") }
        }
    }
}

/// The files themselves, as a browser would follow them.
@Suite struct DashboardAssetTests {
    @Test func `no file names another host`() {
        for asset in DashboardAsset.all {
            let own = asset.text.replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!own.contains("://"), "\(asset.name)")
            #expect(!own.contains(/["'(]\/\/[a-z]/), "\(asset.name)")
        }
    }

    @Test func `whatever a file names is there, and every file is named`() throws {
        var reached: Set<String> = [""]
        var open = [try #require(DashboardAsset.byName[""])]
        while let asset = open.popLast() {
            for name in asset.named where reached.insert(name).inserted {
                open.append(try #require(DashboardAsset.byName[name], "\(asset.name): \(name)"))
            }
        }
        #expect(reached == Set(DashboardAsset.all.map(\.name)))
    }

    @Test func `no script makes markup or code of text`() {
        let forbidden = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser",
            "setHTML", "createContextualFragment", "srcdoc", "eval(", "Function(", "javascript:",
        ]
        for asset in DashboardAsset.all {
            for word in forbidden { #expect(!asset.text.contains(word), "\(asset.name): \(word)") }
        }
    }

    @Test func `the page has no script, style or handler of its own`() throws {
        let page = try #require(DashboardAsset.byName[""]).text
        #expect(!page.contains(" style="))
        #expect(!page.contains("<style"))
        #expect(!page.contains(#/ on[a-z]+=/#))
        #expect(page.matches(of: /<script/).count == page.matches(of: /<script [^>]*src=/).count)
    }

    @Test func `every script and style opens with a sentence that says what it is`() {
        for asset in DashboardAsset.all where asset.name.hasSuffix("s") {
            let start = asset.name.hasSuffix(".css") ? "/* " : "// "
            #expect(asset.text.hasPrefix(start), "\(asset.name)")
            let lines = asset.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 400, "\(asset.name)")
            #expect(lines.filter { $0.count > 120 } == [], "\(asset.name)")
        }
    }
}

extension DashboardAsset {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The files that a browser fetches for this one.
    fileprivate var named: [String] {
        let links = text.matches(of: /<(?:link|script|img) [^>]*(?:href|src)="([^"]+)"/)
        let imports = text.matches(of: /^import .*from "\.\/([^"]+)";$/.anchorsMatchLineEndings())
        return (links.map(\.output.1) + imports.map(\.output.1)).map(String.init)
    }
}
