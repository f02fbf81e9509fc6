// The tree that clients look into.

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct JSONValueTests {
    @Test func `a reply is read and looked into`() throws {
        let text =
            #"{"id":1,"ok":true,"ticket":"\#(Sample.ticketText)","fence":1763683200000041,"lease":30,"#
            + #""remaining":29.999,"list":[1,"a",null],"nested":{"a":{"b":false}}}"#
        let value = try JSONValue(parsing: text)
        #expect(value["id"]?.integer == 1)
        #expect(value["ok"]?.bool == true)
        #expect(value["ticket"]?.ticketID == Sample.ticket)
        #expect(value["fence"]?.fence == Sample.fence)
        #expect(value["lease"]?.interval == .seconds(30))
        #expect(value["remaining"]?.interval == .milliseconds(29_999))
        #expect(value["list"]?[1]?.string == "a")
        #expect(value["list"]?[2]?.isNull == true)
        #expect(value["list"]?[3] == nil)
        #expect(value["nested"]?["a"]?["b"]?.bool == false)
        #expect(value["absent"] == nil)
        #expect(value.description == text)
    }

    @Test func `a value is nothing but what it is`() throws {
        let value = try JSONValue(
            parsing: #"{"n":1.5,"s":"1","t":true,"z":null,"a":[],"big":1e300}"#
        )
        #expect(value["n"]?.integer == nil)
        #expect(value["n"]?.string == nil)
        #expect(value["s"]?.integer == nil)
        #expect(value["s"]?.double == nil)
        #expect(value["s"]?.ticketID == nil)
        #expect(value["t"]?.integer == nil)
        #expect(value["z"]?.bool == nil)
        #expect(value["a"]?.members == nil)
        #expect(value["big"]?.interval == nil)
        #expect(value["big"]?.integer == nil)
        #expect(value["n"]?.fence == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(value["s"]?[0] == nil)
    }

    @Test func `members keep their order, the first of a name is found`() throws {
        let value = try JSONValue(parsing: #"{"b":1,"a":2,"b":3}"#)
        #expect(value.members?.map(\.name) == ["b", "a", "b"])
        #expect(value["b"]?.integer == 1)
    }

    @Test func `names are told apart by their bytes`() throws {
        let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{e9}"]?.integer == 1)
        #expect(value["e\u{301}"]?.integer == 2)
    }

    @Test(arguments: [
        "null", "true", "[]", "{}", "[1,2.5,\"x\"]", "-9007199254740993", "1e+100",
        #"{"a":[{"b":null}],"":"\\"}"#,
    ])
    func `what was read is written the same`(text: String) throws {
        #expect(try JSONValue(parsing: text).description == text)
    }
}
