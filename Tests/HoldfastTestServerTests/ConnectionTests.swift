// Connections that break, servers that go, clients that close: over real sockets.

import HoldfastTestServer
import Testing

@testable import HoldfastClient

struct ConnectionTests {
    @Test func `rule 5: a lock survives a broken connection`() async throws {
        try await HoldfastTestServer.withServer { server in
            let network = CuttableNetwork()
            let (client, loop) = try network.makeClient(of: server)
            let lock = try await client.lock("demo", lease: .unhurried)
            let fence = lock.fence
            network.cut(on: loop)
            // Asked on the new connection: the same ticket, the same fence.
            let view = try await client.status(lock.ticket)
            #expect(view.state == "acquired")
            #expect(view.fence == fence)
            #expect(lock.isHeld)
            #expect(network.connectionCount == 2)
            await client.close()
        }
    }

    @Test func `rule 5: a waiter keeps its place over a broken connection`() async throws {
        try await HoldfastTestServer.withServer { server in
            let network = CuttableNetwork()
            let (client, loop) = try network.makeClient(of: server)
            let other = server.makeClient(configuration: .unhurried)
            let lock = try await other.lock("demo", lease: .unhurried)
            async let waiter = client.lock("demo", lease: .unhurried)
            let stage = Stage(server: server, client: client, other: other)
            try await stage.waitForQueue(of: "demo", 1)
            let before = try await other.list("demo").queue.map(\.number)
            network.cut(on: loop)
            try await client.ping()
            #expect(try await other.list("demo").queue.map(\.number) == before)
            try await lock.release()
            #expect(try await waiter.isHeld)
            await client.close()
            await other.close()
        }
    }

    @Test func `a waiter without a session queues again after a broken connection`() async throws {
        try await HoldfastTestServer.withServer { server in
            let network = CuttableNetwork()
            var world = try ClientEnvironment.kernel()
            world.connector = network
            let client = HoldfastClient(
                try #require(.init(parsing: server.address)),
                configuration: .unhurriedWithoutSession,
                in: world
            )
            let other = server.makeClient(configuration: .unhurried)
            let lock = try await other.lock("demo", lease: .unhurried)
            async let waiter = client.lock("demo", lease: .unhurried)
            let stage = Stage(server: server, client: client, other: other)
            try await stage.waitForQueue(of: "demo", 1)
            network.cut(on: world.loop)
            try await client.ping()
            try await stage.waitForQueue(of: "demo", 1)
            try await lock.release()
            #expect(try await waiter.isHeld)
            await client.close()
            await other.close()
        }
    }

    @Test func `many requests are all answered though the connection breaks again and again`()
        async throws
    {
        try await HoldfastTestServer.withServer { server in
            let network = CuttableNetwork()
            let (client, loop) = try network.makeClient(of: server)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await client.withLock("demo/\(number % 4)", lease: .unhurried) { lock in
                            #expect(lock.isHeld)
                        }
                    }
                    if number.isMultiple(of: 10) { network.cut(on: loop) }
                }
                try await group.waitForAll()
            }
            for number in 0..<4 {
                let resource = try await client.list("demo/\(number)")
                #expect(resource.holderCount == 0)
                #expect(resource.queueLength == 0)
            }
            await client.close()
        }
    }

    @Test func `a server that forgot the session takes its locks along`() async throws {
        let first = try HoldfastTestServer()
        try await first.start()
        let client = first.makeClient(configuration: .unhurried)
        let lock = try await client.lock("demo", lease: .unhurried)
        await first.stop()
        let second = try HoldfastTestServer(port: first.port)
        try await second.start()
        #expect(await lock.waitUntilLost() == LockLoss(.sessionEnded))
        let again = try await client.lock("demo", lease: .unhurried, wait: .zero)
        #expect(again.fence > lock.fence)
        await client.close()
        await second.stop()
    }

    @Test func `a watch goes on behind a gap`() async throws {
        try await HoldfastTestServer.withServer { server in
            let network = CuttableNetwork()
            let (client, loop) = try network.makeClient(of: server)
            let events = try await client.watch(.everything)
            network.cut(on: loop)
            try await client.ping()
            _ = try await client.lock("demo", lease: .unhurried)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == .gap(missed: nil))
            guard case .happened(let notice)? = await iterator.next() else {
                Issue.record("nothing happened")
                return
            }
            #expect(notice.event == "acquired")
            #expect(notice.resource == "demo")
            await client.close()
        }
    }

    @Test func `a server that is not there is unreachable`() async throws {
        let server = try HoldfastTestServer()
        try await server.start()
        await server.stop()
        let client = HoldfastClient(
            server.address,
            configuration: HoldfastClient.Configuration(patience: .zero)
        )
        do throws(HoldfastError) {
            _ = try await client.lock("demo", lease: .unhurried)
            Issue.record("granted by nobody")
        } catch .unreachable(let why) {
            #expect(why.contains("\(server.port)"))
        } catch {
            Issue.record(error)
        }
        await client.close()
    }

    @Test func `closing ends the session and what is bound to it`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            await stage.client.close()
            #expect(lock.loss == LockLoss(.closed))
            #expect(try await isFree("demo", for: stage.other))
        }
    }

    @Test func `closing ends the waiting of every task`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.other.lock("demo", lease: .unhurried)
            await withTaskGroup(of: HoldfastError?.self) { group in
                group.addTask {
                    do throws(HoldfastError) {
                        _ = try await stage.client.lock("demo", lease: .unhurried)
                        return nil
                    } catch {
                        return error
                    }
                }
                try? await stage.waitForQueue(of: "demo", 1)
                await stage.client.close()
                for await error in group { #expect(error == .closed) }
            }
            #expect(lock.isHeld)
        }
    }

    @Test func `a closed client answers nothing more`() async throws {
        try await Stage.with { stage in
            try await stage.client.ping()
            await stage.client.close()
            await stage.client.close()
            await #expect(throws: HoldfastError.closed) { try await stage.client.ping() }
            await #expect(throws: HoldfastError.closed) {
                try await stage.client.watch(.everything)
            }
            var events = try await stage.client.events().makeAsyncIterator()
            #expect(await events.next() == nil)
        }
    }

    @Test func `a client that was never used is closed like any other`() async throws {
        let client = HoldfastClient("127.0.0.1:1")
        await client.close()
        await #expect(throws: HoldfastError.closed) { try await client.ping() }
    }

    @Test func `a client in a scope is closed with it`() async throws {
        try await HoldfastTestServer.withServer { server in
            let escaped = try await HoldfastClient.withClient(server.address) { client in
                let lock = try await client.lock("demo", lease: .unhurried)
                #expect(lock.isHeld)
                return client
            }
            await #expect(throws: HoldfastError.closed) { try await escaped.ping() }
            let other = server.makeClient(configuration: .unhurried)
            #expect(try await isFree("demo", for: other))
            await other.close()
        }
    }

    @Test func `a client can be run by its program`() async throws {
        try await HoldfastTestServer.withServer { server in
            let client = server.makeClient(configuration: .unhurried)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                try await client.ping()
                // Cancelling the program's task closes the client.
                group.cancelAll()
                try await group.waitForAll()
            }
            await client.close()
            await #expect(throws: HoldfastError.closed) { try await client.ping() }
        }
    }

    @Test func `the end of the last reference closes a client`() async throws {
        try await HoldfastTestServer.withServer { server in
            var client: HoldfastClient? = server.makeClient(configuration: .unhurried)
            let ticket = try await client?.queue("demo", lease: .unhurried).ticket
            #expect(ticket != nil)
            client = nil
            let other = server.makeClient(configuration: .unhurried)
            // Granted when the session of the first has said bye.
            #expect(try await other.lock("demo", lease: .unhurried).isHeld)
            await other.close()
        }
    }
}
