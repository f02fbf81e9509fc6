// Pictures of `top`: golden, from replies as the server writes them, and what keys do.

import HoldfastCLI
import HoldfastModel
import HoldfastWire
import Testing

/// A model that has seen two answers, a second apart.
private func model() throws -> TopModel {
    var model = TopModel(server: "127.0.0.1:7420")
    let now = Instant(nanoseconds: 5_000_000_000)
    func stats(_ granted: Int, _ requests: Int) throws -> JSONValue {
        try JSONValue(
            parsing: """
                {"uptime":93784,"connections":64,"sessions":2,"resources":3,"held":1234,"waiting":42,\
                "granted":\(granted),"released":9,"expired":3,"lost":2,"stolen":1,"requests":\(requests)}
                """
        )
    }
    func resources(_ remaining: Double) throws -> JSONValue {
        try JSONValue(
            parsing: """
                {"resources":[{"resource":"deploy/prod","mode":"exclusive","holders":1,"queueLength":40,\
                "fence":7,"oldestWait":95,"holder":{"owner":"ada","label":"ci-7","age":185,\
                "remaining":\(remaining)}},{"resource":"pool/workers/with/a/very/long/name","mode":"permit",\
                "of":4,"holders":3,"queueLength":2,"fence":9,"oldestWait":1.5,"holder":{"owner":"bob",\
                "age":5,"remaining":30}},{"resource":"idle","mode":"shared","holders":0,"queueLength":0,\
                "fence":3,"oldestWait":0}]}
                """
        )
    }
    model.take(stats: try stats(100_000, 1_000), resources: try resources(30), at: now)
    model.take(
        stats: try stats(112_345, 26_000),
        resources: try resources(6),
        at: now + .seconds(1)
    )
    return model
}

struct TopPictureTests {
    @Test func `a terminal of eighty columns`() throws {
        let canvas = TopPicture.Canvas(columns: 80, rows: 11)
        let blank = ""
        #expect(
            TopPicture(of: try model(), on: canvas).lines.map(trimmed) == [
                "holdfast   127.0.0.1:7420   up 1 d 2 h",
                "12,345 grants/s   25,000 requests/s   1,234 held   42 waiting   64 connections",
                "█   3 resources   112k granted   3 expired   2 lost   1 stolen",
                blank,
                "RESOURCE          HOLDER          AGE  LEASE            QUEUE               WAIT",
                "deploy/prod       ci-7             3m  ██░░░░░░░░ 6.0s  █████████      40    95s",
                "pool/workers/wi…  bob +2         5.0s  ██████████  30s  ▌               2   1.5s",
                "idle              -",
                blank,
                blank,
                "q quit   s sort: queue   / filter   p pause   1 of 3",
            ]
        )
    }

    @Test(arguments: [(40, 6), (80, 24), (100, 40), (200, 12), (20, 3)])
    func `every picture fits its terminal`(columns: Int, rows: Int) throws {
        let canvas = TopPicture.Canvas(columns: columns, rows: rows)
        let lines = TopPicture(of: try model(), on: canvas).lines
        #expect(lines.count == rows)
        #expect(lines.allSatisfy { $0.count <= columns })
    }

    @Test func `a terminal without block characters gets others`() throws {
        let canvas = TopPicture.Canvas(columns: 80, rows: 11, hasBlocks: false)
        let lines = TopPicture(of: try model(), on: canvas).lines
        #expect(lines[5].contains("##........ 6.0s  #########      40"))
        #expect(lines.allSatisfy { line in line.allSatisfy { $0.isASCII || $0 == "…" } })
    }

    @Test func `colour says how much of a lease remains`() throws {
        let style = Style(isColoured: true)
        let canvas = TopPicture.Canvas(columns: 80, rows: 11, style: style)
        let lines = TopPicture(of: try model(), on: canvas).lines
        #expect(lines[5].contains("\u{1b}[31m██░░░░░░░░\u{1b}[0m"))
        #expect(lines[6].contains("\u{1b}[32m██████████\u{1b}[0m"))
    }

    @Test func `a resource that is closed says for how long`() throws {
        var model = try model()
        let closed = """
            {"resources":[{"resource":"a","mode":"exclusive","holders":0,"queueLength":1,"fence":3,\
            "oldestWait":2,"closedFor":12}]}
            """
        model.take(
            stats: try JSONValue(parsing: "{}"),
            resources: try JSONValue(parsing: closed),
            at: Instant(nanoseconds: 9_000_000_000)
        )
        let canvas = TopPicture.Canvas(columns: 80, rows: 11)
        #expect(TopPicture(of: model, on: canvas).lines[5].contains("closed 12s"))
    }

    @Test func `a pipe gets every row and no keys`() throws {
        let canvas = TopPicture.Canvas(columns: 100, rows: 0)
        let lines = TopPicture(of: try model(), on: canvas).plainLines
        #expect(lines.count == 8)
        #expect(lines.last?.hasPrefix("idle") == true)
    }

    @Test func `trouble stands where the uptime was`() throws {
        var model = try model()
        model.failed("the server does not answer")
        let canvas = TopPicture.Canvas(columns: 80, rows: 11)
        #expect(
            TopPicture(of: model, on: canvas).lines[0]
                == "holdfast   127.0.0.1:7420   the server does not answer"
        )
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}

struct TopKeyTests {
    @Test func `q quits and s goes round`() throws {
        var model = try model()
        #expect(model.press(.character("q"), pageRows: 5) == .quit)
        for order in [ResourcesQuestion.Order.wait, .path, .queue] {
            #expect(model.press(.character("s"), pageRows: 5) == .ask)
            #expect(model.order == order)
        }
    }

    @Test func `a pause draws, its end asks`() throws {
        var model = try model()
        #expect(model.press(.character("p"), pageRows: 5) == .draw)
        #expect(model.isPaused)
        #expect(model.press(.character("p"), pageRows: 5) == .ask)
    }

    @Test func `scrolling stays within the rows`() throws {
        var model = try model()
        _ = model.press(.up, pageRows: 5)
        #expect(model.firstRow == 0)
        _ = model.press(.character("j"), pageRows: 5)
        #expect(model.firstRow == 1)
        _ = model.press(.pageDown, pageRows: 5)
        #expect(model.firstRow == 2)
        _ = model.press(.home, pageRows: 5)
        #expect(model.firstRow == 0)
    }

    @Test func `a filter is typed, taken back or entered`() throws {
        var model = try model()
        for key in Key.keys(in: Array("/dey\u{7f}p".utf8)) { _ = model.press(key, pageRows: 5) }
        #expect(model.editedPrefix == "dep")
        #expect(model.press(.enter, pageRows: 5) == .ask)
        #expect(model.prefix == "dep")
        _ = model.press(.character("/"), pageRows: 5)
        _ = model.press(.character("q"), pageRows: 5)
        #expect(model.press(.escape, pageRows: 5) == .draw)
        #expect(model.prefix == "dep")
        #expect(model.press(.escape, pageRows: 5) == .ask)
        #expect(model.prefix == "")
    }

    @Test func `keys are found in what a terminal sends`() {
        #expect(Key.keys(in: Array("\u{1b}[A\u{1b}OBj".utf8)) == [.up, .down, .character("j")])
        #expect(Key.keys(in: Array("\u{1b}[5~\u{1b}[6~".utf8)) == [.pageUp, .pageDown])
        #expect(Key.keys(in: Array("\u{1b}[1;5H\u{1b}[F".utf8)) == [.home, .end])
        #expect(Key.keys(in: [0x1b]) == [.escape])
        #expect(Key.keys(in: Array("ü\r".utf8)) == [.character("ü"), .enter])
        #expect(Key.keys(in: [0x1b, 0x5b, 0x32, 0x35, 0x7e, 0xff, 0x00]) == [])
    }
}
