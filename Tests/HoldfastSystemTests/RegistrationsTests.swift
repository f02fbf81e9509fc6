// Who hears of an event: never somebody who took the place of the one it was meant for.

import Testing

@testable import HoldfastSystem

struct RegistrationsTests {
    private final class Handler: ReadinessHandler {
        func becameReady(_ readiness: Readiness) {}
    }

    @Test func `an event finds the handler that was registered`() {
        var registrations = Registrations()
        let handlers = [Handler(), Handler()]
        let tokens = handlers.map { registrations.insert($0) }
        #expect(registrations.count == 2)
        for (token, handler) in zip(tokens, handlers) {
            #expect(registrations.handler(of: RegistrationToken(bits: token.bits)) === handler)
        }
    }

    @Test func `an event for one that was removed finds nobody, also when its place is taken`() {
        var registrations = Registrations()
        let old = registrations.insert(Handler())
        registrations.remove(old)
        #expect(registrations.handler(of: old) == nil)
        let heir = Handler()
        let new = registrations.insert(heir)
        #expect(new.index == old.index)
        #expect(registrations.handler(of: old) == nil)
        #expect(registrations.handler(of: new) === heir)
    }

    @Test func `a token that was never given out finds nobody`() {
        let registrations = Registrations()
        #expect(registrations.handler(of: RegistrationToken(index: 7, generation: 0)) == nil)
    }
}
