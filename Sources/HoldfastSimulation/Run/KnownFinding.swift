// What the simulation found in the product and is not mended yet: clients keep out of its way, so that seeds go on
// finding other things. Each is described where findings are kept; set it to false to see it fail.

/// Switches that hide known findings.
enum KnownFinding {
    /// An `acquired` event may come after the reply to a request that was read after the grant; its `waited` then
    /// counts from an older request than rule 13 lets the client think.
    static let eventAfterLaterReply = true
}
