// How much of a request is taken before it is refused (rule 31, HTTP §4). Each bound has a status of its own, so that
// whoever runs into one is told which.

/// The bounds of one request.
package struct HTTPLimits: Hashable, Sendable {
    /// From the first byte of the request line to the empty line, trailers have as much (431).
    package var headBytes = 16_384
    /// Of the request line without its end (414).
    package var requestLineBytes = 8_192
    /// Of the head; trailers may have as many (431).
    package var fieldCount = 100
    /// Of the body when its chunks are put together (413).
    package var bodyBytes = 65_536
    /// Of the line before a chunk, extensions counted, without its end (400).
    package var chunkLineBytes = 256

    package init() {}

    /// No method that anybody speaks is longer (501).
    static let methodBytesMax = 24
    /// Of what is kept behind a request whose answer takes long; with more, that one is not waited for any longer.
    package static let bytesBehindMax = 65_536
}
