// How a client reaches a server over TCP. Every address of a name is tried in the resolver's order, and
// one deadline bounds it all. The task that connects waits in one place; the kernel, the resolver, the
// alarm and the cancellation each knock there, and the first one counts.

import CSystem
import Glibc
package import HoldfastModel

/// Connects over kernel sockets, on event loops of this module.
package struct SocketConnector: Connector {
    /// How long connecting may take, looking up the name included.
    package var timeout: Interval

    package init(timeout: Interval = .seconds(10)) { self.timeout = timeout }

    package func connect(
        to address: ServerAddress,
        on loop: any Loop
    ) async throws(ConnectError) -> any ByteStream {
        guard let loop = loop as? EventLoop else {
            preconditionFailure("kernel sockets need a kernel loop")
        }
        loop.requireCurrent()
        let attempt = ConnectAttempt(on: loop)
        attempt.giveUp(at: BootClock.now + timeout)
        defer { attempt.end() }
        return try await attempt.reach(address)
    }
}

/// One call of `connect`, used on its loop.
private final class ConnectAttempt: @unchecked Sendable {
    /// What ended a wait.
    private enum Knock: Sendable {
        case found([SocketAddress])
        case ready
        case timedOut
        case cancelled
    }

    private let loop: EventLoop
    private var waiter = WaitPlace<Knock>()
    private var alarm: LoopAlarm?
    /// A deadline that passes between two waits ends the next one.
    private var isOver = false

    init(on loop: EventLoop) { self.loop = loop }

    func giveUp(at deadline: Instant) {
        let alarm = LoopAlarm(of: loop) { [weak self] in
            self?.isOver = true
            self?.waiter.wake(.timedOut)
        }
        alarm.set(for: deadline)
        self.alarm = alarm
    }

    func end() { alarm?.set(for: .never) }

    func reach(_ address: ServerAddress) async throws(ConnectError) -> SocketStream {
        var failure = ConnectError.unknownHost(address.host)
        for target in try await addresses(of: address) {
            do throws(ConnectError) {
                return try await open(target)
            } catch {
                guard !isOver, error != .cancelled else { throw error }
                failure = error
            }
        }
        throw failure
    }

    private func addresses(
        of address: ServerAddress
    ) async throws(ConnectError) -> [SocketAddress] {
        if let numeric = SocketAddress(numericHost: address.host, port: address.port) {
            return [numeric]
        }
        let knock = await knock { number in
            let isAsked = NameResolver.ask(for: address.host, port: address.port, on: loop) {
                found in
                self.waiter.wake(number: number, .found(found))
            }
            if !isAsked { waiter.wake(.found([])) }
        }
        guard case .found(let found) = knock else { throw error(of: knock) }
        return found
    }

    private func open(_ target: SocketAddress) async throws(ConnectError) -> SocketStream {
        let number = holdfast_tcp_socket(target.family)
        guard number >= 0 else { throw .failed(errno) }
        let descriptor = FileDescriptor(owning: number)
        guard SocketOptions().apply(to: descriptor) else { throw .failed(errno) }
        let result = target.withPointer { Glibc.connect(number, $0, $1) }
        let failure = result == 0 ? 0 : errno
        let stream = SocketStream(descriptor, peer: target.text, on: loop)
        // Interrupted or in progress: it goes on by itself, and the socket becomes writable at its end.
        guard [0, EINPROGRESS, EINTR].contains(failure) else {
            stream.close()
            throw error(of: failure, at: target)
        }
        do throws(ConnectError) {
            try await finish(stream, target)
            return stream
        } catch {
            stream.close()
            throw error
        }
    }

    private func finish(
        _ stream: SocketStream,
        _ target: SocketAddress
    ) async throws(ConnectError) {
        let knock = await knock { number in
            stream.whenConnected { self.waiter.wake(number: number, .ready) }
        }
        guard case .ready = knock else { throw error(of: knock) }
        let number = stream.pendingError()
        guard number == 0 else { throw error(of: number, at: target) }
    }

    /// Waits for the first knock; `start` begins what will knock with this wait's number.
    private func knock(_ start: (_ number: UInt64) -> Void) async -> Knock {
        guard !isOver else { return .timedOut }
        guard !Task.isCancelled else { return .cancelled }
        let number = waiter.nextNumber()
        return await parked {
            waiter.park($0)
            start(number)
        } onCancel: {
            loop.post { self.waiter.wake(number: number, .cancelled) }
        }
    }

    private func error(of knock: Knock) -> ConnectError {
        if case .cancelled = knock { .cancelled } else { .timedOut }
    }

    private func error(of number: Int32, at target: SocketAddress) -> ConnectError {
        switch number {
        case ECONNREFUSED: .refused(target.text)
        case ETIMEDOUT: .timedOut
        default: .failed(number)
        }
    }
}
