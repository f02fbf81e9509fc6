// Where connections come in: one listening socket per loop, all on one port, and the kernel deals the
// connections out (SO_REUSEPORT). The trap in that option: a second server of the same user could join the
// port silently, and two coordinators would share the clients. So the first socket is bound and
// listens *without* it, which the kernel allows one socket only; then the option is switched on and
// the others join.
//
// Out of descriptors: the connection stays in the kernel's queue, and the listener rests for 100 ms by an
// alarm, as a listener that stays readable would spin otherwise.

import CSystem
import Glibc
package import HoldfastModel

/// One listening socket of one event loop.
package final class SocketListener: StreamListener, ReadinessHandler, @unchecked Sendable {
    package let address: String
    /// The same for programs.
    package let socketAddress: SocketAddress

    /// How often it rested, because the process or the machine had no descriptor or memory.
    ///
    /// On the loop.
    package private(set) var restCount = 0

    private static let restLength = Interval.milliseconds(100)
    /// Connections taken in one go before others have their turn.
    private static let batchCount = 64
    private static let backlog: Int32 = 4_096

    private let loop: EventLoop
    private let rest: LoopAlarm
    private var descriptor: FileDescriptor?
    private var token: RegistrationToken?
    private var mayAccept = true
    private var batch = 0
    private var waiter = WaitPlace<Void>()

    private init(
        _ descriptor: consuming FileDescriptor,
        at address: SocketAddress,
        on loop: EventLoop
    ) {
        self.descriptor = consume descriptor
        socketAddress = address
        self.address = address.text
        self.loop = loop
        rest = LoopAlarm(of: loop)
    }

    /// Listens at one address, a socket for each loop, all on the same port.
    package static func bind(
        to address: ListenAddress,
        on loops: [EventLoop],
        options: SocketOptions = SocketOptions()
    ) throws(BindError) -> [SocketListener] {
        var target = try address.resolve()
        var listeners: [SocketListener] = []
        for loop in loops {
            let name = address.description
            let isFirst = listeners.isEmpty
            let descriptor = try open(target, named: name, joins: !isFirst, options)
            if isFirst {
                guard let bound = SocketAddress.bound(to: descriptor) else {
                    throw BindError(address: name, call: "getsockname", number: errno)
                }
                // Port 0 became a number: the others bind to that.
                target = bound
            }
            if isFirst, loops.count > 1, holdfast_set_reuse_port(descriptor.number) != 0 {
                throw BindError(address: name, call: "setsockopt", number: errno)
            }
            listeners.append(SocketListener(descriptor, at: target, on: loop))
        }
        return listeners
    }

    private static func open(
        _ address: SocketAddress,
        named name: String,
        joins: Bool,
        _ options: SocketOptions
    ) throws(BindError) -> FileDescriptor {
        func check(_ call: String, _ isGood: Bool) throws(BindError) {
            guard isGood else { throw BindError(address: name, call: call, number: errno) }
        }
        let number = holdfast_tcp_socket(address.family)
        try check("socket", number >= 0)
        let descriptor = FileDescriptor(owning: number)
        // A port whose last connections are still dying may be taken again at once.
        try check("setsockopt", holdfast_set_reuse_address(number) == 0)
        try check("setsockopt", options.apply(to: descriptor))
        if address.family == AF_INET6 {
            // "[::]" and "0.0.0.0" can both be listened at.
            try check("setsockopt", holdfast_set_ipv6_only(number) == 0)
        }
        if joins { try check("setsockopt", holdfast_set_reuse_port(number) == 0) }
        try check("bind", address.withPointer { Glibc.bind(number, $0, $1) } == 0)
        try check("listen", listen(number, backlog) == 0)
        return descriptor
    }

    // MARK: StreamListener

    package func accept() async -> (any ByteStream)? {
        loop.requireCurrent()
        while let number = descriptor?.number, !Task.isCancelled {
            if !mayAccept {
                await waitForReadiness()
            } else if batch == Self.batchCount {
                batch = 0
                await loop.letOthersRun()
            } else if let stream = await acceptNow(number) {
                batch += 1
                return stream
            }
        }
        return nil
    }

    package func close() {
        loop.requireCurrent()
        guard let number = descriptor?.number else { return }
        // A process that is just being started holds a copy until its program runs, and would go on listening.
        shutdown(number, Int32(SHUT_RDWR))
        if let token { loop.registrations.remove(token) }
        token = nil
        descriptor = nil
        waiter.wake(())
        rest.set(for: .zero)
    }

    // MARK: Accepting

    /// Takes one connection if there is one; rests when the kernel has no room for it.
    private func acceptNow(_ listener: Int32) async -> SocketStream? {
        var storage = sockaddr_storage()
        var length = socklen_t(0)
        let number = holdfast_accept(listener, &storage, &length)
        if number >= 0 {
            let peer = SocketAddress(storage, length: length)?.text ?? "unknown"
            return SocketStream(FileDescriptor(owning: number), peer: peer, on: loop)
        }
        switch errno {
        case EAGAIN:
            mayAccept = false
            batch = 0
        case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
            EOPNOTSUPP, ENETUNREACH:
            // That connection died before it was taken; the next one is asked for.
            break
        default:
            await takeRest()
        }
        return nil
    }

    private func takeRest() async {
        restCount += 1
        rest.set(for: BootClock.now + Self.restLength)
        _ = await rest.rings()
    }

    private func waitForReadiness() async {
        guard token != nil || register() else {
            // The kernel does not watch it: it is asked again after a rest.
            mayAccept = true
            return await takeRest()
        }
        let number = waiter.nextNumber()
        await parked {
            waiter.park($0)
        } onCancel: {
            loop.post { self.waiter.wake(number: number, ()) }
        }
    }

    private func register() -> Bool {
        guard let number = descriptor?.number else { return false }
        token = loop.register(self, descriptor: number)
        return token != nil
    }

    func becameReady(_ readiness: Readiness) {
        mayAccept = true
        waiter.wake(())
    }
}
