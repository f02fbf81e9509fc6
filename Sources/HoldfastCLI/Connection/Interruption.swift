// Ctrl-C and its relatives for commands that wait: the first asks for an orderly end, the second does not
// wait for it.

import CSystem
import Glibc
import HoldfastModel
import HoldfastSystem

/// The signals that end a command.
struct Interruption: Sendable {
    private let signals: Signals
    private let bell: Bell

    /// Catches them from now on; a hang-up that is ignored stays so, which is what nohup is for.
    init(on loop: EventLoop) throws(SystemError) {
        var numbers = [SIGINT, SIGTERM, SIGQUIT]
        if holdfast_is_ignored(SIGHUP) == 0 { numbers.append(SIGHUP) }
        signals = try Signals(Set(numbers.map(Signal.init(number:))), on: loop)
        bell = Bell(on: loop)
    }

    /// Runs `body` until it is done or a signal came; then its task is cancelled and waited for.
    ///
    /// A second signal ends the process at once.
    func guarding<Value: Sendable>(
        on loop: EventLoop,
        _ body: @escaping @Sendable () async -> Value
    ) async -> (value: Value?, signal: Int32?) {
        await withTaskGroup(of: Finding<Value>.self) { group in
            group.addTask(executorPreference: loop) { .done(await interruptible(on: loop, body)) }
            group.addTask(executorPreference: loop) { .signal(await signals.next()?.number) }
            var value: Value?
            var signal: Int32?
            while let finding = await group.next() {
                switch finding {
                case .done(let found):
                    value = found
                    group.cancelAll()
                case .signal(let number?):
                    if signal != nil { exit(ExitCode.signal(number).number) }
                    signal = number
                    bell.ring()
                    group.addTask(executorPreference: loop) {
                        .signal(await signals.next()?.number)
                    }
                case .signal(nil): break
                }
            }
            signals.close()
            return (value, signal)
        }
    }

    /// The body, cancelled when the bell rings.
    private func interruptible<Value: Sendable>(
        on loop: EventLoop,
        _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask(executorPreference: loop) { await body() }
            group.addTask(executorPreference: loop) {
                _ = await bell.rings()
                return nil
            }
            var value: Value?
            while let found = await group.next() {
                value = found ?? value
                group.cancelAll()
            }
            return value
        }
    }

    private enum Finding<Value: Sendable>: Sendable {
        case done(Value?)
        case signal(Int32?)
    }
}
