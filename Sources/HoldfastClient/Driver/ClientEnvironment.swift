// What a client stands on: a loop to run on, a way to servers, a source of randomness. The kernel's in a
// program, seeded ones in a simulation.

package import HoldfastModel

/// The world of one client.
package struct ClientEnvironment: Sendable {
    package var loop: any Loop
    package var connector: any Connector
    package var random: RandomBuffer

    package init(loop: any Loop, connector: any Connector, random: RandomBuffer) {
        self.loop = loop
        self.connector = connector
        self.random = random
    }
}
