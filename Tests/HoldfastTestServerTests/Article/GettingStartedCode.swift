// The code of the article "Getting started", so that it compiles. What stands between `begin` and `end` is in
// the article, word for word and in this order; ArticleTests compares them and runs what can be run.

import HoldfastClient
import HoldfastTestServer
import Synchronization

/// The program around the article's lines; a value, so that closures name its functions without `self`.
struct ArticleProgram: Sendable {
    private final class Memory: Sendable {
        let said = Mutex<[String]>([])
        let stored = Mutex("")
    }

    private let memory = Memory()

    let pageCount = 3

    var log: [String] { memory.said.withLock { $0 } }

    func print(_ text: String) { memory.said.withLock { $0.append(text) } }
    func deploy(fence: Int) async throws { print("deployed") }
    func write(_ page: Int, fence: Int) async throws { print("page \(page)") }
    func readCatalog() async throws { print("read") }
    func train() async throws { print("trained") }
    func save(_ text: String) { memory.stored.withLock { $0 = text } }
    func load() -> String { memory.stored.withLock { $0 } }
}

extension ArticleProgram {
    func firstLock() async throws {
        // begin
        let client = HoldfastClient("127.0.0.1:7420")
        try await client.withLock("deploy/prod", lease: .seconds(30), wait: .seconds(10)) { lock in
            try await deploy(fence: lock.fence)
        }
        await client.close()
        // end
    }

    func scope() async throws {
        // begin
        try await HoldfastClient.withClient("127.0.0.1:7420") { client in
            try await client.withLock("deploy/prod") { lock in
                try await deploy(fence: lock.fence)
            }
        }
        // end
    }

    func loss(_ client: HoldfastClient) async throws {
        // begin
        do {
            try await client.withLock("reports/nightly") { lock in
                for page in 1...pageCount {
                    try lock.ensureHeld()
                    try await write(page, fence: lock.fence)
                }
            }
        } catch HoldfastError.lockLost(let loss) {
            print("stopped, the lock was lost: \(loss)")
        }
        // end
    }

    func refusal(_ client: HoldfastClient) async throws {
        // begin
        do {
            try await client.withLock("deploy/prod", wait: .seconds(10)) { lock in
                try await deploy(fence: lock.fence)
            }
        } catch HoldfastError.timedOut(let contention), HoldfastError.conflict(let contention) {
            print("not our turn: \(contention)")
        } catch HoldfastError.unreachable(let why) {
            print("nothing was done: \(why)")
        } catch HoldfastError.outcomeUnknown(let why) {
            print("it may have been done: \(why)")
        }
        // end
    }

    func modes(_ client: HoldfastClient) async throws {
        // begin
        try await client.withLock("catalog", mode: .shared) { _ in
            try await readCatalog()
        }
        try await client.withLock("gpu", mode: .permit(of: 4), reason: "nightly training") { _ in
            try await train()
        }
        // end
    }

    func queue(_ client: HoldfastClient) async throws {
        // begin
        let options = LockOptions(binding: .ticket, key: "job-4211")
        let report = try await client.queue("deploy/prod", lease: .seconds(600), options: options)
        save(report.ticket.text)
        // end
    }

    func keep(_ client: HoldfastClient) async throws {
        // begin
        let lock = try await client.keep(Ticket(load()), binding: .ticket)
        try await deploy(fence: lock.fence)
        try await lock.release()
        // end
    }

    func watch(_ client: HoldfastClient) async throws {
        // begin
        let events = try await client.watch(.prefix("deploy"))
        for line in try await client.resources(under: "deploy").resources {
            print("\(line.resource): \(line.holderCount) holding, \(line.queueLength) waiting")
        }
        for await event in events {
            switch event {
            case .happened(let notice):
                print("\(notice.resource): \(notice.event) by \(notice.owner)")
            case .gap:
                print("something was missed: list again")
            }
        }
        // end
    }

    func testing() async throws {
        // begin
        try await HoldfastTestServer.withServer { server in
            let client = server.makeClient()
            try await client.withLock("deploy/prod") { lock in
                try await deploy(fence: lock.fence)
            }
            await client.close()
        }
        // end
    }
}
