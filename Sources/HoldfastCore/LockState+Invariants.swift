// What must hold after every step. Called in debug builds, in the simulator and by tests; it trusts nothing and
// walks everything.

import HoldfastModel

extension LockState {
    /// Traps where the state contradicts itself; called after every step in debug builds and simulation.
    package func checkInvariants() {
        tickets.checkInvariants()
    }
}
