// What commands ask the server: only what somebody set, in the protocol's names.

import HoldfastCLI
import HoldfastWire
import Testing

struct RequestFieldsTests {
    private func request<Command: SimpleCommand>(
        _ command: Command.Type,
        _ arguments: String...
    ) throws -> String {
        let settings = try ParserBench().settings(arguments)
        return JSONValue.object(try Command.fields(settings)).description
    }

    @Test func `what nobody set is left to the server`() throws {
        #expect(try request(QueueCommand.self, "queue", "a") == #"{"resource":"a"}"#)
        #expect(try request(StatsCommand.self, "stats") == "{}")
        #expect(try request(ReleaseCommand.self, "release", "T") == #"{"ticket":"T"}"#)
    }

    @Test func `every field of a ticket has its flag`() throws {
        let text = try request(
            QueueCommand.self,
            "queue",
            "a",
            "--lease",
            "1.5",
            "--mode",
            "2/5",
            "--max-wait",
            "500ms",
            "--priority",
            "3",
            "--key",
            "k",
            "--if-mine",
            "return",
            "--stealable",
            "--lock-delay",
            "2",
            "--poll-within",
            "10",
            "--holder",
            "h",
            "--reason",
            "r",
            "--meta",
            "x=1"
        )
        #expect(
            text == """
                {"resource":"a","lease":1.5,"mode":"permit","permits":2,"of":5,"priority":3,\
                "stealable":true,"lockDelay":2,"holder":"h","reason":"r","meta":{"x":"1"},\
                "maxWait":0.5,"key":"k","ifMine":"return","pollWithin":10}
                """
        )
    }

    @Test func `a lock waits as long as it was told to`() throws {
        #expect(
            try request(LockCommand.self, "lock", "a", "--wait", "3")
                == #"{"resource":"a","wait":3,"notify":"position"}"#
        )
    }

    @Test func `a steal needs a reason`() throws {
        #expect(throws: UsageError.self) { try request(StealCommand.self, "steal", "a") }
        #expect(
            try request(StealCommand.self, "steal", "a", "--reason", "r", "--grace", "2", "--force")
                == #"{"resource":"a","reason":"r","grace":2,"force":true}"#
        )
    }

    @Test func `check takes a ticket, or a resource and its fence`() throws {
        #expect(try request(CheckCommand.self, "check", "T") == #"{"ticket":"T"}"#)
        #expect(
            try request(CheckCommand.self, "check", "a", "7") == #"{"resource":"a","fence":7}"#
        )
        #expect(throws: UsageError.self) { try request(CheckCommand.self, "check", "a", "seven") }
    }

    @Test func `views pass on their page`() throws {
        #expect(
            try request(ListCommand.self, "list", "a", "--limit", "5", "--after", "10")
                == #"{"resource":"a","limit":5,"after":10}"#
        )
        #expect(
            try request(ResourcesCommand.self, "resources", "--prefix", "a", "--sort", "queue")
                == #"{"prefix":"a","sort":"queue"}"#
        )
        #expect(try request(ResourcesCommand.self, "resources", "--sort", "path") == "{}")
        #expect(try request(DrainCommand.self, "drain", "--off") == #"{"off":true}"#)
    }
}
