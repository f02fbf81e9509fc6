// The native API against HTTP §1: every route, every status, and the fields as the protocol has them.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

@Suite struct NativeRouteTests {
    @Test(arguments: Place.allCases)
    func `a ticket lives its life over HTTP`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.http()
            let made = try await client.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"deploy/prod","lease":20}"#
            )
            #expect(made.status == 201)
            #expect(made["Content-Type"] == "application/json")
            #expect(made.json["state"]?.string == "acquired")
            #expect(made.json["lease"]?.integer == 20)
            #expect(made.json["ok"] == nil)
            #expect(made.json["id"] == nil)
            let ticket = try #require(made.json["ticket"]?.string)
            #expect(made["Location"] == "/v1/tickets/\(ticket)")

            let status = try await client.ask("GET", "/v1/tickets/\(ticket)")
            #expect(status.status == 200)
            #expect(status.json["owner"]?.string == "anonymous")

            let polled = try await client.ask("POST", "/v1/tickets/\(ticket)/acquire")
            #expect(polled.json["acquired"]?.bool == true)

            let renewed = try await client.ask(
                "POST",
                "/v1/tickets/\(ticket)/renew",
                #"{"lease":40}"#
            )
            #expect(renewed.json["lease"]?.integer == 40)
            let again = try await client.ask("POST", "/v1/tickets/\(ticket)/renew")
            #expect(again.json["lease"]?.integer == 40)

            let list = try await client.ask("GET", "/v1/resources/deploy/prod")
            #expect(list.json["holderCount"]?.integer == 1)
            let encoded = try await client.ask("GET", "/v1/resources/deploy%2Fprod")
            #expect(encoded.json["resource"]?.string == "deploy/prod")

            let released = try await client.ask(
                "DELETE",
                "/v1/tickets/\(ticket)",
                #"{"reason":"done"}"#
            )
            #expect(released.json["ended"]?.string == "released")
            let twice = try await client.ask("DELETE", "/v1/tickets/\(ticket)")
            #expect(twice.json["already"]?.bool == true)

            let history = try await client.ask("GET", "/v1/history/deploy/prod?limit=1")
            #expect(history.json["history"]?[0]?["event"]?.string == "released")
            #expect(history.json["history"]?[1] == nil)
        }
    }

    @Test(arguments: Place.allCases)
    func `a queued ticket is told its place and waits for its turn`(place: Place) async throws {
        try await place.with { house in
            let (one, other) = (try await house.http(), try await house.http())
            let first = try await one.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"a"}"#,
                fields: [bearer("ann")]
            )
            let ticket = try #require(first.json["ticket"]?.string)
            let second = try await other.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"a","key":"k"}"#,
                fields: [bearer("bob")]
            )
            #expect(second.status == 202)
            #expect(second.json["position"]?.integer == 1)
            let waiting = try #require(second.json["ticket"]?.string)

            let again = try await other.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"a","key":"k"}"#,
                fields: [bearer("bob")]
            )
            #expect(again.status == 200)
            #expect(again.json["existing"]?.bool == true)

            let poll = try await other.ask(
                "POST",
                "/v1/tickets/\(waiting)/acquire?wait=0",
                fields: [bearer("bob")]
            )
            #expect(poll.json["acquired"]?.bool == false)

            other.post(
                request("POST", "/v1/tickets/\(waiting)/acquire?wait=20", fields: [bearer("bob")])
            )
            other.talker.letServerRead()
            let strange = try await one.ask(
                "DELETE",
                "/v1/tickets/\(ticket)",
                fields: [bearer("eve")]
            )
            #expect(strange.status == 200 || strange.status == 403)
            if strange.status == 403 {
                _ = try await one.ask("DELETE", "/v1/tickets/\(ticket)", fields: [bearer("ann")])
            }
            #expect(await other.response()?.json["acquired"]?.bool == true)
        }
    }

    @Test(arguments: [
        ("POST", "/v1/tickets", #"{"resource":"held","maxWait":0}"#, 409, "conflict"),
        ("POST", "/v1/locks?wait=0", #"{"resource":"held"}"#, 409, "conflict"),
        ("POST", "/v1/locks?wait=301", #"{"resource":"held"}"#, 400, "bad_request"),
        ("POST", "/v1/locks?wait=x", #"{"resource":"held"}"#, 400, "bad_request"),
        ("POST", "/v1/locks?wait=-1", #"{"resource":"held"}"#, 400, "bad_request"),
        ("POST", "/v1/tickets", #"{"resource":"a","bind":"session"}"#, 400, "bad_request"),
        ("POST", "/v1/tickets", "", 400, "bad_request"),
        ("POST", "/v1/tickets", "[]", 400, "bad_request"),
        ("POST", "/v1/tickets", #"{"resource":"/a"}"#, 400, "bad_request"),
        ("POST", "/v1/tickets", #"{"resource":"a","resource":"b"}"#, 400, "bad_request"),
        ("POST", "/v1/tickets", #"{"resource":"a","lease":0}"#, 400, "bad_request"),
        ("POST", "/v1/tickets?resource=b", #"{"resource":"a"}"#, 400, "bad_request"),
        ("POST", "/v1/tickets", #"{"resource":"held","mode":"permit","of":2}"#, 202, nil),
        ("POST", "/v1/steal", #"{"resource":"held"}"#, 400, "bad_request"),
        ("POST", "/v1/steal", #"{"resource":"held","reason":"x"}"#, 403, "not_stealable"),
        ("POST", "/v1/steal", #"{"resource":"held","reason":"x","force":true}"#, 201, nil),
        ("GET", "/v1/tickets/nonsense", nil, 404, "not_found"),
        ("GET", "/v1/tickets/AAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, 404, "not_found"),
        ("DELETE", "/v1/tickets/AAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, 404, "not_found"),
        ("POST", "/v1/tickets/AAAAAAAAAAAAAAAAAAAAAAAAAAAA/renew", nil, 404, "not_found"),
        ("GET", "/v1/resources/a//b", nil, 400, "bad_request"),
        ("GET", "/v1/resources/%2e%2e", nil, 400, "bad_request"),
        ("GET", "/v1/resources/%ff", nil, 400, "bad_request"),
        ("GET", "/v1/resources?prefix=%ff", nil, 400, "bad_request"),
        ("GET", "/v1/resources?limit=0", nil, 400, "bad_request"),
        ("GET", "/v1/resources?limit=many", nil, 400, "bad_request"),
        ("GET", "/v1/resources?sort=size", nil, 400, "bad_request"),
        ("GET", "/v1/resources/free", nil, 200, nil),
        ("DELETE", "/v1/resources/free", nil, 200, nil),
        ("GET", "/v1/check", nil, 403, "bad_request"),
        ("GET", "/v1/check?resource=held&fence=x", nil, 403, "bad_request"),
        ("GET", "/v1/check?resource=held", nil, 403, "bad_request"),
        ("GET", "/v1/check?resource=held&fence=1", nil, 403, "forbidden"),
        ("GET", "/v1/check?ticket=AAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, 403, "not_found"),
        ("PUT", "/v1/tickets", nil, 405, "bad_request"),
        ("GET", "/v1/nothing", nil, 404, "not_found"),
        ("GET", "/v2/tickets", nil, 404, "not_found"),
    ])
    func `every case has its status and its code`(
        method: String,
        target: String,
        body: String?,
        status: Int,
        code: String?
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let holder = #"{"resource":"held","reason":"migration","holder":"ci-7"}"#
            _ = try await client.ask("POST", "/v1/tickets", holder, fields: [bearer("ann")])
            let response = try await client.ask(method, target, body)
            #expect(response.status == status)
            #expect(response.json["code"]?.string == code)
            #expect(try DocumentedAnswers().flaws(of: response, to: method, target) == [])
            if let code {
                #expect(response["Content-Type"] == "application/problem+json")
                #expect(response.json["detail"] == response.json["message"])
                let isRetryable = response.json["retryable"]?.bool
                #expect(isRetryable == ErrorCode(rawValue: code)?.isRetryable)
            }
            if code == "conflict" {
                #expect(response.json["holder"]?["holder"]?.string == "ci-7")
                #expect(response.json["holder"]?["ticket"] == nil)
                #expect(response.json["holders"]?.integer == 1)
            }
        }
    }

    @Test func `what nobody reads is named`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let made = try await client.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"a","maxwait":1,"id":7}"#
            )
            #expect(made.json["ignored"]?.description == #"["maxwait","id"]"#)
            let list = try await client.ask("GET", "/v1/resources?page=2&limit=1")
            #expect(list.json["ignored"]?.description == #"["page"]"#)
        }
    }

    @Test func `the place of a flaw is that in the body`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let alone = try await client.ask("POST", "/v1/tickets", #"{"resource":"a",}"#)
            #expect(alone.json["offset"]?.integer == 16)
            let merged = try await client.ask("POST", "/v1/locks?wait=1", #"{"resource":"a",}"#)
            #expect(merged.json["offset"]?.integer == 16)
        }
    }

    @Test func `methods that a path does not take are told those that it takes`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let wrong = try await client.ask("PUT", "/v1/resources/a")
            #expect(wrong["Allow"] == "GET, HEAD, DELETE, OPTIONS")
            let options = try await client.ask("OPTIONS", "/v1/tickets")
            #expect(options.status == 204)
            #expect(options["Allow"] == "POST, OPTIONS")
        }
    }

    @Test func `resources are listed page by page`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            for name in ["ci/a", "ci/b", "x"] {
                _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"\#(name)"}"#)
            }
            let page = try await client.ask("GET", "/v1/resources?prefix=ci&limit=1")
            #expect(page.json["resources"]?[0]?["resource"]?.string == "ci/a")
            #expect(page.json["next"]?.string == "ci/a")
            let next = try await client.ask("GET", "/v1/resources?prefix=ci&after=ci%2Fa")
            #expect(next.json["resources"]?[0]?["resource"]?.string == "ci/b")
            #expect(next.json["next"] == nil)
        }
    }

    @Test func `a proxy asks with a query or with fields`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let made = try await client.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let ticket = try #require(made.json["ticket"]?.string)
            let fence = try #require(made.json["fence"]?.integer)
            let current = try await client.ask("GET", "/v1/check?resource=a&fence=\(fence)")
            #expect(current.short == #"200 {"valid":true,"fence":\#(fence)}"#)
            let byFields = ["X-Holdfast-Resource: a", "X-Holdfast-Fence: \(fence)"]
            #expect(try await client.ask("GET", "/v1/check", fields: byFields).status == 200)
            for field in ["X-Holdfast-Ticket", "Lock-Token"] {
                let response = try await client.ask(
                    "GET",
                    "/v1/check",
                    fields: ["\(field): \(ticket)"]
                )
                #expect(response.status == 200)
            }
            for (query, fields, status) in [
                ("", ["X-Holdfast-Resource: a", "Lock-Token: \(ticket)"], 200),
                ("", ["X-Holdfast-Resource: b", "Lock-Token: \(ticket)"], 403),
                // Of two, the client's own could be the one that counts.
                (
                    "",
                    [
                        "X-Holdfast-Resource: a", "X-Holdfast-Resource: b",
                        "Lock-Token: \(ticket)",
                    ], 403
                ),
                ("", ["X-Holdfast-Resource: b", "X-Holdfast-Ticket: \(ticket)"], 403),
                ("?resource=a", ["Lock-Token: \(ticket)"], 200),
                ("?resource=a", ["X-Holdfast-Fence:", "Lock-Token: \(ticket)"], 200),
                ("?resource=b", ["Lock-Token: \(ticket)"], 403),
                ("?resource=a", ["X-Holdfast-Fence: \(fence)"], 200),
                // What the proxy asks counts, whatever its client says.
                ("?resource=a&fence=1", ["X-Holdfast-Fence: \(fence)"], 403),
                ("?resource=a&fence=1", ["Lock-Token: \(ticket)"], 403),
                ("?resource=b", ["X-Holdfast-Resource: a", "Lock-Token: \(ticket)"], 403),
                ("?ticket=\(ticket)", ["X-Holdfast-Resource: b"], 403),
                ("", ["X-Holdfast-Fence: \(fence)", "X-Holdfast-Ticket: \(ticket)"], 403),
            ] {
                let asked = try await client.ask("GET", "/v1/check" + query, fields: fields)
                #expect(asked.status == status, "\(query) \(fields)")
            }
            _ = try await client.ask("DELETE", "/v1/tickets/\(ticket)")
            let stale = try await client.ask("GET", "/v1/check?resource=a&fence=\(fence)")
            #expect(stale.status == 403)
            #expect(stale.json["valid"]?.bool == false)
            #expect(try await client.ask("GET", "/v1/check?ticket=\(ticket)").status == 403)
        }
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `a proxy may ask with the method and the body of what it holds`(
        method: String
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let made = try await client.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let ticket = try #require(made.json["ticket"]?.string)
            let other = #"{"ticket":"none","resource":"b"}"#
            for (fields, status) in [
                (["X-Holdfast-Ticket: \(ticket)"], 200), (["X-Holdfast-Ticket: none"], 403),
                // It changes nothing, and the page that asks the proxy is not asked by this server who it is.
                (["X-Holdfast-Ticket: \(ticket)", "Sec-Fetch-Site: cross-site"], 200),
                (["X-Holdfast-Ticket: \(ticket)", "Origin: http://evil.example.com"], 200),
            ] {
                for body in [nil, "", "x", "{", "[]", other] {
                    let asked = try await client.ask(method, "/v1/check", body, fields: fields)
                    #expect(asked.status == status, "\(fields) \(body ?? "-"): \(asked.short)")
                }
            }
            let options = try await client.ask("PROPFIND", "/v1/check")
            #expect(options["Allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
        }
    }

    @Test(arguments: ["/v1/check/", "/v1/check/doc", "/v1/check/a/b%2Fc/", "/v1/check//%ff"])
    func `a proxy may ask with the path of what it holds, and then its client says nothing`(
        path: String
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let made = try await client.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let ticket = try #require(made.json["ticket"]?.string)
            let fence = try #require(made.json["fence"]?.integer)
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                for (query, fields, status) in [
                    ("", ["X-Holdfast-Resource: a", "X-Holdfast-Fence: \(fence)"], 200),
                    ("?resource=b&fence=1&x=%ff", ["X-Holdfast-Ticket: \(ticket)"], 200),
                    ("?ticket=\(ticket)", [], 403),
                    ("?ticket=\(ticket)", ["X-Holdfast-Resource: b", "X-Holdfast-Fence: 1"], 403),
                    ("?resource=a&fence=\(fence)", ["X-Holdfast-Resource: b"], 403),
                ] {
                    let asked = try await client.ask(method, path + query, fields: fields)
                    #expect(asked.status == status, "\(method) \(query) \(fields)")
                }
            }
        }
    }

    @Test
    func `a lock that waits is granted when its turn comes, and TCP stands in the same queue`()
        async throws
    {
        try await Place.inMemory { house in
            let line = try await house.connect()
            let held = try JSONValue(parsing: await line.ask(#"{"op":"queue","resource":"a"}"#))
            let ticket = try #require(held["ticket"]?.string)
            let client = try await house.http()
            client.post(
                request("POST", "/v1/locks?wait=60", #"{"resource":"a"}"#, fields: [bearer("bob")])
            )
            #expect(await client.response() == nil)
            await house.pass(.seconds(10))
            _ = await line.ask(#"{"op":"release","ticket":"\#(ticket)"}"#)
            let granted = try #require(await client.response())
            #expect(granted.status == 201)
            #expect(granted.json["waited"]?.integer == 10)
        }
    }

    @Test func `a lock that waited in vain is a conflict that says so`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"a","lease":600}"#)
            client.post(request("POST", "/v1/locks", #"{"resource":"a"}"#))
            await house.pass(.seconds(29))
            #expect(await client.response() == nil)
            await house.pass(.seconds(2))
            let response = try #require(await client.response())
            #expect(response.status == 409)
            #expect(response.json["code"]?.string == "timed_out")
        }
    }

    @Test func `the operators' questions are answered`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let ready = try await client.ask("GET", "/readyz")
            #expect(
                ready.short == #"200 {"ready":true,"checks":{"recovered":true,"accepting":true}}"#
            )
            let version = try await client.ask("GET", "/version")
            #expect(version.json["node"]?.string == "virtual")
            let metrics = try await client.ask("GET", "/metrics")
            #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body.contains("\nholdfast_connections 1\n"))
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"drain"}"#)
            let draining = try await client.ask("GET", "/readyz")
            #expect(draining.status == 503)
            #expect(draining["Retry-After"] == "1")
            let refused = try await client.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            #expect(refused.status == 503)
            #expect(refused.json["code"]?.string == "draining")
        }
    }
}
