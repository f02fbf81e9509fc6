// What an operator says of people and courses, as profiles show it: applications that are no users, names that people
// go by, courses and gadgets that do not exist.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

/// A user with a name for people, and an application.
private let people = """
    {"role":"all","rights":["lock:**","read:**"]}
    {"name":"ann","display":"Ann Smith","token":"\(hashText(of: "ann"))","roles":["all"]}
    {"name":"robot","kind":"application","token":"\(hashText(of: "robot"))","roles":["all"]}
    """

private func server() throws -> VirtualServer {
    let table = try AccessTable(parsing: people)
    let authority = TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
    var http = HTTPSetting()
    http.atLockMounts = [AtLockMount(.nick), AtLockMount(.plone, segments: ["plone"])]
    return VirtualServer(authority: authority, http: http)
}

private func gadget(_ gadget: String, of course: String) -> String {
    #"{"type":"gadget","subject":{"courseId":"\#(course)","gadgetId":"\#(gadget)"}}"#
}

struct ListedTests {
    @Test func `a lock of Versal is for users, a look is for everybody`() async throws {
        let server = try server()
        let client = HTTPTalker(MemoryTalker(server.connectHTTP()))
        let robot = ["SID: robot"]
        let refused = try await client.ask("POST", "/locks", gadget("g", of: "c"), fields: robot)
        #expect(refused.short == #"401 {"error":401,"message":"Invalid credentials"}"#)
        let ann = ["SID: ann"]
        #expect(
            try await client.ask("POST", "/locks", gadget("g", of: "c"), fields: ann).status == 201
        )
        let seen = try await client.ask("GET", "/locks?subject.courseId=c", fields: robot)
        #expect(seen.status == 200)
    }

    @Test(arguments: ["/page/@lock", "/plone/page/@lock"])
    func `a lock shows the name that people go by`(path: String) async throws {
        let server = try server()
        let client = HTTPTalker(MemoryTalker(server.connectHTTP()))
        let lock = try await client.ask("POST", path, fields: [bearer("ann")])
        #expect(lock.json["creator"]?.string == "ann")
        #expect(lock.json["creator_name"]?.string == "Ann Smith")
    }

    @Test func `a course or gadget that is not listed does not exist`() async throws {
        try await Place.inMemory {
            for text in ["open", "closed/g1"] {
                let isListed = $0.http.versalCatalog.add(text)
                #expect(isListed)
            }
        } body: { house in
            let client = try await house.http()
            func post(_ name: String, _ course: String) async throws -> String {
                let body = gadget(name, of: course)
                return try await client.ask("POST", "/locks", body, fields: ["SID: ann"]).short
            }
            func list(_ course: String) async throws -> String {
                let target = "/locks?subject.courseId=\(course)"
                return try await client.ask("GET", target, fields: ["SID: ann"]).short
            }
            let noCourse = #"404 {"error":404,"message":"Course 'other' not found"}"#
            #expect(try await post("g1", "other") == noCourse)
            #expect(try await list("other") == noCourse)
            #expect(
                try await post("g2", "closed")
                    == #"404 {"error":404,"message":"Gadget 'g2' not found"}"#
            )
            #expect(try await post("g1", "closed").hasPrefix("201"))
            #expect(try await post("anything", "open").hasPrefix("201"))
            #expect(try await list("closed") == "200 []")
        }
    }
}
