// `GET /v1/rights`: what a page needs to know before it offers something.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

private let people = """
    {"role":"ci","rights":["lock:ci/**","steal:ci/**","read:**"]}
    {"name":"ann","token":"\(hashText(of: "ann"))","roles":["ci"]}
    """

struct RightsRouteTests {
    private func server() throws -> VirtualServer {
        let table = try AccessTable(parsing: people)
        let authority = TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        return VirtualServer(authority: authority)
    }

    private func answer(to target: String, token: String?) async throws -> HTTPResponse {
        let server = try server()
        let client = HTTPTalker(MemoryTalker(server.connectHTTP()))
        return try await client.ask("GET", target, fields: token.map { [bearer($0)] } ?? [])
    }

    @Test func `a caller is told who it is and what its rights are`() async throws {
        let answer = try await answer(to: "/v1/rights", token: "ann")
        #expect(answer.status == 200)
        #expect(answer.json["principal"]?.string == "ann")
        #expect(
            answer.json["rights"]?.description == #"["lock:ci/**","steal:ci/**","read:**"]"#
        )
        #expect(answer.json["here"] == nil)
    }

    @Test(arguments: [
        ("ci/a", #"["lock","read","steal"]"#), ("deploy/prod", #"["read"]"#), ("ci2", #"["read"]"#),
    ])
    func `a right is told where it holds, and nowhere else`(
        path: String,
        here: String
    ) async throws {
        let answer = try await answer(to: "/v1/rights?resource=\(path)", token: "ann")
        #expect(answer.json["resource"]?.string == path)
        #expect(answer.json["here"]?.description == here)
    }

    @Test(arguments: ["?resource=", "?resource=a//b", "?resource=a&resource=b", "?resource=%zz"])
    func `what is no path is a bad request`(query: String) async throws {
        let answer = try await answer(to: "/v1/rights" + query, token: "ann")
        #expect(answer.status == 400)
        #expect(answer.json["code"]?.string == "bad_request")
    }

    @Test func `nobody is told of rights before saying who asks`() async throws {
        #expect(try await answer(to: "/v1/rights", token: nil).status == 401)
    }
}
