// A lock that went to rest and was woken again must not know it: whoever steps one may step this instead.

@testable import HoldfastCore

extension LockState {
    /// Itself, after a rest, where it can rest.
    func rested() -> LockState {
        guard canRest else { return self }
        var numbers = PackedNumbers()
        let keepsake = rest(in: &numbers)
        return LockState(waking: numbers.bytes.span, keepsake, path: path, bounds: bounds)
    }
}
