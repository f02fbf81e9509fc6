// Signals as something a task waits for. A handler writes the number into a pipe, the loop reads it.
// Rejected: signalfd, because it needs the signals blocked in every thread there is, also in those the
// runtime started before us, and children would inherit the block.

import CSystem
import Glibc
import Synchronization

/// A signal this process can be sent and wait for.
package struct Signal: Hashable, Sendable {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    /// The service manager's or an operator's "please end".
    package static let terminate = Signal(number: SIGTERM)
    /// Ctrl-C.
    package static let interrupt = Signal(number: SIGINT)
    /// The terminal is gone; to a service: read the configuration again.
    package static let hangUp = Signal(number: SIGHUP)
    package static let quit = Signal(number: SIGQUIT)
    package static let user1 = Signal(number: SIGUSR1)
    package static let user2 = Signal(number: SIGUSR2)
    /// Ctrl-Z.
    package static let terminalStop = Signal(number: SIGTSTP)
    /// Goes on after a stop.
    package static let proceed = Signal(number: SIGCONT)
    /// A child ended, stopped or went on.
    package static let child = Signal(number: SIGCHLD)
    package static let windowChange = Signal(number: SIGWINCH)
}

/// The signals of this process, caught from its making until `close`, waited for on one loop.
///
/// One at a time in a process: there is one handler. A signal that comes while nobody waits is kept.
package final class Signals: ReadinessHandler, @unchecked Sendable {
    private let loop: EventLoop
    private let caught: Set<Signal>
    private var isOpen = true
    private var token: RegistrationToken?
    private var arrived: [Signal] = []
    private var waiter = WaitPlace<Void>()

    private static let isInUse = Atomic<Bool>(false)

    /// Made once and never closed: a handler that is still running on another thread may write to it.
    private struct Pipe: Sendable {
        let reading: Int32
        let writing: Int32
    }

    private static let pipe: Result<Pipe, SystemError> = {
        var numbers: [Int32] = [-1, -1]
        guard holdfast_pipe(&numbers) == 0 else { return .failure(SystemError.last("pipe2")) }
        return .success(Pipe(reading: numbers[0], writing: numbers[1]))
    }()

    private let pipe: Pipe

    /// Catches these signals from now on.
    ///
    /// Any thread.
    package init(_ signals: Set<Signal>, on loop: EventLoop) throws(SystemError) {
        pipe = try Self.pipe.get()
        self.loop = loop
        caught = signals
        let isFree = Self.isInUse.compareExchange(
            expected: false,
            desired: true,
            ordering: .acquiringAndReleasing
        ).exchanged
        precondition(isFree, "a process has one signal handler")
        // What was caught for an earlier owner is not meant for this one.
        drain()
        arrived = []
        holdfast_signals_to(pipe.writing)
        for signal in signals { _ = holdfast_signal_catch(signal.number) }
    }

    /// Waits for the next signal; nil when the task was cancelled or this was closed.
    ///
    /// On the loop.
    package func next() async -> Signal? {
        loop.requireCurrent()
        while isOpen, !Task.isCancelled {
            drain()
            if !arrived.isEmpty { return arrived.removeFirst() }
            if token == nil {
                token = loop.register(self, descriptor: pipe.reading)
                guard token != nil else { return nil }
            }
            let number = waiter.nextNumber()
            await parked {
                waiter.park($0)
            } onCancel: {
                loop.post { self.waiter.wake(number: number, ()) }
            }
        }
        return nil
    }

    /// Gives the signals back the effect they had before.
    ///
    /// On the loop; again does nothing.
    package func close() {
        loop.requireCurrent()
        guard isOpen else { return }
        isOpen = false
        for signal in caught { _ = holdfast_signal_restore(signal.number) }
        holdfast_signals_to(-1)
        if let token { loop.unregister(token, descriptor: pipe.reading) }
        token = nil
        Self.isInUse.store(false, ordering: .releasing)
        waiter.wake(())
    }

    /// A write to a connection that is gone is an error of the write, never the end of the process.
    package static func ignoreBrokenPipes() { _ = holdfast_signal_ignore(SIGPIPE) }

    func becameReady(_ readiness: Readiness) { waiter.wake(()) }

    private func drain() {
        var bytes: [UInt8] = Array(repeating: 0, count: 64)
        while true {
            let count = read(pipe.reading, &bytes, bytes.count)
            guard count > 0 else { return }
            arrived += bytes[..<count].map { Signal(number: Int32($0)) }
        }
    }
}
