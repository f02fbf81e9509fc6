// The earlier and the later of two instants, without the generic functions of the standard library: those look
// up `<` in a table at run time where a type comes from another module, and the clock of every resource is asked
// after every step.

import HoldfastModel

func min(_ one: Instant, _ other: Instant) -> Instant { other < one ? other : one }

func max(_ one: Instant, _ other: Instant) -> Instant { other < one ? one : other }

func max(_ one: Interval, _ other: Interval) -> Interval { other < one ? one : other }

func max(_ one: Fence, _ other: Fence) -> Fence { other < one ? one : other }
