// Trees that keep tickets in an order and know how many stand before each (rule 9): the queue by
// order of granting, the holders by fence, the tickets of one owner. A treap over arrays: every
// node is a ticket's index and a ticket stands in one tree of a forest, so all trees share one
// array of nodes. Weights are the random bits of ticket ids, which a client cannot choose: nobody
// can unbalance a tree. A skip list and a B-tree were rejected: more code, and no rank without more
// counters.

/// Trees of one set of nodes; a tree is known by its root.
struct OrderForest: Sendable {
    private struct Node {
        var key: UInt64 = 0
        var left = OrderForest.none
        var right = OrderForest.none
        /// Of the tree below and with it; zero where the node stands in no tree.
        var size: UInt32 = 0
        var weight: UInt32 = 0
    }

    private var nodes: [Node] = []

    static let none = UInt32.max

    private var standingCount = 0
    private var removalsUntilLook = 1_024

    func count(under root: UInt32) -> Int { Int(size(root)) }

    mutating func insert(_ node: UInt32, key: UInt64, weight: UInt32, into root: inout UInt32) {
        if nodes.count <= node {
            nodes.append(contentsOf: repeatElement(Node(), count: Int(node) + 1 - nodes.count))
            removalsUntilLook = max(removalsUntilLook, nodes.count)
        }
        nodes[Int(node)] = Node(key: key, size: 1, weight: weight)
        standingCount += 1
        root = inserted(node, under: root)
    }

    mutating func remove(key: UInt64, from root: inout UInt32) {
        root = removed(key, under: root)
        standingCount -= 1
        giveBackMemory()
    }

    /// How many keys under `root` are smaller.
    func rank(of key: UInt64, under root: UInt32) -> Int {
        var (node, rank) = (root, 0)
        while node != OrderForest.none {
            let place = nodes[Int(node)]
            if key <= place.key {
                node = place.left
            } else {
                rank += Int(size(place.left)) + 1
                node = place.right
            }
        }
        return rank
    }

    /// The node with `rank` smaller keys; nil past the end.
    func node(at rank: Int, under root: UInt32) -> UInt32? {
        guard rank >= 0, rank < count(under: root) else { return nil }
        var (node, before) = (root, rank)
        while true {
            let left = Int(size(nodes[Int(node)].left))
            if before == left { return node }
            if before < left {
                node = nodes[Int(node)].left
            } else {
                before -= left + 1
                node = nodes[Int(node)].right
            }
        }
    }

    func first(under root: UInt32) -> UInt32? {
        guard root != OrderForest.none else { return nil }
        var node = root
        while nodes[Int(node)].left != OrderForest.none { node = nodes[Int(node)].left }
        return node
    }

    /// The node with the smallest key that is not below `key`.
    func first(from key: UInt64, under root: UInt32) -> UInt32? {
        var (node, best) = (root, OrderForest.none)
        while node != OrderForest.none {
            if nodes[Int(node)].key < key {
                node = nodes[Int(node)].right
            } else {
                best = node
                node = nodes[Int(node)].left
            }
        }
        return best == OrderForest.none ? nil : best
    }

    /// At most `limit` nodes in order, those after the first `skipped`.
    func nodes(after skipped: Int, limit: Int, under root: UInt32) -> [UInt32] {
        let end = min(skipped + limit, count(under: root))
        guard skipped < end else { return [] }
        return (skipped..<end).compactMap { node(at: $0, under: root) }
    }

    /// How many nodes a search under `root` looks at, at most.
    func depth(under root: UInt32) -> Int {
        guard root != OrderForest.none else { return 0 }
        let node = nodes[Int(root)]
        return 1 + max(depth(under: node.left), depth(under: node.right))
    }

    func key(of node: UInt32) -> UInt64 { nodes[Int(node)].key }

    private func size(_ node: UInt32) -> UInt32 {
        node == OrderForest.none ? 0 : nodes[Int(node)].size
    }

    private mutating func updateSize(_ node: UInt32) {
        nodes[Int(node)].size = 1 + size(nodes[Int(node)].left) + size(nodes[Int(node)].right)
    }

    private mutating func inserted(_ node: UInt32, under root: UInt32) -> UInt32 {
        guard root != OrderForest.none else { return node }
        let key = nodes[Int(node)].key
        if nodes[Int(root)].weight < nodes[Int(node)].weight {
            let (left, right) = split(root, at: key)
            nodes[Int(node)].left = left
            nodes[Int(node)].right = right
            updateSize(node)
            return node
        }
        precondition(nodes[Int(root)].key != key, "two tickets at one place in the order")
        if key < nodes[Int(root)].key {
            nodes[Int(root)].left = inserted(node, under: nodes[Int(root)].left)
        } else {
            nodes[Int(root)].right = inserted(node, under: nodes[Int(root)].right)
        }
        nodes[Int(root)].size += 1
        return root
    }

    private mutating func removed(_ key: UInt64, under root: UInt32) -> UInt32 {
        precondition(root != OrderForest.none, "a ticket is not where its order says")
        if nodes[Int(root)].key == key {
            let rest = merged(nodes[Int(root)].left, nodes[Int(root)].right)
            nodes[Int(root)] = Node()
            return rest
        }
        if key < nodes[Int(root)].key {
            nodes[Int(root)].left = removed(key, under: nodes[Int(root)].left)
        } else {
            nodes[Int(root)].right = removed(key, under: nodes[Int(root)].right)
        }
        nodes[Int(root)].size -= 1
        return root
    }

    private mutating func split(_ root: UInt32, at key: UInt64) -> (UInt32, UInt32) {
        guard root != OrderForest.none else { return (OrderForest.none, OrderForest.none) }
        if nodes[Int(root)].key < key {
            let (left, right) = split(nodes[Int(root)].right, at: key)
            nodes[Int(root)].right = left
            updateSize(root)
            return (root, right)
        }
        let (left, right) = split(nodes[Int(root)].left, at: key)
        nodes[Int(root)].left = right
        updateSize(root)
        return (left, root)
    }

    private mutating func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
        guard left != OrderForest.none else { return right }
        guard right != OrderForest.none else { return left }
        if nodes[Int(left)].weight > nodes[Int(right)].weight {
            nodes[Int(left)].right = merged(nodes[Int(left)].right, right)
            updateSize(left)
            return left
        }
        nodes[Int(right)].left = merged(left, nodes[Int(right)].left)
        updateSize(right)
        return right
    }

    /// Lets the memory of a crowd leave after it.
    ///
    /// Looked at once in as many removals as there are nodes, so that the way back is paid for,
    /// too.
    private mutating func giveBackMemory() {
        removalsUntilLook -= 1
        guard removalsUntilLook <= 0, standingCount == 0 else { return }
        nodes = []
        removalsUntilLook = 1_024
    }

    /// Traps where the tree contradicts itself; calls `visit` for every node in order.
    func checkInvariants(under root: UInt32, _ visit: (UInt32, UInt64) -> Void) {
        var keys: (last: UInt64?, count: Int) = (nil, 0)
        check(root) { node, key in
            precondition(keys.last.map { $0 < key } ?? true, "the tree is out of order")
            keys = (key, keys.count + 1)
            visit(node, key)
        }
        precondition(keys.count == count(under: root), "the tree is miscounted")
    }

    private func check(_ root: UInt32, _ visit: (UInt32, UInt64) -> Void) {
        guard root != OrderForest.none else { return }
        let node = nodes[Int(root)]
        precondition(node.size == 1 + size(node.left) + size(node.right), "a subtree is miscounted")
        for child in [node.left, node.right] where child != OrderForest.none {
            precondition(nodes[Int(child)].weight <= node.weight, "a child outweighs its parent")
        }
        check(node.left, visit)
        visit(root, node.key)
        check(node.right, visit)
    }
}
