// Lines and what they become (PROTOCOL §§1–3).

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct RequestDecoderTests {
    @Test func `queue with nothing but a resource has every default`() throws {
        let decoded = try #require(request(#"{"id":1,"op":"queue","resource":"deploy/prod"}"#))
        #expect(decoded.id == .number(1))
        #expect(decoded.ignored.isEmpty)
        guard case .queue(let request) = decoded.operation else {
            Issue.record("not a queue: \(decoded.operation)")
            return
        }
        #expect(request == TicketRequest(resource: try path("deploy/prod")))
        #expect(request.lease == .seconds(30))
        #expect(request.pollWithin == .seconds(90))
        #expect(request.binding == nil)
        #expect(request.details == nil)
    }

    @Test func `queue reads every field of its table`() throws {
        let line = #"""
            {"id":"x","op":"queue","resource":"a/b","lease":0.5,"mode":"permit","permits":2,"of":3,
            "maxWait":7.25,"priority":9,"key":"k","ifMine":"return","bind":"session","stealable":true,
            "lockDelay":60,"pollWithin":0.1,"holder":"host","reason":"why","meta":{"b":"2","a":"1"},
            "notify":"position"}
            """#
        let decoded = try #require(request(line))
        #expect(decoded.id == .text("x"))
        #expect(decoded.ignored.isEmpty)
        guard case .queue(let request) = decoded.operation else {
            Issue.record("not a queue: \(decoded.operation)")
            return
        }
        let meta = [MetaEntry(name: "a", value: "1"), MetaEntry(name: "b", value: "2")]
        let expected = TicketRequest(
            resource: try path("a/b"),
            lease: .milliseconds(500),
            mode: .permit(count: 2, of: 3),
            maxWait: .milliseconds(7_250),
            priority: 9,
            ifMine: .return,
            binding: .session,
            stealable: true,
            lockDelay: .seconds(60),
            pollWithin: .milliseconds(100),
            notify: .position,
            details: TicketDetails(key: "k", holder: "host", reason: "why", meta: meta)
        )
        #expect(request == expected)
    }

    @Test func `lock reads queue's fields and wait`() throws {
        let decoded = try #require(
            request(#"{"op":"lock","resource":"demo","lease":5,"wait":3,"priority":2}"#)
        )
        guard case .lock(let request, let wait) = decoded.operation else {
            Issue.record("not a lock: \(decoded.operation)")
            return
        }
        #expect(decoded.id == .absent)
        #expect(wait == .seconds(3))
        #expect(
            request == TicketRequest(resource: try path("demo"), lease: .seconds(5), priority: 2)
        )
    }

    @Test func `lock without wait waits for ever, wait 0 is told from it`() throws {
        guard case .lock(_, let forEver)? = request(#"{"op":"lock","resource":"a"}"#)?.operation,
            case .lock(_, let never)? = request(#"{"op":"lock","resource":"a","wait":0}"#)?
                .operation
        else {
            Issue.record("not locks")
            return
        }
        #expect(forEver == nil)
        #expect(never == .zero)
    }

    @Test func `steal reads grace, force and its reason`() throws {
        let line = #"{"op":"steal","resource":"a","reason":"r","grace":300,"force":true,"lease":1}"#
        guard case .steal(let request, let steal)? = request(line)?.operation else {
            Issue.record("not a steal")
            return
        }
        #expect(steal == Steal(grace: .seconds(300), force: true))
        #expect(request.lease == .seconds(1))
        #expect(request.details?.reason == "r")
        guard
            case .steal(_, let plain)? = HoldfastWireTests.request(
                #"{"op":"steal","resource":"a","reason":"r"}"#
            )?.operation
        else {
            Issue.record("not a steal")
            return
        }
        #expect(plain == Steal(grace: .zero, force: false))
    }

    @Test func `the operations on a ticket name it, and its resource where given`() throws {
        let fields = #""ticket":"\#(Sample.ticketText)","resource":"a/b""#
        let reference = TicketReference(ticket: Sample.ticket, resource: try path("a/b"))
        guard
            case .acquire(let acquired, let wait)? =
                request(#"{"op":"acquire",\#(fields),"wait":2.5}"#)?.operation,
            case .status(let status)? = request(#"{"op":"status",\#(fields)}"#)?.operation,
            case .renew(let renewed, let lease)? =
                request(#"{"op":"renew",\#(fields),"lease":60}"#)?.operation,
            case .release(let released, let reason)? =
                request(#"{"op":"release",\#(fields),"reason":"done"}"#)?.operation,
            case .checkTicket(let checked)? = request(#"{"op":"check",\#(fields)}"#)?.operation
        else {
            Issue.record("one of them is something else")
            return
        }
        #expect([acquired, status, renewed, released, checked].allSatisfy { $0 == reference })
        #expect(wait == .milliseconds(2_500))
        #expect(lease == .seconds(60))
        #expect(reason == "done")
    }

    @Test func `what is optional on a ticket's operations is nil without it`() throws {
        let fields = #""ticket":"\#(Sample.ticketText)""#
        guard
            case .acquire(let reference, nil)? =
                request(#"{"op":"acquire",\#(fields)}"#)?.operation,
            case .renew(_, nil)? = request(#"{"op":"renew",\#(fields)}"#)?.operation,
            case .release(_, nil)? = request(#"{"op":"release",\#(fields)}"#)?.operation
        else {
            Issue.record("one of them is something else")
            return
        }
        #expect(reference == TicketReference(ticket: Sample.ticket))
    }

    @Test(arguments: [
        "", "x", "AAAAAAAAAAEAAAACAwAAAAQAAAA", "AAAAAAAAAAEAAAACAwAAAAQAAAAFA",
        "AAAAAAAAAAEAAAACAwAAAAQAAA+F", "éAAAAAAAAAEAAAACAwAAAAQAAAF", #"\u0000"#,
    ])
    func `a text that no ticket can have is a reference to none`(text: String) throws {
        guard
            case .status(let reference)? =
                request(#"{"op":"status","ticket":"\#(text)"}"#)?.operation
        else {
            Issue.record("refused")
            return
        }
        #expect(reference.ticket == nil)
    }

    @Test func `a ticket written with escapes is the same ticket`() throws {
        let escaped = #"\u0041"# + Sample.ticketText.dropFirst()
        guard
            case .status(let reference)? =
                request(#"{"op":"status","ticket":"\#(escaped)"}"#)?.operation
        else {
            Issue.record("refused")
            return
        }
        #expect(reference.ticket == Sample.ticket)
    }

    @Test func `check asks for a fence of a resource`() throws {
        let line = #"{"op":"check","resource":"a","fence":9007199254740991}"#
        guard case .checkFence(let resource, let fence)? = request(line)?.operation else {
            Issue.record("not a check")
            return
        }
        #expect(resource == (try path("a")))
        #expect(fence == Fence(number: 9_007_199_254_740_991))
    }

    @Test func `list, history and clear read their pages and reasons`() throws {
        guard
            case .list(let listed, let page)? =
                request(#"{"op":"list","resource":"a","limit":1000,"after":7}"#)?.operation,
            case .list(_, let plain)? = request(#"{"op":"list","resource":"a"}"#)?.operation,
            case .history(let remembered, let limit)? =
                request(#"{"op":"history","resource":"b","limit":1}"#)?.operation,
            case .history(_, let plainLimit)? =
                request(#"{"op":"history","resource":"b"}"#)?.operation,
            case .clear(let cleared, let reason)? =
                request(#"{"op":"clear","resource":"c","reason":"r"}"#)?.operation
        else {
            Issue.record("one of them is something else")
            return
        }
        #expect(listed.text + remembered.text + cleared.text == "abc")
        #expect(page == ListPage(limit: 1_000, after: 7))
        #expect(plain == ListPage(limit: 100, after: 0))
        #expect(limit == 1)
        #expect(plainLimit == 64)
        #expect(reason == "r")
    }

    @Test func `resources reads its page and order`() throws {
        guard case .resources(let all)? = request(#"{"op":"resources"}"#)?.operation,
            case .resources(let page)? = request(
                #"{"op":"resources","prefix":"a","limit":2,"after":"a/b"}"#
            )?.operation,
            case .resources(let byQueue)? =
                request(#"{"op":"resources","sort":"queue"}"#)?.operation,
            case .resources(let byWait)? = request(#"{"op":"resources","sort":"wait"}"#)?.operation
        else {
            Issue.record("one of them is something else")
            return
        }
        #expect(all.prefix == nil && all.after == nil && all.limit == 100 && all.order == .path)
        #expect(page.prefix?.text == "a" && page.after?.text == "a/b" && page.limit == 2)
        #expect(byQueue.order == .queue)
        #expect(byWait.order == .wait)
    }

    @Test func `watch takes a resource, a prefix or neither`() throws {
        guard case .watch(let everything)? = request(#"{"op":"watch"}"#)?.operation,
            case .watch(let one)? = request(#"{"op":"watch","resource":"a"}"#)?.operation,
            case .watch(let some)? = request(#"{"op":"watch","prefix":"a"}"#)?.operation,
            case .unwatch(let number)? = request(#"{"op":"unwatch","watch":3}"#)?.operation
        else {
            Issue.record("one of them is something else")
            return
        }
        #expect(everything == .everything)
        #expect(one == .resource(try path("a")))
        #expect(some == .prefix(try path("a")))
        #expect(number == 3)
    }

    @Test func `the operations without fields are what they are called`() {
        guard case .ping? = request(#"{"op":"ping"}"#)?.operation,
            case .bye? = request(#"{"op":"bye"}"#)?.operation,
            case .stats? = request(#"{"op":"stats"}"#)?.operation,
            case .drain(nil, false)? = request(#"{"op":"drain"}"#)?.operation,
            case .drain("r"?, true)? =
                request(#"{"op":"drain","reason":"r","off":true}"#)?.operation
        else {
            Issue.record("one of them is something else")
            return
        }
    }

    @Test func `hello reads who comes and what session it wants`() throws {
        let line = #"""
            {"op":"hello","version":1,"client":"c","token":"t","session":{"grace":0.1},
            "resume":{"session":"AAAAAAAAAAB","secret":"s"}}
            """#
        guard case .hello(let hello)? = request(line)?.operation else {
            Issue.record("not a hello")
            return
        }
        #expect(hello.version == 1)
        #expect(hello.client == "c")
        #expect(hello.token == "t")
        #expect(hello.sessionGrace == .milliseconds(100))
        #expect(hello.resume?.session == SessionID(bits: 1))
        #expect(hello.resume?.secret == "s")
    }

    @Test func `a session without a grace has the default, no session has none`() throws {
        guard
            case .hello(let with)? =
                request(#"{"op":"hello","version":1,"session":{}}"#)?.operation,
            case .hello(let null)? =
                request(#"{"op":"hello","version":1,"session":{"grace":null}}"#)?.operation,
            case .hello(let without)? = request(#"{"op":"hello","version":1.0}"#)?.operation
        else {
            Issue.record("not a hello")
            return
        }
        #expect(with.sessionGrace == .seconds(10))
        #expect(null.sessionGrace == .seconds(10))
        #expect(without.sessionGrace == nil)
        #expect(without.resume == nil)
    }

    @Test func `a session text that names none is nil`() throws {
        let line = #"{"op":"hello","version":1,"resume":{"session":"nobody","secret":""}}"#
        guard case .hello(let hello)? = request(line)?.operation else {
            Issue.record("not a hello")
            return
        }
        #expect(hello.resume != nil)
        #expect(hello.resume?.session == nil)
    }

    @Test func `the operation may come after its fields`() throws {
        let line = #"{"wait":1,"lease":2,"resource":"a","priority":3,"op":"lock","id":"z"}"#
        guard case .lock(let lock, let wait)? = request(line)?.operation else {
            Issue.record("not a lock")
            return
        }
        #expect(wait == .seconds(1))
        #expect(lock == TicketRequest(resource: try path("a"), lease: .seconds(2), priority: 3))
        #expect(request(line)?.id == .text("z"))
    }

    @Test func `names and words may be written with escapes`() throws {
        let line =
            #"{"\u0069d":5,"\u006fp":"qu\u0065ue","resourc\u0065":"a\/b","mode":"sh\u0061red"}"#
        let decoded = try #require(request(line))
        #expect(decoded.id == .number(5))
        guard case .queue(let request) = decoded.operation else {
            Issue.record("not a queue")
            return
        }
        #expect(request == TicketRequest(resource: try path("a/b"), mode: .shared))
    }

    @Test func `null is the same as absent for every field`() throws {
        let fields = FieldName.allCases.filter { ![.op, .resource].contains($0) }
        let nulls = fields.map { "\"\($0.text)\":null" }.joined(separator: ",")
        let decoded = try #require(request(#"{"op":"queue","resource":"a",\#(nulls)}"#))
        guard case .queue(let request) = decoded.operation else {
            Issue.record("not a queue")
            return
        }
        #expect(decoded.id == .absent)
        #expect(request == TicketRequest(resource: try path("a")))
    }

    @Test func `every operation and field is found by its name alone`() throws {
        for name in OperationName.allCases {
            // Whatever it misses, it is known.
            let code = refused(#"{"op":"\#(name.text)"}"#)?.refusal.code
            #expect(code == nil || code == .badRequest)
            for wrong in [name.text.uppercased(), name.text + "x", String(name.text.dropLast())] {
                let code = refused(#"{"op":"\#(wrong)"}"#)?.refusal.code
                #expect(code == .unknownOperation || wrong == "watc")
            }
        }
    }

    @Test(arguments: [
        "", "nope", "a-very-long-name-that-no-operation-has", "LOCK", "lock ", "löck", #"\u0000"#,
    ])
    func `another operation is unknown_op`(name: String) {
        let line = refused(#"{"id":3,"op":"\#(name)","resource":1,"resource":2}"#)
        #expect(line?.refusal.code == .unknownOperation)
        #expect(line?.id == .number(3))
    }
}
