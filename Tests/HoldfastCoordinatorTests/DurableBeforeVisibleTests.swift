// Rule 26: nothing is told to anybody before it is durable. A journal in the test's hand shows the
// order.

import HoldfastJournal
import HoldfastSimulation
import Testing

struct DurableBeforeVisibleTests {
    @Test func `rule 26: a grant is told when its batch is durable, not before`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let client = server.connect()
        #expect(client.send(#"{"id":1,"op":"queue","resource":"a"}"#) == [])
        #expect(journal.waitingBatch?.entries.count == 1)
        journal.accept()
        let lines = client.lines()
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""state":"acquired""#) == true)
    }

    @Test func `rule 26: a read waits for what it shows`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let (holder, reader) = (server.connect(), server.connect())
        #expect(holder.send(#"{"op":"queue","resource":"a"}"#) == [])
        #expect(reader.send(#"{"id":2,"op":"list","resource":"a"}"#) == [])
        journal.accept()
        #expect(reader.lines().first?.contains(#""holderCount":1"#) == true)
    }

    /// The simulation saw a watcher told of a ticket that the next server did not know.
    @Test func `rule 26: a watcher hears nothing of a batch that the journal refused`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let (asker, watcher) = (server.connect(), server.connect())
        #expect(watcher.send(#"{"id":1,"op":"watch"}"#) == [#"{"id":1,"ok":true,"watch":1}"#])
        #expect(asker.send(#"{"id":1,"op":"queue","resource":"a"}"#) == [])
        journal.refuse(.failed("no such disk"))
        #expect(watcher.lines() == [#"{"event":"goodbye","reason":"unavailable"}"#])
        #expect(asker.lines().first?.contains(#""code":"unavailable""#) == true)
    }

    @Test func `what is decided while a batch is under way travels together in the next`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let clients = (0..<3).map { _ in server.connect() }
        for (index, client) in clients.enumerated() {
            client.send(#"{"op":"queue","resource":"r\#(index)"}"#)
        }
        #expect(journal.waitingBatch?.entries.count == 1)
        journal.accept()
        #expect(clients[0].lines().count == 1)
        #expect(journal.waitingBatch?.entries.count == 2)
        #expect(clients[1].lines() == [])
        journal.accept()
        #expect(clients[1].lines().count == 1)
        #expect(clients[2].lines().count == 1)
    }

    @Test func `a journal that fails makes every waiting request unavailable`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let client = server.connect()
        client.send(#"{"id":1,"op":"queue","resource":"a"}"#)
        journal.refuse(.failed("no such disk"))
        #expect(client.lines().first?.contains(#""code":"unavailable""#) == true)
        #expect(client.isAtEnd)
    }

    @Test func `a full disk says so`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let client = server.connect()
        client.send(#"{"id":1,"op":"queue","resource":"a"}"#)
        journal.refuse(.storageFull)
        #expect(client.lines().first?.contains("disk is full") == true)
    }

    @Test func `the numbers of a many-shard question wait for every shard`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let client = server.connect()
        client.send(#"{"op":"queue","resource":"a"}"#)
        let reader = server.connect()
        #expect(reader.send(#"{"op":"stats"}"#) == [])
        journal.accept()
        #expect(reader.lines().first?.contains(#""held":1"#) == true)
    }

    /// A session that came back from a crash without its tickets would be resumed, and its client trust them again.
    @Test func `rule 5: tickets of a session end when its own end is durable, not before`() {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let client = server.connect()
        client.send(#"{"op":"hello","version":1,"session":{}}"#)
        journal.accept()
        client.send(#"{"op":"queue","resource":"a"}"#)
        journal.accept()
        #expect(client.lines().first?.contains(#""state":"acquired""#) == true)
        #expect(client.send(#"{"op":"bye"}"#) == [])
        #expect(journal.waitingBatch?.entries.map(\.isOfSession) == [true])
        journal.accept()
        #expect(client.lines() == [])
        #expect(journal.waitingBatch?.entries.map(\.isOfSession) == [false])
        journal.accept()
        #expect(client.lines().first == #"{"ok":true}"#)
    }
}

extension JournalEntry {
    fileprivate var isOfSession: Bool {
        if case .session = self { true } else { false }
    }
}
