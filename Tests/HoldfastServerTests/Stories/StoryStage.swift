// Where a story is played: a server in memory, a clock that jumps, and clients that say what the story wants. What
// comes out is the story again, with what clients were really told; the test compares the two as texts, so that
// what comes too early, too late, to the wrong one or not at all is seen as well as what comes wrong.

import HoldfastJournal
import HoldfastModel
import HoldfastSimulation

/// Plays one story.
final class StoryStage {
    private let world = VirtualWorld()
    private let journal = StoryJournal()
    private let settings: StorySettings
    private let loopCount: Int
    private var server: VirtualServer?
    private var startCount = 0
    private var connectionCount = 0
    /// In the order in which the story brings them in, which is that of the transcript where several are told
    /// something at once.
    private var guests: [Guest] = []
    private var book = NameBook()
    private var transcript: [String] = []

    /// Somebody of the story.
    private struct Guest {
        var name: Story.Name
        /// Nil between two connections.
        var client: VirtualClient?
        var reads = true
    }

    private init(_ settings: StorySettings, loopCount: Int) {
        self.settings = settings
        self.loopCount = loopCount
    }

    /// The lines of the story as they should be.
    static func play(_ story: Story, loopCount: Int) throws(StoryFlaw) -> [String] {
        let stage = StoryStage(story.settings, loopCount: loopCount)
        stage.start()
        for line in story.lines {
            do throws(Story.Misread) {
                try stage.play(line)
            } catch {
                throw StoryFlaw(line: line.number, message: error.message)
            }
        }
        return stage.transcript
    }

    private func play(_ line: Story.Line) throws(Story.Misread) {
        switch line.kind {
        case .told:
            return
        case .remark, .setting:
            transcript.append(line.text)
        case .act(.pass(let interval)):
            pass(interval, saying: line.text)
        case .act(let act):
            transcript.append(line.text)
            let isBreath = try perform(act)
            if !isBreath { transcript += hear() }
        }
    }

    /// Whether more is to happen before the server sees it.
    private func perform(_ act: Story.Act) throws(Story.Misread) -> Bool {
        switch act {
        case .connect(let name, let reads): try connect(name, reads: reads)
        case .send(let name, let text, let ending):
            let client = try client(of: name)
            let text = try book.spelled(text)
            client.post(bytes: Array(text.utf8) + (ending == .nothing ? [] : [0x0a]))
            return ending == .breath
        case .read(let name):
            _ = try client(of: name)
            for index in guests.indices where guests[index].name == name {
                guests[index].reads = true
            }
        case .finish(let name): try client(of: name).finishWriting()
        case .vanish(let name): try leave(name) { $0.vanish() }
        case .close(let name): try leave(name) { $0.close() }
        case .pass: preconditionFailure("time passes by way of `pass`")
        case .freeze(let interval): world.freeze(for: interval)
        case .jumpWall(let interval): world.jumpWall(by: interval.nanoseconds / 1_000)
        case .kill:
            journal.crash()
            try running().kill()
            server = nil
        case .stop: try running().stop()
        case .start:
            guard server?.isOver != false else { throw Story.Misread("the server still runs") }
            start()
        case .disk(let disk): journal.become(disk)
        }
        return false
    }
}

// MARK: - The server

extension StoryStage {
    private func start() {
        startCount += 1
        server = VirtualServer(
            world: world,
            loopCount: loopCount,
            limits: settings.limits,
            retain: settings.retain,
            journal: journal,
            seed: UInt64(startCount * 100 + loopCount),
            authority: settings.authority
        )
    }

    private func running() throws(Story.Misread) -> VirtualServer {
        guard let server, !server.isOver else { throw Story.Misread("no server runs") }
        return server
    }

    /// Lets time pass; cuts it where somebody is told something.
    private func pass(_ interval: Interval, saying text: String) {
        let end = world.reading.now + interval
        var since = world.reading.now
        while let deadline = world.nextDeadline, deadline < end {
            world.advance(by: max(.zero, deadline - world.reading.now))
            let heard = hear()
            guard !heard.isEmpty else { continue }
            transcript.append("-- \((world.reading.now - since).storyText)")
            transcript += heard
            since = world.reading.now
        }
        world.advance(by: end - world.reading.now)
        let rest = end - since
        transcript.append(rest == interval ? text : "-- \(rest.storyText)")
        transcript += hear()
    }
}

// MARK: - The clients

extension StoryStage {
    private func connect(_ name: Story.Name, reads: Bool) throws(Story.Misread) {
        let server = try running()
        guard guests.first(where: { $0.name == name })?.client == nil else {
            throw Story.Misread("\(name) is connected already")
        }
        let client = server.connect(
            toLoop: connectionCount,
            replyCapacity: reads ? nil : Self.narrowBytes
        )
        connectionCount += 1
        let guest = Guest(name: name, client: client, reads: reads)
        if let index = guests.firstIndex(where: { $0.name == name }) {
            guests[index] = guest
        } else {
            guests.append(guest)
        }
    }

    /// What a connection holds for a client that reads nothing.
    private static let narrowBytes = 512

    private func client(of name: Story.Name) throws(Story.Misread) -> VirtualClient {
        guard let client = guests.first(where: { $0.name == name })?.client else {
            throw Story.Misread("\(name) is not connected")
        }
        return client
    }

    private func leave(
        _ name: Story.Name,
        by way: (VirtualClient) -> Void
    ) throws(Story.Misread) {
        way(try client(of: name))
        for index in guests.indices where guests[index].name == name { guests[index].client = nil }
    }

    /// What clients are told until nothing more happens.
    private func hear() -> [String] {
        var heard: [String] = []
        world.run()
        var isOver = false
        while !isOver {
            isOver = true
            for index in guests.indices where guests[index].reads {
                let lines = hear(&guests[index])
                heard += lines
                if !lines.isEmpty { isOver = false }
            }
        }
        return heard
    }

    private func hear(_ guest: inout Guest) -> [String] {
        guard let client = guest.client else { return [] }
        var heard = client.lines().map { "\(guest.name) < \(book.named($0))" }
        switch Result(catching: { () throws(StreamError) in try client.stream.read { _ in } }) {
        case .success(.bytes), .success(.wouldBlock): return heard
        case .success(.endOfInput): heard.append("\(guest.name) < (end)")
        case .failure: heard.append("\(guest.name) < (broken)")
        }
        // Nothing more will come; a client that reads so closes, too.
        client.close()
        guest.client = nil
        return heard
    }
}
