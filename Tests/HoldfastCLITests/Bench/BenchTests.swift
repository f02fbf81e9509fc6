// What the generator sends and reads, and what it reports.

import HoldfastCLI
import HoldfastModel
import HoldfastWire
import Testing

struct BenchPlanTests {
    private func plan(keys: BenchKeys, resources: Int = 10) -> BenchPlan {
        BenchPlan(
            connections: 2,
            pipeline: 2,
            resources: resources,
            keys: keys,
            mode: .permit(count: 1, of: 3),
            lease: .milliseconds(1_500),
            label: "x"
        )
    }

    @Test func `own keys are never shared`() {
        let plan = plan(keys: .own)
        var owners: [Int: Int] = [:]
        for slot in 0..<plan.slotCount {
            for cycle in UInt64(0)..<20 {
                let resource = plan.resource(ofSlot: slot, cycle: cycle)
                #expect(owners[resource, default: slot] == slot)
                owners[resource] = slot
            }
        }
        #expect(owners.count == 8)
    }

    @Test func `contended keys are all visited and there are no others`() {
        let plan = plan(keys: .contended, resources: 3)
        let visited = (0..<40).map { plan.resource(ofSlot: $0 % 4, cycle: UInt64($0 / 4)) }
        #expect(Set(visited) == [0, 1, 2])
    }

    @Test func `own keys are queued for, contended ones waited for`() {
        var line: [UInt8] = []
        plan(keys: .own).acquireParts(id: 1).append(1_050, to: &line)
        let own = String(decoding: line, as: UTF8.self)
        #expect(
            own == """
                {"id":1,"op":"queue","resource":"bench/x/1050","lease":1.5,"mode":"permit","permits":1,\
                "of":3,"notify":"none"}\n
                """
        )
        line = []
        plan(keys: .contended).acquireParts(id: 1).append(0, to: &line)
        #expect(
            String(decoding: line, as: UTF8.self).contains(
                "\"op\":\"lock\",\"resource\":\"bench/x/0\""
            )
        )
    }

    @Test(arguments: [
        (#"{"id":12,"ok":true,"ticket":"Ab_-1","resource":"a"}"#, 12, true, "Ab_-1"),
        (#"{"id":0,"ok":true}"#, 0, true, nil),
        (#"{"id":3,"ok":false,"error":{"code":"conflict"}}"#, 3, false, nil),
    ])
    func `a reply is read as far as it matters`(
        line: String,
        id: Int,
        isOK: Bool,
        ticket: String?
    ) throws {
        let bytes = Array(line.utf8)
        let found = BenchReply(bytes.span)
        let reply = try #require(found)
        #expect(reply.id == id)
        #expect(reply.isOK == isOK)
        #expect(reply.ticket.map { String(decoding: bytes[$0], as: UTF8.self) } == ticket)
    }

    @Test(arguments: [#"{"event":"queued"}"#, "", "{", #"{"id":"#])
    func `what is no reply is none`(line: String) {
        let found = BenchReply(Array(line.utf8).span)
        #expect(found == nil)
    }

    @Test func `the lines are those of the protocol`() throws {
        var line: [UInt8] = []
        let ticket = Array("T".utf8)
        BenchPlan.releaseParts(id: 4).append(ticket.span, to: &line)
        #expect(
            String(decoding: line, as: UTF8.self)
                == "{\"id\":4,\"op\":\"release\",\"ticket\":\"T\"}\n"
        )
    }
}

struct BenchReportTests {
    private var report: BenchReport {
        var acquire = Histogram()
        for value in [10_000, 20_000, 20_000, 40_000] { acquire.add(Int64(value)) }
        var release = Histogram()
        release.add(5_000)
        return BenchReport(
            cycles: 123_456,
            errors: 0,
            elapsed: .seconds(2),
            acquire: acquire,
            release: release,
            connections: 4,
            pipeline: 16
        )
    }

    @Test func `people see throughput, percentiles and how the values spread`() {
        #expect(
            report.lines(style: .plain) == [
                "61,728 cycles/s  (123,456 in 2 s, 4 connections × 16)", "",
                "             p50      p90      p99    p99.9      max     mean",
                "acquire  20.0 µs  40.0 µs  40.0 µs  40.0 µs  40.0 µs  22.5 µs",
                "release  5.00 µs  5.00 µs  5.00 µs  5.00 µs  5.00 µs  5.00 µs", "",
                "acquire latency",
                "  < 16.3 µs ████████████████████                     25.00 %",
                "  < 32.7 µs ████████████████████████████████████████ 75.00 %",
                "  < 65.5 µs ████████████████████                     100.00 %",
            ]
        )
    }

    @Test func `programs get one object`() throws {
        let value = try JSONValue(parsing: report.json)
        #expect(value["cyclesPerSecond"]?.integer == 61_728)
        #expect(value["acquireMicroseconds"]?["max"]?.double == 40)
        #expect(value["seconds"]?.double == 2)
    }

    @Test func `a measurement of nothing is no crash`() {
        let empty = BenchReport(elapsed: .zero, connections: 1, pipeline: 1)
        #expect(empty.lines(style: .plain).last == "  nothing was measured")
        #expect(empty.cyclesPerSecond == 0)
    }
}
